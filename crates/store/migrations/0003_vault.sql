-- The root key, wrapped; one row. `method`: keyfile | passphrase | shamir.
CREATE TABLE seal (
  id BIGINT PRIMARY KEY,
  method TEXT NOT NULL,
  params {json} NOT NULL,             -- salt, cost, threshold, shares, share check values
  wrapped {bytes} NOT NULL,
  version BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
-- The key ring: one live key for each purpose, older ones to read with.
CREATE TABLE ring_key (
  id {uuid} PRIMARY KEY,
  purpose TEXT NOT NULL,
  wrapped {bytes} NOT NULL,           -- under the root key
  live {bool} NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX ring_key_live ON ring_key (purpose) WHERE live;
-- Signing keys (tokens, checkpoints, SSH); the private half is sealed. Where a
-- key stands (published, active, retired) follows from its times alone.
CREATE TABLE signing_key (
  id {uuid} PRIMARY KEY,
  purpose TEXT NOT NULL,              -- oidc | audit | ssh-host | …
  algorithm TEXT NOT NULL,            -- EdDSA | ES256 | RS256
  public {bytes} NOT NULL,
  sealed {bytes} NOT NULL,
  created_at BIGINT NOT NULL,
  activates_at BIGINT NOT NULL,
  retires_at BIGINT                   -- no longer published from then on
);
CREATE INDEX signing_key_purpose ON signing_key (purpose, activates_at);
CREATE TABLE secret (
  id {uuid} PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,                 -- password | ssh-key | opaque
  description TEXT NOT NULL,
  current BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
-- `sealed` describes itself: ring key, wrapped record key, ciphertext. It is
-- empty once the version is destroyed.
CREATE TABLE secret_version (
  secret {uuid} NOT NULL REFERENCES secret (id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  state TEXT NOT NULL,                -- pending | live | retired | destroyed
  sealed {bytes} NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (secret, number)
);
CREATE INDEX secret_version_pending ON secret_version (state) WHERE state = 'pending';
