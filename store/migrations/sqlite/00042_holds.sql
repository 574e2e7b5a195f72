-- Legal holds: while one lasts, nothing of the person is erased, whatever the rules of retention say.

-- +goose Up
CREATE TABLE legal_holds (
    id        TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    agency_id TEXT NOT NULL REFERENCES agencies (id),
    person_id TEXT NOT NULL REFERENCES people (person_id),
    set_at    TEXT NOT NULL,
    lifted_at TEXT,
    sealed    BLOB NOT NULL -- JSON of a scoring.Hold
) STRICT;
CREATE INDEX legal_holds_by_person ON legal_holds (person_id);
