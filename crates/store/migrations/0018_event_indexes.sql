-- Every event pays for every index: those that hold only some events have only these.
CREATE UNIQUE INDEX event_by_leaf ON event (leaf) WHERE leaf IS NOT NULL;
DROP INDEX event_leaf;
CREATE INDEX event_of_session ON event (privileged_session, at) WHERE privileged_session IS NOT NULL;
DROP INDEX event_session;
