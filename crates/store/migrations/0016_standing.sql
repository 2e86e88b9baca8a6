-- How much privilege stood on each day, as it was measured last on that day.
CREATE TABLE standing_day (
  id {uuid} PRIMARY KEY,
  day BIGINT NOT NULL UNIQUE,         -- its beginning, in UTC
  measured_at BIGINT NOT NULL,
  people BIGINT NOT NULL,
  workloads BIGINT NOT NULL,
  accounts BIGINT NOT NULL,
  pairs BIGINT NOT NULL,
  granted_identities BIGINT NOT NULL,
  granted_accounts BIGINT NOT NULL,
  granted_pairs BIGINT NOT NULL,
  broken_pairs BIGINT NOT NULL,
  complete {bool} NOT NULL
);
CREATE INDEX standing_day_by_day ON standing_day (day, id);
