-- What people see on one node of sessions that run, and recordings that lie, on
-- another. Rows live for seconds; no backup has them. Each side counts up its own
-- number while it is there, so that no two clocks are compared.
CREATE TABLE relay (
  id {uuid} PRIMARY KEY,
  kind TEXT NOT NULL,                 -- watch | play
  privileged_session {uuid} NOT NULL REFERENCES privileged_session (id),
  node {uuid} NOT NULL,               -- which serves it
  question {json} NOT NULL,           -- the facts of the viewer's permission
  ring_key {uuid},                    -- wraps the key of the frames; none until it is served
  wrapped_key {bytes},
  asked_at BIGINT NOT NULL
);
CREATE INDEX relay_node ON relay (node);
CREATE TABLE relay_side (
  relay {uuid} NOT NULL REFERENCES relay (id) ON DELETE CASCADE,
  side TEXT NOT NULL,                 -- viewer | server
  beats BIGINT NOT NULL,
  PRIMARY KEY (relay, side)
);
CREATE TABLE relay_frame (
  relay {uuid} NOT NULL REFERENCES relay (id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  sealed {bytes} NOT NULL,
  PRIMARY KEY (relay, number)
);
