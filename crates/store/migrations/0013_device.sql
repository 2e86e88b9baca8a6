-- What people sign in with: browsers and command lines, each known again by a key
-- of its own that nobody else's row has.
CREATE TABLE device (
  id {uuid} PRIMARY KEY,
  identity {uuid} NOT NULL REFERENCES identity (id) ON DELETE CASCADE,
  token_hash {bytes} NOT NULL UNIQUE,
  kind TEXT NOT NULL,                 -- browser, cli
  label TEXT NOT NULL,                -- what it called itself when it was last seen
  managed {bool} NOT NULL,            -- an administrator's word
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX device_identity ON device (identity);
CREATE INDEX device_by_use ON device (last_seen_at, id);
CREATE INDEX device_by_creation ON device (created_at, id);
CREATE INDEX device_managed ON device (id) WHERE managed;

ALTER TABLE session ADD COLUMN device {uuid};
-- The device that was confirmed on, where that says something of the other end too.
ALTER TABLE confirmation ADD COLUMN device {uuid};
