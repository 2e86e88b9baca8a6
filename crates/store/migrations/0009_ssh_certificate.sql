-- SSH certificates that the vault has issued, one for each session at most.
-- `serial` is random, and this table is what makes it unique.
CREATE TABLE ssh_certificate (
  serial BIGINT PRIMARY KEY,
  privileged_session {uuid} NOT NULL UNIQUE REFERENCES privileged_session (id),
  signing_key {uuid} NOT NULL,        -- of the authority
  principal TEXT NOT NULL,
  valid_after BIGINT NOT NULL,
  valid_before BIGINT NOT NULL
);
