package store

import (
	"context"
	"slices"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

const latestFrom = `
	FROM people p JOIN assessments a ON a.person_id = p.person_id`

// Latest are the latest assessments of the scope's people by each model, by the person's id and the newest first, with what came
// after each: all versions of events of which one was received later, the answers to objections, and the disputes of stated facts.
// With a personID it is that person's alone, and empty where there is none; a person outside of it is NotFound.
func (db *DB) Latest(ctx context.Context, scope tarozi.Scope, personID string) ([]scoring.Latest, error) {
	may := present(scope, "p")
	where, args := ` WHERE `+newestByModel("a")+` AND `+may.sql, may.args
	if personID != "" {
		where, args = where+` AND p.person_id = ?`, may.and(clause{args: []any{personID}}).args
	}
	var rows []latestRow
	var events, answers, disputes []struct {
		ID       string // of the assessment
		Document []byte
	}
	err := db.read(ctx, func(t *tx) error {
		if personID != "" {
			if _, err := t.person(scope, personID); err != nil {
				return err
			}
		}
		err := t.list(&rows, `SELECT p.person_id, a.id, a.model_id, a.model_version, a.model_sha256, `+validityOf+` AS validity, a.as_of, a.created_at, a.review_state`+latestFrom+where+`
			ORDER BY p.person_id, a.created_at DESC, a.rowid DESC`, args...)
		if err != nil {
			return err
		}
		err = t.list(&events, `SELECT a.id, e.document`+latestFrom+`
			JOIN events e ON e.person_id = p.person_id AND e.version = p.history_version`+where+`
				AND p.last_event_at > a.created_at AND e.event_id IN (SELECT n.event_id FROM events n
					WHERE n.person_id = p.person_id AND n.version = p.history_version AND n.received_at > a.created_at)
			ORDER BY p.person_id, e.ordinal`, args...)
		if err != nil {
			return err
		}
		err = t.list(&answers, `SELECT a.id, s.document`+latestFrom+`
			JOIN review_steps s ON s.assessment_id = a.id`+where+` AND s.kind = ? ORDER BY p.person_id, s.ordinal`,
			append(slices.Clone(args), string(scoring.StepAnswer))...)
		if err != nil {
			return err
		}
		return t.list(&disputes, `SELECT a.id, d.document`+latestFrom+`
			JOIN disputes d ON d.person_id = p.person_id`+where+` ORDER BY p.person_id, d.created_at, d.id`, args...)
	})
	if err != nil {
		return nil, err
	}
	list, place := make([]scoring.Latest, len(rows)), make(map[string]*scoring.Latest, len(rows))
	for i, row := range rows {
		l := &list[i]
		l.PersonID, l.AssessmentID, l.State = row.PersonID, row.ID, row.ReviewState
		l.Model = tarozi.ModelRef{ID: row.ModelID, Version: row.Version, SHA256: row.SHA256, Validity: row.Validity}
		if l.AsOf, err = tarozi.ParseDate(row.AsOf); err != nil {
			return nil, told(err)
		}
		if l.CreatedAt, err = parseStamp(row.CreatedAt); err != nil {
			return nil, told(err)
		}
		place[l.AssessmentID] = l
	}
	for _, row := range events {
		var event tarozi.Event
		if err := unmarshal(row.Document, &event); err != nil {
			return nil, told(err)
		}
		l := place[row.ID]
		l.Events = append(l.Events, event)
	}
	for _, row := range answers {
		var answer tarozi.ChallengeAnswer
		if err := unmarshal(row.Document, &answer); err != nil {
			return nil, told(err)
		}
		l := place[row.ID]
		l.Answers = append(l.Answers, answer)
	}
	for _, row := range disputes {
		var dispute tarozi.Dispute
		if err := unmarshal(row.Document, &dispute); err != nil {
			return nil, told(err)
		}
		if l := place[row.ID]; dispute.Fact != nil {
			l.Disputes = append(l.Disputes, dispute)
		}
	}
	return list, nil
}
