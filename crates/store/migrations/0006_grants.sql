CREATE TABLE request (
  id {uuid} PRIMARY KEY,
  requester {uuid} NOT NULL REFERENCES identity (id) ON DELETE CASCADE,
  about_kind TEXT NOT NULL,           -- Account | Application
  about_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  duration BIGINT NOT NULL,           -- microseconds
  needed BIGINT NOT NULL,
  state TEXT NOT NULL,                -- pending | approved | denied | withdrawn | expired
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  decided_at BIGINT,
  version BIGINT NOT NULL
);
CREATE INDEX request_state ON request (state, created_at);
CREATE INDEX request_requester ON request (requester, created_at);
CREATE TABLE approval (
  id {uuid} PRIMARY KEY,
  request {uuid} NOT NULL REFERENCES request (id) ON DELETE CASCADE,
  decided_by {uuid} NOT NULL REFERENCES identity (id),
  decision TEXT NOT NULL,
  comment TEXT NOT NULL,
  at BIGINT NOT NULL,
  UNIQUE (request, decided_by)
);
CREATE TABLE access_grant (
  id {uuid} PRIMARY KEY,
  request {uuid} UNIQUE REFERENCES request (id),
  holder {uuid} NOT NULL REFERENCES identity (id) ON DELETE CASCADE,
  about_kind TEXT NOT NULL,
  about_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  approvals BIGINT NOT NULL,
  break_glass {bool} NOT NULL,
  reviewed_by {uuid},                 -- break-glass: who reviewed it
  reviewed_at BIGINT,
  review_comment TEXT,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  ended_at BIGINT,
  end_cause {json},
  version BIGINT NOT NULL
);
CREATE INDEX access_grant_holder ON access_grant (holder, ended_at);
CREATE INDEX access_grant_ends ON access_grant (ends_at) WHERE ended_at IS NULL;

-- What must be told to people and machines; survives restarts.
CREATE TABLE outbox (
  id {uuid} PRIMARY KEY,
  channel TEXT NOT NULL,              -- mail | webhook | logout
  destination TEXT NOT NULL,
  body {json} NOT NULL,
  attempts BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  delivered_at BIGINT,
  failed_at BIGINT,
  last_error TEXT,
  created_at BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (next_at) WHERE delivered_at IS NULL AND failed_at IS NULL;
CREATE TABLE webhook (
  id {uuid} PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  url TEXT NOT NULL,
  events {json} NOT NULL,             -- activities, or ["*"]
  secret {uuid} NOT NULL,             -- signing secret in the vault
  enabled {bool} NOT NULL,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
