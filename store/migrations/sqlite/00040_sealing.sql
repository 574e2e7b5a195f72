-- Who people are, and their protected attributes, are sealed with a key of each person's own, which is kept wrapped by the master key.
-- What was stored in the clear waits in the tables of the old form until the service, which alone has the key, has sealed it.

-- +goose Up
CREATE TABLE person_keys (
    person_id  TEXT NOT NULL PRIMARY KEY REFERENCES people (person_id),
    agency_id  TEXT NOT NULL REFERENCES agencies (id),
    wrapped    BLOB NOT NULL,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE identities RENAME TO identities_in_clear;
CREATE TABLE identities (
    person_id  TEXT NOT NULL PRIMARY KEY REFERENCES people (person_id),
    agency_id  TEXT NOT NULL REFERENCES agencies (id),
    sealed     BLOB NOT NULL, -- JSON of a tarozi.Identity
    updated_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE protected_attributes RENAME TO protected_attributes_in_clear;
CREATE TABLE protected_attributes (
    person_id  TEXT NOT NULL PRIMARY KEY REFERENCES people (person_id),
    agency_id  TEXT NOT NULL REFERENCES agencies (id),
    sealed     BLOB NOT NULL, -- JSON of a tarozi.ProtectedAttributes
    updated_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
