-- Bundles are kept whole, so that every assessment can be scored again with the very bytes it was made with. Where each stands is a
-- list to which lines are added and from which none is taken: of an agency and a bundle the last line holds. agency_id is whom a line
-- is for, with all agencies below; empty: every agency of the database, those to come included, so it refers to no row.

-- +goose Up
CREATE TABLE bundles (
    sha256       TEXT NOT NULL PRIMARY KEY CHECK (length(sha256) >= 64), -- hex, of the file SHA256SUMS
    agency_id    TEXT NOT NULL, -- who may use it; empty: all
    model_id     TEXT NOT NULL,
    version      TEXT NOT NULL,
    installed_at TEXT NOT NULL,
    account_id   TEXT NOT NULL
) STRICT;

CREATE TABLE bundle_files (
    sha256    TEXT NOT NULL REFERENCES bundles (sha256),
    name      TEXT NOT NULL,
    agency_id TEXT NOT NULL,
    content   BLOB NOT NULL,
    PRIMARY KEY (sha256, name)
) STRICT;

CREATE TABLE deployments (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    agency_id  TEXT NOT NULL,
    sha256     TEXT NOT NULL REFERENCES bundles (sha256),
    state      TEXT NOT NULL,
    since      TEXT NOT NULL,
    account_id TEXT NOT NULL
) STRICT;
CREATE INDEX deployments_by_bundle ON deployments (agency_id, sha256, seq);

-- What the database is for: 'demonstration' is 'filling' or 'filled' in one that was made with made-up people, absent in any other.
CREATE TABLE marks (
    name      TEXT NOT NULL PRIMARY KEY,
    agency_id TEXT NOT NULL,
    value     TEXT NOT NULL,
    at        TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What shadow bundles say, beside the assessment that the people who decide see.
CREATE TABLE shadow_scores (
    assessment_id TEXT NOT NULL REFERENCES assessments (id),
    sha256        TEXT NOT NULL REFERENCES bundles (sha256),
    agency_id     TEXT NOT NULL REFERENCES agencies (id),
    refused       TEXT NOT NULL, -- why there is no score; empty where there is one
    document      BLOB NOT NULL, -- canonical JSON (RFC 8785) of scores, missing and warnings
    inputs        BLOB NOT NULL, -- canonical JSON of the values the bundle read
    PRIMARY KEY (assessment_id, sha256)
) STRICT, WITHOUT ROWID;

-- The newest assessment of each model of a person is asked for by lists.
CREATE INDEX assessments_by_model ON assessments (person_id, model_id, created_at, id);
