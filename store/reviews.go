package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// SaveReview stores the decision about an assessment of the actor's agency. A second one is a Conflict.
func (db *DB) SaveReview(ctx context.Context, w scoring.Write, r *tarozi.Review) error {
	document, err := canonical(r)
	if err != nil {
		return told(err)
	}
	_, _, err = db.change(ctx, w, r.ID, func(t *tx) error {
		var about struct {
			PersonID string `db:"person_id"`
			Reviewed bool
		}
		err := t.get(&about, `SELECT a.person_id, r.id IS NOT NULL AS reviewed
			FROM assessments a LEFT JOIN reviews r ON r.assessment_id = a.id WHERE a.id = ? AND a.agency_id = ?`,
			r.AssessmentID, w.Actor.AgencyID)
		if errors.Is(err, sql.ErrNoRows) {
			return noAssessment()
		}
		if err != nil {
			return err
		}
		if about.Reviewed {
			return tarozi.Errorf(tarozi.Conflict, "a decision about this assessment is stored already: read it; a new assessment can be decided anew")
		}
		_, err = t.exec(`INSERT INTO reviews (id, agency_id, assessment_id, reviewer, created_at, document) VALUES (?, ?, ?, ?, ?, ?)`,
			r.ID, w.Actor.AgencyID, r.AssessmentID, r.Reviewer, stamp(r.CreatedAt), document)
		if err != nil {
			return err
		}
		return t.happened(w, r.AssessmentID, about.PersonID, "reviewed")
	})
	return err
}

// Review is the decision about an assessment of the agency, nil where there is none yet; an assessment that is absent is NotFound.
func (db *DB) Review(ctx context.Context, agencyID, assessmentID string) (*tarozi.Review, error) {
	var document []byte // NULL where there is no review
	err := db.read(ctx, func(t *tx) error {
		return t.get(&document, `SELECT r.document FROM assessments a LEFT JOIN reviews r ON r.assessment_id = a.id
			WHERE a.id = ? AND a.agency_id = ?`, assessmentID, agencyID)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, noAssessment()
	}
	if err != nil || document == nil {
		return nil, err
	}
	r := new(tarozi.Review)
	if err := unmarshal(document, r); err != nil {
		return nil, told(err)
	}
	return r, nil
}
