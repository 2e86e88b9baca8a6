-- One index for each order of a sorted list, ending with the id that decides among
-- equal keys, so that every page costs what the first one costs. Orders by a name
-- that is unique need none of their own.
CREATE INDEX identity_by_display_name ON identity (LOWER(display_name), id);
CREATE INDEX identity_by_creation ON identity (created_at, id);
CREATE INDEX identity_by_change ON identity (updated_at, id);
CREATE INDEX team_by_creation ON team (created_at, id);
CREATE INDEX role_by_creation ON role (created_at, id);
CREATE INDEX target_by_kind ON target (kind, id);
CREATE INDEX target_by_creation ON target (created_at, id);
CREATE INDEX application_by_title ON application (LOWER(title), id);
CREATE INDEX application_by_creation ON application (created_at, id);
CREATE INDEX secret_by_creation ON secret (created_at, id);
CREATE INDEX secret_by_change ON secret (updated_at, id);
CREATE INDEX policy_by_creation ON policy (created_at, id);
CREATE INDEX policy_by_change ON policy (updated_at, id);
CREATE INDEX request_by_creation ON request (created_at, id);
CREATE INDEX request_by_expiry ON request (expires_at, id);
CREATE INDEX access_grant_by_start ON access_grant (starts_at, id);
CREATE INDEX access_grant_by_end ON access_grant (ends_at, id);
CREATE INDEX privileged_session_by_start ON privileged_session (started_at, id);
CREATE INDEX privileged_session_by_login ON privileged_session (login, id);
CREATE INDEX event_by_time ON event (at, id);
DROP INDEX event_at;
