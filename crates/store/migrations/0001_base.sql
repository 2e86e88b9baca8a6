-- What every aggregate stands on: the change feed, leases, the audit record.
-- Types in braces are the database's own: {uuid} {bytes} {json} {bool} {serial}.

-- What changed, in the order of commit on one database. Every node follows it;
-- nothing relies on notification.
CREATE TABLE change (
  seq {serial},
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  at BIGINT NOT NULL
);

-- One holder at a time does a job.
CREATE TABLE lease (
  name TEXT PRIMARY KEY,
  holder {uuid} NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE TABLE node (
  id {uuid} PRIMARY KEY,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL
);

-- Settings that belong to the database and not to a node: cursor key, issuer.
CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value {bytes} NOT NULL
);

-- The audit record. `leaf` and `hash` are none until the sequencer has put the
-- event into the Merkle log; `body` is the exact text that is hashed.
CREATE TABLE event (
  id {uuid} PRIMARY KEY,
  at BIGINT NOT NULL,
  class BIGINT NOT NULL,
  activity TEXT NOT NULL,
  outcome TEXT NOT NULL,
  actor {uuid},
  target_kind TEXT,
  target_id TEXT,
  privileged_session {uuid},
  address TEXT,
  body TEXT NOT NULL,
  leaf BIGINT,
  hash {bytes}
);
CREATE UNIQUE INDEX event_leaf ON event (leaf);
CREATE INDEX event_waiting ON event (id) WHERE leaf IS NULL;
CREATE INDEX event_at ON event (at);
CREATE INDEX event_actor ON event (actor, at);
CREATE INDEX event_target ON event (target_kind, target_id, at);
CREATE INDEX event_session ON event (privileged_session, at);

CREATE TABLE checkpoint (
  size BIGINT PRIMARY KEY,
  root {bytes} NOT NULL,
  note TEXT NOT NULL,
  at BIGINT NOT NULL
);
