-- Reports are kept as they were made: the next one says what has changed, and hides what the two together would tell.

-- +goose Up
CREATE TABLE fairness_reports (
    id        TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    agency_id TEXT NOT NULL REFERENCES agencies (id), -- whose committee made it; it is about this agency and those below
    model_id  TEXT NOT NULL,
    period    TEXT NOT NULL,
    made_at   TEXT NOT NULL,
    made_by   TEXT NOT NULL,
    document  BLOB NOT NULL -- the report's JSON, as the audit entry commits to it
) STRICT;
CREATE INDEX fairness_reports_by_agency ON fairness_reports (agency_id, made_at, id);
