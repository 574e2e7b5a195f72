-- The band that holds once a review is done stands beside the assessment, so that nobody who reads a list takes the score's band for
-- what was decided.

-- +goose Up
ALTER TABLE assessments ADD COLUMN decided_band TEXT NOT NULL DEFAULT ''; -- empty until the review is done
UPDATE assessments SET decided_band = (
    SELECT json_extract(CAST(s.document AS TEXT), '$.band') FROM review_steps s
    WHERE s.assessment_id = assessments.id AND s.kind = 'decision' ORDER BY s.ordinal DESC LIMIT 1)
WHERE review_state = 'done' AND EXISTS (
    SELECT 1 FROM review_steps s WHERE s.assessment_id = assessments.id AND s.kind = 'decision'
    AND json_extract(CAST(s.document AS TEXT), '$.band') IS NOT NULL);
