CREATE TABLE application (
  id {uuid} PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  launch_url TEXT,
  settings {json} NOT NULL,           -- redirect URIs, client authentication, scopes, claims, logout
  secret_hash {bytes},
  enabled {bool} NOT NULL,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE TABLE consent (
  identity {uuid} NOT NULL REFERENCES identity (id) ON DELETE CASCADE,
  application {uuid} NOT NULL REFERENCES application (id) ON DELETE CASCADE,
  scopes {json} NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (identity, application)
);
-- All tokens that came from one authorization.
CREATE TABLE token_family (
  id {uuid} PRIMARY KEY,
  application {uuid} NOT NULL REFERENCES application (id) ON DELETE CASCADE,
  identity {uuid} NOT NULL REFERENCES identity (id) ON DELETE CASCADE,
  session {uuid},
  scopes {json} NOT NULL,
  facts {json} NOT NULL,              -- proofs, auth_time, acr, nonce: what tokens repeat
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT,
  revoked_because TEXT
);
CREATE INDEX token_family_identity ON token_family (identity);
CREATE INDEX token_family_session ON token_family (session);
CREATE TABLE authorization_code (
  hash {bytes} PRIMARY KEY,
  family {uuid} NOT NULL REFERENCES token_family (id) ON DELETE CASCADE,
  redirect_uri TEXT NOT NULL,
  challenge TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE TABLE refresh_token (
  hash {bytes} PRIMARY KEY,
  family {uuid} NOT NULL REFERENCES token_family (id) ON DELETE CASCADE,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE INDEX refresh_token_family ON refresh_token (family);
CREATE TABLE access_token (
  hash {bytes} PRIMARY KEY,           -- of the token's jti
  family {uuid} NOT NULL REFERENCES token_family (id) ON DELETE CASCADE,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT
);
-- Single-use identifiers of others: client assertions, DPoP proofs.
CREATE TABLE used_jti (
  key {bytes} PRIMARY KEY,            -- hash over length-prefixed issuer and jti
  expires_at BIGINT NOT NULL
);
