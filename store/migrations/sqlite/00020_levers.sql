-- Decisions of oversight committees, each stored once with its signatures beside it; the findings of reports, from which marks follow;
-- and the moments at which a model was found paused by itself.

-- +goose Up
CREATE TABLE levers (
    id          TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    agency_id   TEXT NOT NULL REFERENCES agencies (id), -- it holds here and below
    model_id    TEXT NOT NULL,
    proposed_at TEXT NOT NULL,
    document    BLOB NOT NULL -- canonical JSON (RFC 8785) without signatures, as the audit entry commits to it
) STRICT;
CREATE INDEX levers_by_model ON levers (model_id, agency_id, proposed_at, id);

CREATE TABLE lever_signatures (
    id         TEXT    NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    agency_id  TEXT    NOT NULL REFERENCES agencies (id),
    lever_id   TEXT    NOT NULL REFERENCES levers (id),
    ordinal    INTEGER NOT NULL, -- from 1, without gaps within a decision
    account_id TEXT    NOT NULL,
    document   BLOB    NOT NULL,
    UNIQUE (lever_id, ordinal),
    UNIQUE (lever_id, account_id)
) STRICT;

-- What a report found of one kind: how far past its limit the worst figure lay.
CREATE TABLE report_findings (
    report_id    TEXT NOT NULL,
    kind         TEXT NOT NULL, -- drift, disparity
    agency_id    TEXT NOT NULL REFERENCES agencies (id),
    model_id     TEXT NOT NULL,
    model_sha256 TEXT NOT NULL,
    at           TEXT NOT NULL,
    document     BLOB NOT NULL,
    PRIMARY KEY (report_id, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX report_findings_by_model ON report_findings (model_sha256, agency_id, at);

CREATE TABLE self_pauses (
    agency_id TEXT NOT NULL REFERENCES agencies (id),
    model_id  TEXT NOT NULL,
    since     TEXT NOT NULL, -- from when the model was paused
    noted_at  TEXT NOT NULL,
    document  BLOB NOT NULL,
    PRIMARY KEY (agency_id, model_id, since)
) STRICT, WITHOUT ROWID;
