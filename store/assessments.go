package store

import (
	"context"
	"database/sql"
	"errors"
	"strconv"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// SaveAssessment stores a record with its audit entry and, where it carries one, the person's history. A record without a
// history is of a person who is known already.
func (db *DB) SaveAssessment(ctx context.Context, w scoring.Write, r *scoring.Record) (string, error) {
	a := &r.Assessment
	document, err := tarozi.Canonical(a)
	if err != nil {
		return "", told(err)
	}
	summary, err := marshal(summaries(a.Scores))
	if err != nil {
		return "", told(err)
	}
	var history *prepared
	if r.History != nil {
		if history, err = prepare(r.History); err != nil {
			return "", told(err)
		}
	}
	id, _, err := db.change(ctx, w, a.ID, func(t *tx) error {
		if history != nil && (history.personID != a.PersonID || history.agencyID != a.AgencyID) {
			return noPerson()
		}
		if r.Admit != nil {
			l, err := t.inForce(a.AgencyID, a.Model.ID, a.Model.SHA256, w.At)
			if err != nil {
				return err
			}
			if err := r.Admit(l); err != nil {
				return err
			}
		}
		if history != nil {
			if err := t.putHistory(w, history); err != nil {
				return err
			}
		}
		p, err := t.person(w.Scope, a.PersonID)
		if err != nil {
			return err
		}
		if p.AgencyID != a.AgencyID {
			return noPerson()
		}
		_, err = t.exec(`INSERT INTO assessments (id, agency_id, person_id, created_at, as_of, purpose, model_id, model_version,
				model_sha256, input_sha256, scores, document, input, inputs)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			a.ID, a.AgencyID, a.PersonID, stamp(a.CreatedAt), a.AsOf.String(), string(a.Purpose), a.Model.ID, a.Model.Version,
			a.Model.SHA256, a.InputSHA256, string(summary), document, notNull(r.Input), notNull(r.Inputs))
		if err != nil {
			return err
		}
		for _, shadow := range r.Shadows {
			if _, err := t.exec(`INSERT INTO shadow_scores (assessment_id, sha256, agency_id, refused, document, inputs) VALUES (?, ?, ?, ?, ?, ?)`,
				a.ID, shadow.SHA256, a.AgencyID, shadow.Refused, notNull(shadow.Document), notNull(shadow.Inputs)); err != nil {
				return err
			}
		}
		if err := t.noteLatest(p, a); err != nil {
			return err
		}
		return t.happened(w, p, a.ID, "created")
	})
	return id, err
}

// noteLatest makes a the person's latest assessment, unless a later one is stored.
func (t *tx) noteLatest(p *personRow, a *tarozi.Assessment) error {
	created := stamp(a.CreatedAt)
	if p.LatestAssessedAt.Valid && p.LatestAssessedAt.String > created {
		return nil
	}
	newer := 0
	if p.LastEventAt.String > created {
		err := t.get(&newer, `SELECT count(*) FROM events WHERE person_id = ? AND version = ? AND received_at > ?`,
			p.PersonID, p.HistoryVersion, created)
		if err != nil {
			return err
		}
	}
	_, err := t.exec(`UPDATE people SET latest_assessment_id = ?, latest_assessed_at = ?, new_events = ? WHERE person_id = ?`,
		a.ID, created, newer, a.PersonID)
	return err
}

// happened puts a line into the list of changes, as one of the agency that is responsible.
func (t *tx) happened(w scoring.Write, p *personRow, assessmentID, what string) error {
	_, err := t.exec(`INSERT INTO changes (agency_id, assessment_id, person_id, what, at) VALUES (?, ?, ?, ?, ?)`,
		p.AgencyID, assessmentID, p.PersonID, what, stamp(w.At))
	return err
}

// storedAssessment is a row as lists read it. The state in the document is that of the day it was stored; the row has the present
// one.
type storedAssessment struct {
	Document    []byte
	ReviewState tarozi.ReviewState `db:"review_state"`
	DecidedBand tarozi.Band        `db:"decided_band"`
}

func (s storedAssessment) decode(into *tarozi.Assessment) error {
	if err := unmarshal(s.Document, into); err != nil {
		return err
	}
	into.ReviewState, into.DecidedBand = s.ReviewState, s.DecidedBand
	return nil
}

func noAssessment() error {
	return tarozi.Errorf(tarozi.NotFound, "there is no such assessment in this agency: check its id")
}

// Assessment reads a record whole; its review state is the present one.
func (db *DB) Assessment(ctx context.Context, scope tarozi.Scope, id string) (*scoring.Record, error) {
	var row struct {
		storedAssessment
		PersonID      string `db:"person_id"`
		Restricted    bool
		Input, Inputs []byte
	}
	err := db.read(ctx, func(t *tx) error {
		now, may := state(scope, "a", "p"), readable(scope, "a", "p")
		err := t.get(&row, `SELECT a.document, a.input, a.inputs, `+now.sql+`, p.person_id, p.restricted
			FROM assessments a JOIN people p ON p.person_id = a.person_id WHERE a.id = ? AND (`+may.sql+`)`, may.after(before(now, id)...)...)
		if err == nil && row.Restricted {
			err = t.opened(scope, row.PersonID)
		}
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, noAssessment()
	}
	if err != nil {
		return nil, err
	}
	record := &scoring.Record{Input: row.Input, Inputs: row.Inputs}
	if err := row.decode(&record.Assessment); err != nil {
		return nil, told(err)
	}
	return record, nil
}

// AssessmentsOf lists a person's assessments, newest first; none is an empty list. The cursor is the id of the last assessment
// of the page before.
func (db *DB) AssessmentsOf(ctx context.Context, scope tarozi.Scope, personID string, page scoring.Page) ([]tarozi.Assessment, error) {
	var rows []storedAssessment
	err := db.read(ctx, func(t *tx) error {
		if _, err := t.known(scope, personID); err != nil {
			return err
		}
		from := struct {
			CreatedAt string `db:"created_at"`
			ID        string
		}{"~", ""} // after every stamp
		if page.Cursor != "" {
			err := t.get(&from, `SELECT created_at, id FROM assessments WHERE id = ? AND person_id = ?`, page.Cursor, personID)
			if errors.Is(err, sql.ErrNoRows) {
				return badCursor("cursor")
			}
			if err != nil {
				return err
			}
		}
		now, may := state(scope, "a", "p"), readable(scope, "a", "p")
		return t.list(&rows, `SELECT a.document, `+now.sql+` FROM assessments a JOIN people p ON p.person_id = a.person_id
			WHERE a.person_id = ? AND (a.created_at, a.id) < (?, ?) AND (`+may.sql+`)
			ORDER BY a.created_at DESC, a.id DESC LIMIT ?`,
			append(may.after(before(now, personID, from.CreatedAt, from.ID)...), bounded(page.Limit))...)
	})
	if err != nil {
		return nil, err
	}
	list := make([]tarozi.Assessment, len(rows))
	for i, row := range rows {
		if err := row.decode(&list[i]); err != nil {
			return nil, told(err)
		}
	}
	return list, nil
}

// ChangedSince lists what happened to assessments while the scope held them, after the cursor, in the order of the commits, each with the
// review state of today, or of the day on which the person left. next is where to go on from; it is the cursor itself where nothing happened. An empty cursor starts at
// the beginning.
func (db *DB) ChangedSince(ctx context.Context, scope tarozi.Scope, cursor string, limit int) ([]scoring.Change, string, error) {
	after := int64(0)
	if cursor != "" {
		var err error
		if after, err = strconv.ParseInt(cursor, 10, 64); err != nil || after < 0 {
			return nil, "", badCursor("changed_since")
		}
	}
	var rows []struct {
		Seq          int64
		AssessmentID string `db:"assessment_id"`
		PersonID     string `db:"person_id"`
		What, At     string
		ReviewState  tarozi.ReviewState `db:"review_state"`
		DecidedBand  tarozi.Band        `db:"decided_band"`
	}
	err := db.read(ctx, func(t *tx) error {
		now, may := state(scope, "a", "p"), inAgencies(scope, "c.agency_id").and(readable(scope, "c", "p"))
		return t.list(&rows, `SELECT c.seq, c.assessment_id, c.person_id, c.what, c.at, `+now.sql+`
			FROM changes c JOIN assessments a ON a.id = c.assessment_id JOIN people p ON p.person_id = c.person_id
			WHERE `+may.sql+` AND c.seq > ? ORDER BY c.seq LIMIT ?`, append(may.after(now.args...), after, bounded(limit))...)
	})
	if err != nil {
		return nil, "", err
	}
	changes := make([]scoring.Change, len(rows))
	for i, row := range rows {
		at, err := parseStamp(row.At)
		if err != nil {
			return nil, "", told(err)
		}
		changes[i] = scoring.Change{AssessmentID: row.AssessmentID, PersonID: row.PersonID, What: row.What,
			ReviewState: row.ReviewState, DecidedBand: row.DecidedBand, At: at}
		after = row.Seq
	}
	return changes, strconv.FormatInt(after, 10), nil
}

func badCursor(parameter string) *tarozi.Error {
	return &tarozi.Error{Code: tarozi.Malformed, Message: "the cursor is not one that this service gave: start without one",
		Fields: []tarozi.FieldError{{Pointer: "/" + parameter, Code: "unknown_value", Message: "take the cursor from the page before, unchanged"}}}
}

func summaries(scores []tarozi.Score) []scoring.ScoreSummary {
	short := make([]scoring.ScoreSummary, len(scores))
	for i, s := range scores {
		short[i] = scoring.ScoreSummary{Outcome: s.Outcome, HorizonMonths: s.HorizonMonths, Probability: s.Probability, Band: s.Band}
	}
	return short
}
