-- What an audit entry says of the rows that its change wrote: a salted hash of each, all of which the entry commits to together. A row
-- that is changed, added or taken away by another hand than the service's is found by them. See docs/audit.md.

-- +goose Up
CREATE TABLE row_commitments (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT, -- those of one entry follow each other
    agency_id  TEXT    NOT NULL,
    entry_id   TEXT    NOT NULL,
    what       TEXT    NOT NULL CHECK (what IN ('written', 'deleted', 'erased')),
    table_name TEXT    NOT NULL,
    row_key    TEXT,             -- JSON array of the primary key; NULL once the row was erased
    salt       BLOB    NOT NULL, -- empty once the row was erased
    sha256     BLOB    NOT NULL CHECK (length(sha256) = 32)
) STRICT;
CREATE INDEX row_commitments_by_row ON row_commitments (table_name, row_key, seq);

-- 1: rows that were stored or changed by migrations wait for an entry of their own.
CREATE TABLE row_adoption (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    pending INTEGER NOT NULL
) STRICT;
INSERT INTO row_adoption (id, pending) VALUES (1, 1);

-- Whom an entry speaks of. The entry itself never says; this does, for those who may ask who looked at a person, until the person's
-- erasure takes it away.
CREATE TABLE entry_people (
    person_id TEXT NOT NULL, -- may be a person whom a refused look named and nobody knows
    entry_id  TEXT NOT NULL,
    agency_id TEXT NOT NULL,
    PRIMARY KEY (person_id, entry_id)
) STRICT, WITHOUT ROWID;
