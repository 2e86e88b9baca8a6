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
-- Signing keys (tokens, checkpoints, SSH CA); the private half is sealed.
CREATE TABLE signing_key (
  id {uuid} PRIMARY KEY,
  purpose TEXT NOT NULL,              -- oidc | audit | ssh-host | …
  algorithm TEXT NOT NULL,            -- EdDSA | ES256 | RS256 | …
  public {bytes} NOT NULL,
  sealed {bytes} NOT NULL,
  state TEXT NOT NULL,                -- published | active | retired
  created_at BIGINT NOT NULL,
  activates_at BIGINT NOT NULL,
  retires_at BIGINT
);
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
CREATE TABLE secret_version (
  secret {uuid} NOT NULL REFERENCES secret (id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  state TEXT NOT NULL,                -- pending | live | retired | destroyed
  ring_key {uuid} NOT NULL,
  wrapped_key {bytes} NOT NULL,
  sealed {bytes} NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (secret, number)
);
