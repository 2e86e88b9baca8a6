CREATE TABLE authenticator (
  id {uuid} PRIMARY KEY,
  identity {uuid} NOT NULL REFERENCES identity (id) ON DELETE CASCADE,
  factor TEXT NOT NULL,               -- password | totp | passkey | recovery | ssh-key
  label TEXT NOT NULL,
  lookup TEXT,                        -- credential id, key fingerprint: unique across identities
  data {bytes} NOT NULL,              -- the factor's own; sealed where it holds a secret
  counter BIGINT NOT NULL,            -- last TOTP step, passkey sign count
  created_at BIGINT NOT NULL,
  used_at BIGINT,
  version BIGINT NOT NULL
);
CREATE INDEX authenticator_identity ON authenticator (identity, factor);
CREATE UNIQUE INDEX authenticator_lookup ON authenticator (factor, lookup) WHERE lookup IS NOT NULL;

-- Failures, by canonical key: `identity:<uuid>`, `address:<prefix>`, `global`.
CREATE TABLE throttle (
  key TEXT PRIMARY KEY,
  failures BIGINT NOT NULL,
  first_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  locked_until BIGINT
);

-- A sign-in, step-up or enrolment in progress, found by the hash of its cookie.
CREATE TABLE signin (
  id {uuid} PRIMARY KEY,
  token_hash {bytes} NOT NULL UNIQUE,
  state {bytes} NOT NULL,             -- sealed
  expires_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);

CREATE TABLE session (
  id {uuid} PRIMARY KEY,
  token_hash {bytes} NOT NULL UNIQUE,
  identity {uuid} NOT NULL REFERENCES identity (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,                 -- browser | cli
  proofs {json} NOT NULL,
  address TEXT,
  user_agent TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT,
  revoked_because TEXT
);
CREATE INDEX session_identity ON session (identity);

-- A one-time link: first administrator, enrolment, invitation.
CREATE TABLE one_time_link (
  token_hash {bytes} PRIMARY KEY,
  purpose TEXT NOT NULL,
  identity {uuid},
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);

-- A device-flow or SSH confirmation: a short code shown elsewhere, confirmed in
-- a signed-in browser.
CREATE TABLE confirmation (
  id {uuid} PRIMARY KEY,
  purpose TEXT NOT NULL,              -- device | ssh | step-up
  user_code TEXT NOT NULL UNIQUE,
  token_hash {bytes} NOT NULL UNIQUE,
  identity {uuid},                    -- whom it must be, once known
  details {json} NOT NULL,            -- client, address, target: what the person is shown
  state TEXT NOT NULL,                -- waiting | confirmed | refused | used
  session {uuid},                     -- the browser session that confirmed
  tries BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  polled_at BIGINT
);
