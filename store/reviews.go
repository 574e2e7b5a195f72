package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// AddStep stores the step that next makes of those before it, with the state it leads to, its line of the changes and its audit
// entry, as one of the agency that is responsible for the person now. An assessment of a person outside of the scope is NotFound.
func (db *DB) AddStep(ctx context.Context, w scoring.Write, assessmentID, stepID string,
	next func(earlier []scoring.Step) (*scoring.NewStep, error)) (string, error) {
	id, _, err := db.changeAs(ctx, w, stepID, func(t *tx) (scoring.AuditEntry, error) {
		var p personRow
		may := present(w.Scope, "p")
		err := t.get(&p, `SELECT p.person_id, p.agency_id, p.restricted FROM assessments a JOIN people p ON p.person_id = a.person_id
			WHERE a.id = ? AND `+may.sql, may.after(assessmentID)...)
		if errors.Is(err, sql.ErrNoRows) {
			return scoring.AuditEntry{}, noAssessment()
		}
		if err != nil {
			return scoring.AuditEntry{}, err
		}
		if p.Restricted {
			if err := t.opened(w.Scope, p.PersonID); err != nil {
				return scoring.AuditEntry{}, err
			}
		}
		earlier, err := t.steps(assessmentID, all)
		if err != nil {
			return scoring.AuditEntry{}, err
		}
		s, err := next(earlier)
		if err != nil {
			return scoring.AuditEntry{}, err
		}
		s.Audit.AgencyID = p.AgencyID
		return s.Audit, t.addStep(w, &p, len(earlier)+1, s)
	})
	return id, err
}

func (t *tx) addStep(w scoring.Write, p *personRow, ordinal int, s *scoring.NewStep) error {
	_, err := t.exec(`INSERT INTO review_steps (id, agency_id, assessment_id, ordinal, kind, account_id, at, document) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		s.ID, p.AgencyID, s.AssessmentID, ordinal, string(s.Kind), s.AccountID, stamp(s.At), notNull(s.Document))
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE assessments SET review_state = ?, decided_band = ? WHERE id = ?`, string(s.State), string(s.Band), s.AssessmentID)
	if err != nil || s.What == "" {
		return err
	}
	return t.happened(w, p, s.AssessmentID, s.What)
}

// steps reads an assessment's steps, those that the clause lets through.
func (t *tx) steps(assessmentID string, may clause) ([]scoring.Step, error) {
	var rows []struct {
		ID, Kind, At string
		AccountID    string `db:"account_id"`
		Document     []byte
	}
	err := t.list(&rows, `SELECT s.id, s.kind, s.account_id, s.at, s.document FROM review_steps s JOIN assessments a ON a.id = s.assessment_id
		JOIN people p ON p.person_id = a.person_id WHERE s.assessment_id = ? AND (`+may.sql+`) ORDER BY s.ordinal`, may.after(assessmentID)...)
	if err != nil {
		return nil, err
	}
	steps := make([]scoring.Step, len(rows))
	for i, row := range rows {
		at, err := parseStamp(row.At)
		if err != nil {
			return nil, err
		}
		steps[i] = scoring.Step{ID: row.ID, AssessmentID: assessmentID, Kind: scoring.StepKind(row.Kind), AccountID: row.AccountID, At: at,
			Document: row.Document}
	}
	return steps, nil
}

// Steps lists what was done about an assessment that the scope may read, in order; an agency that the person has left finds its own.
func (db *DB) Steps(ctx context.Context, scope tarozi.Scope, assessmentID string) (steps []scoring.Step, err error) {
	err = db.read(ctx, func(t *tx) error {
		var found int
		may := readable(scope, "a", "p")
		err := t.get(&found, `SELECT count(*) FROM assessments a JOIN people p ON p.person_id = a.person_id WHERE a.id = ? AND (`+may.sql+`)`,
			may.after(assessmentID)...)
		if err != nil {
			return err
		}
		if found == 0 {
			return noAssessment()
		}
		steps, err = t.steps(assessmentID, readable(scope, "s", "p"))
		return err
	})
	return steps, err
}

// OpenedBy are those of the assessments of which the scope's account has locked a view, has gone without one, or has countersigned.
func (db *DB) OpenedBy(ctx context.Context, scope tarozi.Scope, assessmentIDs []string) ([]string, error) {
	var opened []string
	for len(assessmentIDs) > 0 {
		part := assessmentIDs[:min(len(assessmentIDs), maxLimit)] // an engine bounds the parameters of a query
		assessmentIDs = assessmentIDs[len(part):]
		may := readable(scope, "a", "p")
		query, args, err := sqlx.In(`SELECT DISTINCT s.assessment_id FROM review_steps s JOIN assessments a ON a.id = s.assessment_id
			JOIN people p ON p.person_id = a.person_id WHERE s.account_id = ? AND s.kind IN (?, ?, ?) AND s.assessment_id IN (?) AND (`+may.sql+`)`,
			may.after(scope.AccountID, string(scoring.StepView), string(scoring.StepBypass), string(scoring.StepCountersignature), part)...)
		if err != nil {
			return nil, told(err)
		}
		var found []string
		if err := db.read(ctx, func(t *tx) error { return t.list(&found, query, args...) }); err != nil {
			return nil, err
		}
		opened = append(opened, found...)
	}
	return opened, nil
}

// isOpen is the condition of the index of open reviews, word for word.
const isOpen = `review_state IN ('pending', 'awaiting_countersignature')`

// OpenSince are the ids of the assessments of the scope's agencies, oldest first, that were made at the moment or before and whose review is open.
func (db *DB) OpenSince(ctx context.Context, scope tarozi.Scope, made time.Time, limit int) ([]string, error) {
	var ids []string
	err := db.read(ctx, func(t *tx) error {
		of := inAgencies(scope, "agency_id")
		return t.list(&ids, `SELECT id FROM assessments WHERE `+isOpen+` AND `+of.sql+` AND created_at <= ? ORDER BY created_at, id LIMIT ?`,
			append(of.after(), stamp(made), bounded(limit))...)
	})
	return ids, err
}

// Unanswered are the objections about the scope's people that have no answer, oldest first, at most maxLimit.
func (db *DB) Unanswered(ctx context.Context, scope tarozi.Scope) ([]scoring.Unanswered, error) {
	var rows []struct {
		PersonID     string `db:"person_id"`
		AssessmentID string `db:"assessment_id"`
		Document     []byte
	}
	err := db.read(ctx, func(t *tx) error {
		may := present(scope, "p")
		return t.list(&rows, `SELECT a.person_id, s.assessment_id, s.document
			FROM review_steps s JOIN assessments a ON a.id = s.assessment_id JOIN people p ON p.person_id = a.person_id
			WHERE s.kind = ? AND `+may.sql+` AND NOT EXISTS (SELECT 1 FROM review_steps r WHERE r.assessment_id = s.assessment_id
				AND r.kind = ? AND json_extract(CAST(r.document AS TEXT), '$.challenge_id') = s.id)
			ORDER BY s.at, s.id LIMIT ?`,
			append(may.after(string(scoring.StepChallenge)), string(scoring.StepAnswer), maxLimit)...)
	})
	if err != nil {
		return nil, err
	}
	list := make([]scoring.Unanswered, len(rows))
	for i, row := range rows {
		list[i].PersonID, list[i].AssessmentID = row.PersonID, row.AssessmentID
		if err := unmarshal(row.Document, &list[i].Challenge); err != nil {
			return nil, told(err)
		}
	}
	return list, nil
}

// WaitingDecisions are the latest decisions about the scope's people, of assessments made after the moment, that wait for a countersignature,
// longest waiting first, at most maxLimit.
func (db *DB) WaitingDecisions(ctx context.Context, scope tarozi.Scope, made time.Time) ([]scoring.WaitingDecision, error) {
	var rows []struct {
		PersonID  string `db:"person_id"`
		AsOf      string `db:"as_of"`
		CreatedAt string `db:"created_at"`
		Document  []byte
	}
	err := db.read(ctx, func(t *tx) error {
		may := present(scope, "p")
		return t.list(&rows, `SELECT a.person_id, a.as_of, a.created_at, s.document
			FROM assessments a JOIN review_steps s ON s.assessment_id = a.id JOIN people p ON p.person_id = a.person_id
			WHERE a.`+isOpen+` AND `+may.sql+` AND a.created_at > ? AND a.review_state = ?
				AND s.ordinal = (SELECT max(ordinal) FROM review_steps d WHERE d.assessment_id = a.id AND d.kind = ?)
			ORDER BY s.at, s.id LIMIT ?`,
			append(may.after(), stamp(made), string(tarozi.ReviewAwaiting), string(scoring.StepDecision), maxLimit)...)
	})
	if err != nil {
		return nil, err
	}
	waiting := make([]scoring.WaitingDecision, len(rows))
	for i, row := range rows {
		w := &waiting[i]
		w.PersonID = row.PersonID
		var err error
		if w.AsOf, err = tarozi.ParseDate(row.AsOf); err != nil {
			return nil, told(err)
		}
		if w.CreatedAt, err = parseStamp(row.CreatedAt); err != nil {
			return nil, told(err)
		}
		if err := unmarshal(row.Document, &w.Review); err != nil {
			return nil, told(err)
		}
	}
	return waiting, nil
}
