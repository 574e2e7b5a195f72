-- Runs of the rules of retention that somebody asked for, with the reason: no person is named.

-- +goose Up
CREATE TABLE retention_runs (
    id        TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    agency_id TEXT NOT NULL REFERENCES agencies (id),
    begun_at  TEXT NOT NULL,
    document  BLOB NOT NULL -- JSON of a scoring.RetentionRun
) STRICT;
