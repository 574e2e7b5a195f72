-- Times are UTC text of one width (2006-01-02T15:04:05.000000000Z), so that they sort; documents are the exact bytes of JSON.
-- Every row carries the agency that wrote it; sessions alone have none, because they begin before anybody has signed in.

-- +goose Up
CREATE TABLE agencies (
    id        TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    parent_id TEXT REFERENCES agencies (id),
    name      TEXT NOT NULL
) STRICT;

CREATE TABLE accounts (
    id            TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    agency_id     TEXT NOT NULL REFERENCES agencies (id),
    login         TEXT NOT NULL,
    login_folded  TEXT NOT NULL UNIQUE CHECK (login_folded <> ''),
    name          TEXT NOT NULL,
    role          TEXT NOT NULL,
    password_hash TEXT NOT NULL, -- argon2id; empty: cannot sign in with a password
    created_at    TEXT NOT NULL
) STRICT;

CREATE TABLE api_keys (
    id         TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    agency_id  TEXT NOT NULL REFERENCES agencies (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    key_sha256 TEXT NOT NULL UNIQUE CHECK (length(key_sha256) = 64),
    actions    TEXT NOT NULL, -- JSON array
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;

CREATE TABLE sessions (
    token      TEXT NOT NULL PRIMARY KEY,
    data       BLOB NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- A person's id is the national register's, so it is one person's everywhere; agency_id is who is responsible now.
CREATE TABLE people (
    person_id            TEXT    NOT NULL PRIMARY KEY CHECK (length(person_id) BETWEEN 1 AND 64),
    agency_id            TEXT    NOT NULL REFERENCES agencies (id),
    created_at           TEXT    NOT NULL,
    history_version      INTEGER NOT NULL DEFAULT 0, -- 0: no history yet
    event_count          INTEGER NOT NULL DEFAULT 0, -- of the present history
    last_event_at        TEXT,                       -- latest received_at of the present history
    new_events           INTEGER NOT NULL DEFAULT 0, -- received after the latest assessment; all where there is none
    latest_assessment_id TEXT,
    latest_assessed_at   TEXT
) STRICT;
CREATE INDEX people_by_agency ON people (agency_id, person_id);

CREATE TABLE identities (
    person_id  TEXT NOT NULL PRIMARY KEY REFERENCES people (person_id),
    agency_id  TEXT NOT NULL REFERENCES agencies (id),
    name       TEXT NOT NULL,
    contact    TEXT NOT NULL,
    folded     TEXT NOT NULL, -- name for searching
    sort_key   TEXT NOT NULL, -- name in the order of the Uzbek alphabets
    updated_at TEXT NOT NULL
) STRICT;

-- A history is a head (everything but events) and event rows. Events that come after those of the present version are appended
-- to it; a history that differs otherwise is a new version of both.
CREATE TABLE histories (
    person_id  TEXT    NOT NULL REFERENCES people (person_id),
    version    INTEGER NOT NULL,
    agency_id  TEXT    NOT NULL REFERENCES agencies (id),
    account_id TEXT    NOT NULL,
    stored_at  TEXT    NOT NULL,
    head       BLOB    NOT NULL,
    PRIMARY KEY (person_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    person_id   TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    ordinal     INTEGER NOT NULL,
    agency_id   TEXT    NOT NULL REFERENCES agencies (id),
    event_id    TEXT    NOT NULL,
    received_at TEXT    NOT NULL,
    sha256      BLOB    NOT NULL, -- of what the event says, its times in UTC
    stored_at   TEXT    NOT NULL,
    document    BLOB    NOT NULL,
    PRIMARY KEY (person_id, version, ordinal),
    FOREIGN KEY (person_id, version) REFERENCES histories (person_id, version)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX events_by_id ON events (person_id, version, event_id, received_at);

CREATE TABLE protected_attributes (
    person_id  TEXT NOT NULL REFERENCES people (person_id),
    name       TEXT NOT NULL,
    agency_id  TEXT NOT NULL REFERENCES agencies (id),
    value      TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (person_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE outcomes (
    person_id     TEXT NOT NULL REFERENCES people (person_id),
    kind          TEXT NOT NULL,
    followed_from TEXT NOT NULL,
    agency_id     TEXT NOT NULL REFERENCES agencies (id),
    document      BLOB NOT NULL, -- without received_at
    received_at   TEXT NOT NULL,
    PRIMARY KEY (person_id, kind, followed_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE assessments (
    id            TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    agency_id     TEXT NOT NULL REFERENCES agencies (id),
    person_id     TEXT NOT NULL REFERENCES people (person_id),
    created_at    TEXT NOT NULL,
    as_of         TEXT NOT NULL,
    purpose       TEXT NOT NULL,
    model_id      TEXT NOT NULL,
    model_version TEXT NOT NULL,
    model_sha256  TEXT NOT NULL,
    input_sha256  TEXT NOT NULL,
    scores        TEXT NOT NULL, -- JSON: outcome, horizon, probability and band of each score, for lists
    document      BLOB NOT NULL, -- canonical JSON (RFC 8785), as the audit entry commits to it
    input         BLOB NOT NULL,
    inputs        BLOB NOT NULL
) STRICT;
CREATE INDEX assessments_by_person ON assessments (person_id, created_at, id);

CREATE TABLE reviews (
    id            TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    agency_id     TEXT NOT NULL REFERENCES agencies (id),
    assessment_id TEXT NOT NULL UNIQUE REFERENCES assessments (id),
    reviewer      TEXT NOT NULL,
    created_at    TEXT NOT NULL,
    document      BLOB NOT NULL
) STRICT;

-- One row for each thing that happened to an assessment; seq never goes back and is never used twice.
CREATE TABLE changes (
    seq           INTEGER PRIMARY KEY AUTOINCREMENT,
    agency_id     TEXT NOT NULL REFERENCES agencies (id),
    assessment_id TEXT NOT NULL REFERENCES assessments (id),
    person_id     TEXT NOT NULL,
    what          TEXT NOT NULL,
    at            TEXT NOT NULL
) STRICT;
CREATE INDEX changes_by_agency ON changes (agency_id, seq);

CREATE TABLE idempotency (
    account_id     TEXT NOT NULL,
    key            TEXT NOT NULL,
    agency_id      TEXT NOT NULL,
    action         TEXT NOT NULL,
    request_sha256 TEXT NOT NULL,
    result_id      TEXT NOT NULL,
    created_at     TEXT NOT NULL,
    PRIMARY KEY (account_id, key)
) STRICT, WITHOUT ROWID;

-- Entries wait here for the log in the order of seq. The agency may be one that does not exist, where set-up itself is recorded.
CREATE TABLE audit_queue (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    id        TEXT NOT NULL UNIQUE,
    agency_id TEXT NOT NULL,
    entry     BLOB NOT NULL, -- canonical JSON (RFC 8785)
    salt      BLOB NOT NULL
) STRICT;

-- A row that a probe of readiness writes, to know that the disk takes writes.
CREATE TABLE probe (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    beats INTEGER NOT NULL
) STRICT;
INSERT INTO probe (id, beats) VALUES (1, 0);
