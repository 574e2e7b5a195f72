package store

import (
	"context"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

const judgedFrom = `
	FROM assessments a JOIN review_steps s ON s.assessment_id = a.id AND s.kind = ?
		AND s.ordinal = (SELECT max(d.ordinal) FROM review_steps d WHERE d.assessment_id = a.id AND d.kind = s.kind)
	WHERE a.review_state = 'done' AND `

// JudgedReviews are the finished reviews of the scope's agencies in the order of their decisions, for audit: restricted cases count in
// figures as everybody does, and whoever shows them shows no single one of another account's.
func (db *DB) JudgedReviews(ctx context.Context, scope tarozi.Scope) ([]scoring.JudgedReview, error) {
	var rows []struct {
		PersonID string `db:"person_id"`
		AgencyID string `db:"agency_id"`
		AsOf     string `db:"as_of"`
		Model    string `db:"model_sha256"`
		Scores   string
		Document []byte
	}
	var outcomes []struct {
		PersonID string `db:"person_id"`
		Document []byte
	}
	stated := map[string]map[string]string{}
	of := inAgencies(scope, "a.agency_id")
	from, about := judgedFrom+of.sql, of.after(string(scoring.StepDecision))
	err := db.read(ctx, func(t *tx) error {
		err := t.list(&rows, `SELECT a.person_id, a.agency_id, a.as_of, a.model_sha256, a.scores, s.document`+from+` ORDER BY s.at, s.id`, about...)
		if err != nil {
			return err
		}
		err = t.list(&outcomes, `SELECT o.person_id, o.document FROM outcomes o WHERE o.person_id IN (SELECT a.person_id`+from+`)
			ORDER BY o.person_id, o.kind, o.followed_from`, about...)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if _, known := stated[row.PersonID]; known {
				continue
			}
			if stated[row.PersonID], err = t.protected(row.PersonID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	happened := map[string][]tarozi.Outcome{}
	for _, row := range outcomes {
		var o tarozi.Outcome
		if err := unmarshal(row.Document, &o); err != nil {
			return nil, told(err)
		}
		happened[row.PersonID] = append(happened[row.PersonID], o)
	}
	judged := make([]scoring.JudgedReview, len(rows))
	for i, row := range rows {
		j := &judged[i]
		j.PersonID, j.AgencyID, j.ModelSHA256 = row.PersonID, row.AgencyID, row.Model
		j.Outcomes, j.Attributes = happened[row.PersonID], stated[row.PersonID]
		var scores []scoring.ScoreSummary
		if j.AsOf, err = tarozi.ParseDate(row.AsOf); err != nil {
			return nil, told(err)
		}
		if err := unmarshal([]byte(row.Scores), &scores); err != nil {
			return nil, told(err)
		}
		if len(scores) > 0 {
			j.Score = scores[0]
		}
		if err := unmarshal(row.Document, &j.Review); err != nil {
			return nil, told(err)
		}
	}
	return judged, nil
}
