-- Who watches a live session at the moment, and on which node they look. Rows live as
-- long as the look; no backup has them.
CREATE TABLE session_watcher (
  id {uuid} PRIMARY KEY,
  privileged_session {uuid} NOT NULL REFERENCES privileged_session (id),
  identity {uuid} NOT NULL,
  node {uuid} NOT NULL,
  since BIGINT NOT NULL
);
CREATE INDEX session_watcher_session ON session_watcher (privileged_session);
CREATE INDEX session_watcher_node ON session_watcher (node);
