-- +goose Up
-- What an agency settles about its letters and answers. 0 days: the default holds.
ALTER TABLE agencies ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE agencies ADD COLUMN objection_days INTEGER NOT NULL DEFAULT 0 CHECK (objection_days BETWEEN 0 AND 365);
ALTER TABLE agencies ADD COLUMN answer_days INTEGER NOT NULL DEFAULT 0 CHECK (answer_days BETWEEN 0 AND 365);
