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
// entry. An assessment of another agency is NotFound.
func (db *DB) AddStep(ctx context.Context, w scoring.Write, assessmentID, stepID string,
	next func(earlier []scoring.Step) (*scoring.NewStep, error)) (string, error) {
	id, _, err := db.changeAs(ctx, w, stepID, func(t *tx) (scoring.AuditEntry, error) {
		var personID string
		err := t.get(&personID, `SELECT person_id FROM assessments WHERE id = ? AND agency_id = ?`, assessmentID, w.Actor.AgencyID)
		if errors.Is(err, sql.ErrNoRows) {
			return scoring.AuditEntry{}, noAssessment()
		}
		if err != nil {
			return scoring.AuditEntry{}, err
		}
		earlier, err := t.steps(assessmentID)
		if err != nil {
			return scoring.AuditEntry{}, err
		}
		s, err := next(earlier)
		if err != nil {
			return scoring.AuditEntry{}, err
		}
		return s.Audit, t.addStep(w, personID, len(earlier)+1, s)
	})
	return id, err
}

func (t *tx) addStep(w scoring.Write, personID string, ordinal int, s *scoring.NewStep) error {
	_, err := t.exec(`INSERT INTO review_steps (id, agency_id, assessment_id, ordinal, kind, account_id, at, document) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		s.ID, w.Actor.AgencyID, s.AssessmentID, ordinal, string(s.Kind), s.AccountID, stamp(s.At), notNull(s.Document))
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE assessments SET review_state = ?, decided_band = ? WHERE id = ? AND agency_id = ?`, string(s.State), string(s.Band), s.AssessmentID, w.Actor.AgencyID)
	if err != nil || s.What == "" {
		return err
	}
	return t.happened(w, s.AssessmentID, personID, s.What)
}

func (t *tx) steps(assessmentID string) ([]scoring.Step, error) {
	var rows []struct {
		ID, Kind, At string
		AccountID    string `db:"account_id"`
		Document     []byte
	}
	err := t.list(&rows, `SELECT id, kind, account_id, at, document FROM review_steps WHERE assessment_id = ? ORDER BY ordinal`, assessmentID)
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

// Steps lists what was done about an assessment of the agency, in order.
func (db *DB) Steps(ctx context.Context, agencyID, assessmentID string) (steps []scoring.Step, err error) {
	err = db.read(ctx, func(t *tx) error {
		var found int
		if err := t.get(&found, `SELECT count(*) FROM assessments WHERE id = ? AND agency_id = ?`, assessmentID, agencyID); err != nil {
			return err
		}
		if found == 0 {
			return noAssessment()
		}
		steps, err = t.steps(assessmentID)
		return err
	})
	return steps, err
}

// OpenedBy are those of the assessments of which the account has locked a view, has gone without one, or has countersigned.
func (db *DB) OpenedBy(ctx context.Context, agencyID, accountID string, assessmentIDs []string) ([]string, error) {
	var opened []string
	for len(assessmentIDs) > 0 {
		part := assessmentIDs[:min(len(assessmentIDs), maxLimit)] // an engine bounds the parameters of a query
		assessmentIDs = assessmentIDs[len(part):]
		query, args, err := sqlx.In(`SELECT DISTINCT assessment_id FROM review_steps
			WHERE account_id = ? AND agency_id = ? AND kind IN (?, ?, ?) AND assessment_id IN (?)`,
			accountID, agencyID, string(scoring.StepView), string(scoring.StepBypass), string(scoring.StepCountersignature), part)
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

// OpenSince are the ids of the agency's assessments, oldest first, that were made at the moment or before and whose review is open.
func (db *DB) OpenSince(ctx context.Context, agencyID string, made time.Time, limit int) ([]string, error) {
	var ids []string
	err := db.read(ctx, func(t *tx) error {
		return t.list(&ids, `SELECT id FROM assessments WHERE `+isOpen+` AND agency_id = ? AND created_at <= ? ORDER BY created_at, id LIMIT ?`,
			agencyID, stamp(made), bounded(limit))
	})
	return ids, err
}

// WaitingDecisions are the latest decisions of the agency's assessments made after the moment that wait for a countersignature,
// longest waiting first, at most maxLimit.
func (db *DB) WaitingDecisions(ctx context.Context, agencyID string, made time.Time) ([]scoring.WaitingDecision, error) {
	var rows []struct {
		PersonID  string `db:"person_id"`
		AsOf      string `db:"as_of"`
		CreatedAt string `db:"created_at"`
		Document  []byte
	}
	err := db.read(ctx, func(t *tx) error {
		return t.list(&rows, `SELECT a.person_id, a.as_of, a.created_at, s.document
			FROM assessments a JOIN review_steps s ON s.assessment_id = a.id
			WHERE a.`+isOpen+` AND a.agency_id = ? AND a.created_at > ? AND a.review_state = ?
				AND s.ordinal = (SELECT max(ordinal) FROM review_steps d WHERE d.assessment_id = a.id AND d.kind = ?)
			ORDER BY s.at, s.id LIMIT ?`,
			agencyID, stamp(made), string(tarozi.ReviewAwaiting), string(scoring.StepDecision), maxLimit)
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
