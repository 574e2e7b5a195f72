-- Reviews become a list of steps, each stored once and never changed: own views, decisions, countersignatures, objections, answers.
-- Where they have led is kept beside the assessment, because lists ask for it; the assessment's document stays as it was stored.

-- +goose Up
ALTER TABLE agencies ADD COLUMN urgent_without_view INTEGER NOT NULL DEFAULT 0 CHECK (urgent_without_view IN (0, 1));

ALTER TABLE assessments ADD COLUMN review_state TEXT NOT NULL DEFAULT 'pending';
UPDATE assessments SET review_state = 'done' WHERE id IN (SELECT assessment_id FROM reviews);
CREATE INDEX assessments_open ON assessments (agency_id, created_at, id)
    WHERE review_state IN ('pending', 'awaiting_countersignature');

CREATE TABLE review_steps (
    id            TEXT    NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    agency_id     TEXT    NOT NULL REFERENCES agencies (id),
    assessment_id TEXT    NOT NULL REFERENCES assessments (id),
    ordinal       INTEGER NOT NULL, -- from 1, without gaps within an assessment
    kind          TEXT    NOT NULL,
    account_id    TEXT    NOT NULL,
    at            TEXT    NOT NULL,
    document      BLOB    NOT NULL, -- canonical JSON (RFC 8785), as the audit entry commits to it
    UNIQUE (assessment_id, ordinal)
) STRICT;
CREATE INDEX review_steps_by_account ON review_steps (account_id, kind, assessment_id);

INSERT INTO review_steps (id, agency_id, assessment_id, ordinal, kind, account_id, at, document)
    SELECT id, agency_id, assessment_id, 1, 'decision', reviewer, created_at, document FROM reviews;
DROP TABLE reviews;
