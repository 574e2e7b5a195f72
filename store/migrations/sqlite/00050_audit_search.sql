-- Auditors look for entries by account, agency, action and time. What is looked for is read out of the entry itself, so that it cannot
-- say something else; an entry that is no JSON any more has none of it. Each search by person is kept with its reason.

-- +goose Up
ALTER TABLE audit_log ADD COLUMN account_id TEXT GENERATED ALWAYS AS
    (CASE WHEN json_valid(CAST(entry AS TEXT)) THEN json_extract(CAST(entry AS TEXT), '$.account_id') END) VIRTUAL;
ALTER TABLE audit_log ADD COLUMN action TEXT GENERATED ALWAYS AS
    (CASE WHEN json_valid(CAST(entry AS TEXT)) THEN json_extract(CAST(entry AS TEXT), '$.action') END) VIRTUAL;
ALTER TABLE audit_log ADD COLUMN subject_id TEXT GENERATED ALWAYS AS
    (CASE WHEN json_valid(CAST(entry AS TEXT)) THEN json_extract(CAST(entry AS TEXT), '$.subject_id') END) VIRTUAL;
ALTER TABLE audit_log ADD COLUMN at TEXT GENERATED ALWAYS AS
    (CASE WHEN json_valid(CAST(entry AS TEXT)) THEN json_extract(CAST(entry AS TEXT), '$.at') END) VIRTUAL;
CREATE INDEX audit_log_by_agency ON audit_log (agency_id, place);
CREATE INDEX audit_log_by_account ON audit_log (account_id, place);
CREATE INDEX audit_log_by_subject ON audit_log (subject_id, place);

CREATE TABLE audit_searches (
    id         TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    agency_id  TEXT NOT NULL,
    account_id TEXT NOT NULL,
    person_id  TEXT NOT NULL,
    at         TEXT NOT NULL,
    document   BLOB NOT NULL -- canonical JSON (RFC 8785), as the audit entry commits to it: person_id and reason
) STRICT;
