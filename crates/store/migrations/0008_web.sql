CREATE TABLE idempotency (
  key {bytes} PRIMARY KEY,            -- hash over session, method, path, key
  request_hash {bytes} NOT NULL,
  status BIGINT NOT NULL,
  body {bytes} NOT NULL,
  expires_at BIGINT NOT NULL
);
