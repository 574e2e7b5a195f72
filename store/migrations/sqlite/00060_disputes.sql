-- Records that are or were disputed. A dispute is recorded once and decided once; what it made of the record stands in the history,
-- and beside the dispute, so that a register that sends its history anew does not undo it.

-- +goose Up
CREATE TABLE disputes (
    id         TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    agency_id  TEXT NOT NULL REFERENCES agencies (id),
    person_id  TEXT NOT NULL REFERENCES people (person_id),
    account_id TEXT NOT NULL, -- who recorded it
    created_at TEXT NOT NULL,
    decided_at TEXT,
    document   BLOB NOT NULL, -- canonical JSON (RFC 8785), as the latest audit entry about it commits to it
    versions   BLOB NOT NULL  -- JSON: the versions of the event that it made; of a stated fact none
) STRICT;
CREATE INDEX disputes_by_person ON disputes (person_id, created_at, id);
