package store

import (
	"context"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// Followed is what is stored of a person for those who look back: no name, no attribute. It is not pseudonymised.
type Followed struct {
	History     *tarozi.CaseHistory
	Outcomes    []tarozi.Outcome
	Assessments []scoring.Record
	Reviews     map[string]tarozi.Review // the latest decision, by assessment
	Shadows     []scoring.ShadowScores
}

// PeopleIn lists the people of an agency who have a history, restricted cases left out, by id.
func (db *DB) PeopleIn(ctx context.Context, agencyID string) (ids []string, err error) {
	err = db.read(ctx, func(t *tx) error {
		return t.list(&ids, `SELECT person_id FROM people WHERE agency_id = ? AND restricted = 0 AND history_version > 0 ORDER BY person_id`, agencyID)
	})
	return ids, err
}

// Followed reads what is stored of a person of the agency.
func (db *DB) Followed(ctx context.Context, agencyID, personID string) (*Followed, error) {
	scope := tarozi.Scope{Reach: tarozi.OwnAgency, AgencyID: agencyID}
	f := &Followed{Reviews: map[string]tarozi.Review{}}
	var err error
	if f.History, err = db.History(ctx, scope, personID); err != nil {
		return nil, err
	}
	var outcomes [][]byte
	var made []string
	err = db.read(ctx, func(t *tx) error {
		if err := t.list(&outcomes, `SELECT document FROM outcomes WHERE person_id = ? ORDER BY kind, followed_from`, personID); err != nil {
			return err
		}
		return t.list(&made, `SELECT id FROM assessments WHERE person_id = ? AND agency_id = ? ORDER BY created_at, id`, personID, agencyID)
	})
	if err != nil {
		return nil, err
	}
	for _, document := range outcomes {
		var o tarozi.Outcome
		if err := unmarshal(document, &o); err != nil {
			return nil, told(err)
		}
		f.Outcomes = append(f.Outcomes, o)
	}
	for _, id := range made {
		r, err := db.Assessment(ctx, scope, id)
		if err != nil {
			return nil, err
		}
		f.Assessments = append(f.Assessments, *r)
		steps, err := db.Steps(ctx, scope, id)
		if err != nil {
			return nil, err
		}
		for _, step := range steps {
			if step.Kind == scoring.StepDecision {
				var review tarozi.Review
				if err := unmarshal(step.Document, &review); err != nil {
					return nil, told(err)
				}
				f.Reviews[id] = review
			}
		}
		shadows, err := db.ShadowScores(ctx, scope, id)
		if err != nil {
			return nil, err
		}
		f.Shadows = append(f.Shadows, shadows...)
	}
	return f, nil
}

// Note records in the log something that was done and that stores nothing, such as an export.
func (db *DB) Note(ctx context.Context, w scoring.Write) error {
	return db.write(ctx, func(t *tx) error { return t.record(w.Audit) })
}
