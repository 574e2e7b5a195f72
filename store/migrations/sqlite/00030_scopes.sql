-- Who is responsible for whom, and who may see whom. The tree of agencies is kept as all its pairs, so that a query asks for an agency
-- with those below it by an index. Each person has one officer at most; who was responsible when is kept beside it.

-- +goose Up
CREATE TABLE agency_tree (
    ancestor_id TEXT NOT NULL REFERENCES agencies (id),
    agency_id   TEXT NOT NULL REFERENCES agencies (id), -- itself, or one anywhere below
    PRIMARY KEY (ancestor_id, agency_id)
) STRICT, WITHOUT ROWID;
INSERT INTO agency_tree (ancestor_id, agency_id)
    WITH RECURSIVE below (ancestor_id, agency_id) AS (
        SELECT id, id FROM agencies
        UNION
        SELECT b.ancestor_id, a.id FROM agencies a JOIN below b ON a.parent_id = b.agency_id
    )
    SELECT ancestor_id, agency_id FROM below;

ALTER TABLE people ADD COLUMN officer_id TEXT REFERENCES accounts (id); -- NULL: nobody yet
ALTER TABLE people ADD COLUMN restricted INTEGER NOT NULL DEFAULT 0 CHECK (restricted IN (0, 1));

-- The row whose until_at is NULL is the present one, and agrees with people.
CREATE TABLE responsibilities (
    person_id  TEXT    NOT NULL REFERENCES people (person_id),
    ordinal    INTEGER NOT NULL, -- from 1, without gaps
    agency_id  TEXT    NOT NULL REFERENCES agencies (id),
    officer_id TEXT    REFERENCES accounts (id),
    from_at    TEXT    NOT NULL,
    until_at   TEXT,
    account_id TEXT    NOT NULL, -- who settled it
    PRIMARY KEY (person_id, ordinal)
) STRICT, WITHOUT ROWID;
INSERT INTO responsibilities (person_id, ordinal, agency_id, from_at, account_id)
    SELECT person_id, 1, agency_id, created_at, 'migration' FROM people;

-- The accounts that may see a restricted case.
CREATE TABLE restricted_names (
    person_id  TEXT NOT NULL REFERENCES people (person_id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    agency_id  TEXT NOT NULL REFERENCES agencies (id),
    named_by   TEXT NOT NULL,
    named_at   TEXT NOT NULL,
    PRIMARY KEY (person_id, account_id)
) STRICT, WITHOUT ROWID;
