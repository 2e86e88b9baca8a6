CREATE TABLE privileged_session (
  id {uuid} PRIMARY KEY,
  identity {uuid} NOT NULL REFERENCES identity (id),
  account {uuid} NOT NULL,
  target {uuid} NOT NULL,
  login TEXT NOT NULL,                -- deploy@web-1, as it was called then
  protocol TEXT NOT NULL,
  access_grant {uuid},
  node {uuid} NOT NULL,
  address TEXT,
  question {json} NOT NULL,           -- the facts of its decision
  state TEXT NOT NULL,                -- opening | live | ended
  started_at BIGINT NOT NULL,
  ended_at BIGINT,
  end_cause {json},
  end_requested {json},               -- somebody on any node wants it ended; its own node does it
  coverage TEXT NOT NULL,             -- full | partial: <why>
  bytes_in BIGINT NOT NULL,
  bytes_out BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX privileged_session_state ON privileged_session (state, started_at);
CREATE INDEX privileged_session_identity ON privileged_session (identity, started_at);
CREATE TABLE recording (
  id {uuid} PRIMARY KEY,
  privileged_session {uuid} NOT NULL UNIQUE REFERENCES privileged_session (id),
  path TEXT NOT NULL,                 -- below the recordings directory
  ring_key {uuid} NOT NULL,
  wrapped_key {bytes} NOT NULL,
  format TEXT NOT NULL,               -- asciicast-v2
  chunks BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  state TEXT NOT NULL,                -- open | closed | interrupted
  created_at BIGINT NOT NULL,
  closed_at BIGINT
);
CREATE TABLE session_command (
  privileged_session {uuid} NOT NULL REFERENCES privileged_session (id),
  number BIGINT NOT NULL,
  at BIGINT NOT NULL,
  text TEXT NOT NULL,
  certain {bool} NOT NULL,            -- false: read from the screen and perhaps incomplete
  PRIMARY KEY (privileged_session, number)
);
CREATE TABLE session_file (
  privileged_session {uuid} NOT NULL REFERENCES privileged_session (id),
  number BIGINT NOT NULL,
  at BIGINT NOT NULL,
  operation TEXT NOT NULL,
  path TEXT NOT NULL,
  other_path TEXT,
  bytes BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  PRIMARY KEY (privileged_session, number)
);
