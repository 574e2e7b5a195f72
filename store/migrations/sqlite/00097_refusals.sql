-- How often the service gave no score, and why: for the committee's report. Nothing here says about whom.

-- +goose Up
CREATE TABLE refusals (
    agency_id    TEXT NOT NULL REFERENCES agencies (id),
    model_sha256 TEXT NOT NULL,
    as_of        TEXT NOT NULL, -- the day as of which a score was asked for
    reason       TEXT NOT NULL CHECK (reason IN ('required_input_missing', 'no_supervision', 'outside_model')),
    n            INTEGER NOT NULL CHECK (n > 0),
    PRIMARY KEY (agency_id, model_sha256, as_of, reason)
) STRICT;
