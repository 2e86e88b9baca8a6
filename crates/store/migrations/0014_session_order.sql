-- A session that is held: nothing passes. By whom, since when, why.
ALTER TABLE privileged_session ADD COLUMN frozen {json};

-- What people want of a live session, in the order in which they said it: its
-- node follows. The number is the version of the session that the order made.
CREATE TABLE session_order (
  privileged_session {uuid} NOT NULL REFERENCES privileged_session (id),
  number BIGINT NOT NULL,
  kind TEXT NOT NULL,                 -- freeze, thaw, message
  ordered_by {uuid} NOT NULL,
  by_name TEXT NOT NULL,              -- as they were called then
  at BIGINT NOT NULL,
  text TEXT NOT NULL,                 -- the reason of a freeze, the message
  PRIMARY KEY (privileged_session, number)
);
