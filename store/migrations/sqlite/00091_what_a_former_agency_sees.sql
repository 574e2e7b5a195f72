-- What the state of an assessment was when its person left the agency that made it: that agency reads what it wrote, not what became of it.

-- +goose Up
ALTER TABLE assessments ADD COLUMN left_state TEXT; -- NULL: the person never left
ALTER TABLE assessments ADD COLUMN left_band TEXT;

-- Of people who had left before this was kept: where the agency itself decided nothing, nothing had been decided.
UPDATE assessments SET left_state = 'pending', left_band = ''
WHERE agency_id <> (SELECT p.agency_id FROM people p WHERE p.person_id = assessments.person_id)
    AND NOT EXISTS (SELECT 1 FROM review_steps s WHERE s.assessment_id = assessments.id AND s.agency_id = assessments.agency_id AND s.kind = 'decision');
UPDATE row_adoption SET pending = 1;
