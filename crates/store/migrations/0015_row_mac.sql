-- What says that this house wrote a row: the id of a key of the ring, then a MAC by
-- it over every column that decides. Rows from before are adopted once.
ALTER TABLE policy ADD COLUMN mac {bytes};
ALTER TABLE team ADD COLUMN mac {bytes};
ALTER TABLE role ADD COLUMN mac {bytes};
ALTER TABLE authenticator ADD COLUMN mac {bytes};
ALTER TABLE access_grant ADD COLUMN mac {bytes};
ALTER TABLE request ADD COLUMN mac {bytes};
ALTER TABLE approval ADD COLUMN mac {bytes};
ALTER TABLE session ADD COLUMN mac {bytes};
ALTER TABLE one_time_link ADD COLUMN mac {bytes};
ALTER TABLE confirmation ADD COLUMN mac {bytes};
-- A membership that is given again is another one: its number is greater than that of
-- the one that was taken.
ALTER TABLE team_identity ADD COLUMN version BIGINT;
ALTER TABLE team_identity ADD COLUMN mac {bytes};
ALTER TABLE team_team ADD COLUMN version BIGINT;
ALTER TABLE team_team ADD COLUMN mac {bytes};
ALTER TABLE role_holder ADD COLUMN version BIGINT;
ALTER TABLE role_holder ADD COLUMN mac {bytes};
-- The digest of the MACs of all rows of a table, where a row that is missing is as bad
-- as a row that is forged.
CREATE TABLE row_set (
  name TEXT PRIMARY KEY,
  digest {bytes} NOT NULL,
  version BIGINT NOT NULL,
  mac {bytes}
);
