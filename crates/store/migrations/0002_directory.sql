CREATE TABLE identity (
  id {uuid} PRIMARY KEY,
  kind TEXT NOT NULL,                 -- person | workload
  name TEXT NOT NULL UNIQUE,          -- canonical sign-in name
  display_name TEXT NOT NULL,
  email TEXT,
  relation TEXT,                      -- employee | contractor | partner | vendor; none for workloads
  owner_kind TEXT,                    -- workloads: Person | Group
  owner_id {uuid},
  enabled {bool} NOT NULL,
  starts_at BIGINT,
  ends_at BIGINT,
  attributes {json} NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE UNIQUE INDEX identity_email ON identity (email) WHERE email IS NOT NULL;

CREATE TABLE team (                   -- a group; GROUP is a reserved word
  id {uuid} PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE TABLE team_identity (
  team {uuid} NOT NULL REFERENCES team (id) ON DELETE CASCADE,
  identity {uuid} NOT NULL REFERENCES identity (id) ON DELETE CASCADE,
  PRIMARY KEY (team, identity)
);
CREATE INDEX team_identity_identity ON team_identity (identity);
CREATE TABLE team_team (
  team {uuid} NOT NULL REFERENCES team (id) ON DELETE CASCADE,
  member {uuid} NOT NULL REFERENCES team (id) ON DELETE CASCADE,
  PRIMARY KEY (team, member)
);
CREATE INDEX team_team_member ON team_team (member);

CREATE TABLE role (
  id {uuid} PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE TABLE role_holder (
  role {uuid} NOT NULL REFERENCES role (id) ON DELETE CASCADE,
  holder_kind TEXT NOT NULL,          -- identity | group
  holder {uuid} NOT NULL,
  ends_at BIGINT,
  PRIMARY KEY (role, holder_kind, holder)
);
CREATE INDEX role_holder_holder ON role_holder (holder);

CREATE TABLE target (
  id {uuid} PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,                 -- the protocol's registered name: ssh
  description TEXT NOT NULL,
  settings {json} NOT NULL,           -- the protocol's settings schema
  labels {json} NOT NULL,             -- {"env": "prod"}
  enabled {bool} NOT NULL,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE TABLE account (
  id {uuid} PRIMARY KEY,
  target {uuid} NOT NULL REFERENCES target (id) ON DELETE CASCADE,
  name TEXT NOT NULL,                 -- root
  labels {json} NOT NULL,
  secret {uuid},                      -- its credential in the vault
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE (target, name)
);

CREATE TABLE policy (
  id {uuid} PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  text TEXT NOT NULL,
  enabled {bool} NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
