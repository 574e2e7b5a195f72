package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// Scored is an assessment with what is known for its audit.
type Scored struct {
	ID, PersonID, AgencyID string
	AsOf                   tarozi.Date
	CreatedAt              time.Time
	State                  tarozi.ReviewState
	Document, Inputs       []byte            // as stored
	Outcomes               []tarozi.Outcome  // of the person, of every kind
	Attributes             map[string]string // for audit alone; nil where none is stated
}

// firstOf selects each person's first assessment by a model as of a day of a range, within the scope's agencies.
func firstOf(scope tarozi.Scope, modelSHA256 string, from, to tarozi.Date) clause {
	of := inAgencies(scope, "a.agency_id")
	return clause{`
		FROM assessments a WHERE a.model_sha256 = ? AND a.as_of >= ? AND a.as_of <= ? AND (` + of.sql + `) AND NOT EXISTS (
			SELECT 1 FROM assessments b WHERE b.person_id = a.person_id AND b.model_sha256 = a.model_sha256 AND b.as_of >= ?
				AND (b.as_of, b.created_at, b.id) < (a.as_of, a.created_at, a.id))`,
		append(of.after(modelSHA256, from.String(), to.String()), from.String())}
}

// FirstScored calls each for the first assessment of every person of the scope's agencies by a bundle as of a day from one to another,
// in the order of ids. It is for reports alone: restricted cases count in figures as everybody does.
func (db *DB) FirstScored(ctx context.Context, scope tarozi.Scope, modelSHA256 string, from, to tarozi.Date, each func(*Scored) error) error {
	const page = 500
	first := firstOf(scope, modelSHA256, from, to)
	for after := ""; ; {
		var list []Scored
		err := db.read(ctx, func(t *tx) (err error) {
			list, err = t.scored(first.sql, first.args, after, page)
			return err
		})
		if err != nil {
			return err
		}
		for i := range list {
			if err := each(&list[i]); err != nil {
				return err
			}
		}
		if len(list) < page {
			return nil
		}
		after = list[len(list)-1].ID
	}
}

func (t *tx) scored(from string, args []any, after string, limit int) ([]Scored, error) {
	var rows []struct {
		ID               string
		PersonID         string `db:"person_id"`
		AgencyID         string `db:"agency_id"`
		AsOf             string `db:"as_of"`
		CreatedAt        string `db:"created_at"`
		State            string `db:"review_state"`
		Document, Inputs []byte
	}
	query := `SELECT a.id, a.person_id, a.agency_id, a.as_of, a.created_at, a.review_state, a.document, a.inputs` + from + ` AND a.id > ? ORDER BY a.id LIMIT ?`
	if err := t.list(&rows, query, append(append([]any{}, args...), after, limit)...); err != nil {
		return nil, err
	}
	list := make([]Scored, len(rows))
	for i, row := range rows {
		s := &list[i]
		*s = Scored{ID: row.ID, PersonID: row.PersonID, AgencyID: row.AgencyID, State: tarozi.ReviewState(row.State), Document: row.Document, Inputs: row.Inputs}
		var err error
		if s.AsOf, err = tarozi.ParseDate(row.AsOf); err != nil {
			return nil, err
		}
		if s.CreatedAt, err = parseStamp(row.CreatedAt); err != nil {
			return nil, err
		}
		if s.Attributes, err = t.protected(row.PersonID); err != nil {
			return nil, err
		}
		var documents [][]byte
		if err := t.list(&documents, `SELECT document FROM outcomes WHERE person_id = ? ORDER BY kind, followed_from`, row.PersonID); err != nil {
			return nil, err
		}
		for _, document := range documents {
			var o tarozi.Outcome
			if err := unmarshal(document, &o); err != nil {
				return nil, err
			}
			s.Outcomes = append(s.Outcomes, o)
		}
	}
	return list, nil
}

// Worked counts what was done about the assessments of the scope's agencies as of a day from one to another. Those that are open and
// were made at the moment or before have expired.
type Worked struct {
	Scored, Reviewed, Open, Expired, Bypassed, Complaints, Upheld, Corrections int
	Refused                                                                    map[string]int // requests without a score, by reason
}

// Worked counts.
func (db *DB) Worked(ctx context.Context, scope tarozi.Scope, modelSHA256 string, from, to tarozi.Date, made time.Time) (Worked, error) {
	of := inAgencies(scope, "a.agency_id")
	about := of.after(modelSHA256, from.String(), to.String())
	var w Worked
	err := db.read(ctx, func(t *tx) error {
		where := ` FROM assessments a WHERE a.model_sha256 = ? AND a.as_of >= ? AND a.as_of <= ? AND (` + of.sql + `)`
		err := t.get(&w, `SELECT count(*) AS scored, coalesce(sum(review_state = 'done'), 0) AS reviewed,
			coalesce(sum(`+isOpen+` AND created_at > ?), 0) AS open,
			coalesce(sum(review_state = 'expired' OR `+isOpen+` AND created_at <= ?), 0) AS expired`+where,
			append([]any{stamp(made), stamp(made)}, about...)...)
		if err != nil {
			return err
		}
		var steps struct{ Bypassed, Complaints, Upheld, Corrections int }
		err = t.get(&steps, `SELECT coalesce(sum(s.kind = 'bypass'), 0) AS bypassed, coalesce(sum(s.kind = 'challenge'), 0) AS complaints,
			coalesce(sum(s.kind = 'answer' AND json_extract(CAST(s.document AS TEXT), '$.result') IN ('upheld', 'partly_upheld')), 0) AS upheld,
			coalesce(sum(s.kind = 'answer' AND json_extract(CAST(s.document AS TEXT), '$.consequence') = 'records_corrected'), 0) AS corrections
			FROM review_steps s WHERE s.assessment_id IN (SELECT a.id`+where+`)`, about...)
		if err != nil {
			return err
		}
		w.Bypassed, w.Complaints, w.Upheld, w.Corrections = steps.Bypassed, steps.Complaints, steps.Upheld, steps.Corrections
		var refused []struct {
			Reason string
			N      int
		}
		in := inAgencies(scope, "agency_id")
		err = t.list(&refused, `SELECT reason, sum(n) AS n FROM refusals WHERE model_sha256 = ? AND as_of >= ? AND as_of <= ? AND (`+in.sql+`)
			GROUP BY reason`, in.after(modelSHA256, from.String(), to.String())...)
		w.Refused = map[string]int{}
		for _, r := range refused {
			w.Refused[r.Reason] = r.N
		}
		return err
	})
	return w, err
}

// StoredReport is a report as it was made.
type StoredReport struct {
	ID, AgencyID, ModelID, Period, MadeBy string
	MadeAt                                time.Time
	Document                              []byte // empty in lists
}

// SaveReport stores a report of the actor's agency with what it found past its limits. One that is there already stays as it is.
func (db *DB) SaveReport(ctx context.Context, w scoring.Write, r *StoredReport, findings []scoring.Finding) error {
	err := db.write(ctx, func(t *tx) error {
		_, err := t.exec(`INSERT INTO fairness_reports (id, agency_id, model_id, period, made_at, made_by, document) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			r.ID, w.Actor.AgencyID, r.ModelID, r.Period, stamp(r.MadeAt), r.MadeBy, r.Document)
		if err != nil {
			return err
		}
		for _, f := range findings {
			document, err := marshal(&f)
			if err != nil {
				return err
			}
			_, err = t.exec(`INSERT INTO report_findings (report_id, kind, agency_id, model_id, model_sha256, at, document) VALUES (?, ?, ?, ?, ?, ?, ?)`,
				f.ReportID, string(f.Kind), w.Actor.AgencyID, f.ModelID, f.ModelSHA256, stamp(f.At), document)
			if err != nil {
				return err
			}
		}
		return t.record(w.Audit)
	})
	return err
}

// Reports lists the reports that committees of the scope's agencies made, newest first, at most limit, without their documents.
func (db *DB) Reports(ctx context.Context, scope tarozi.Scope, limit int) ([]StoredReport, error) {
	of := inAgencies(scope, "agency_id")
	return db.reports(ctx, `SELECT id, agency_id, model_id, period, made_at, made_by, x'' AS document FROM fairness_reports WHERE `+of.sql+
		` ORDER BY made_at DESC, id DESC LIMIT ?`, append(of.after(), bounded(limit))...)
}

// Report reads a report of the scope by its id, or the latest one of a period; NotFound where there is none.
func (db *DB) Report(ctx context.Context, scope tarozi.Scope, idOrPeriod string) (*StoredReport, error) {
	of := inAgencies(scope, "agency_id")
	list, err := db.reports(ctx, `SELECT id, agency_id, model_id, period, made_at, made_by, document FROM fairness_reports
		WHERE (id = ? OR period = ?) AND (`+of.sql+`) ORDER BY agency_id = ? DESC, made_at DESC, id DESC LIMIT 1`,
		append(of.after(idOrPeriod, idOrPeriod), scope.AgencyID)...)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, tarozi.Errorf(tarozi.NotFound, "there is no such report: a member of the oversight committee makes it first")
	}
	return &list[0], nil
}

// EarlierReports are the agency's own reports about a model, oldest first, whole.
func (db *DB) EarlierReports(ctx context.Context, agencyID, modelID string) ([]StoredReport, error) {
	return db.reports(ctx, `SELECT id, agency_id, model_id, period, made_at, made_by, document FROM fairness_reports
		WHERE agency_id = ? AND model_id = ? ORDER BY made_at, id`, agencyID, modelID)
}

func (db *DB) reports(ctx context.Context, query string, args ...any) ([]StoredReport, error) {
	var rows []struct {
		ID       string
		AgencyID string `db:"agency_id"`
		ModelID  string `db:"model_id"`
		Period   string
		MadeAt   string `db:"made_at"`
		MadeBy   string `db:"made_by"`
		Document []byte
	}
	err := db.read(ctx, func(t *tx) error { return t.list(&rows, query, args...) })
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	list := make([]StoredReport, len(rows))
	for i, row := range rows {
		at, err := parseStamp(row.MadeAt)
		if err != nil {
			return nil, told(err)
		}
		list[i] = StoredReport{ID: row.ID, AgencyID: row.AgencyID, ModelID: row.ModelID, Period: row.Period, MadeAt: at, MadeBy: row.MadeBy, Document: row.Document}
	}
	return list, nil
}

// loggedReport is what is stored of a report.
func (t *tx) loggedReport(id string) (*LoggedRecord, error) {
	var document []byte
	if err := t.get(&document, `SELECT document FROM fairness_reports WHERE id = ?`, id); err != nil {
		return nil, err
	}
	return &LoggedRecord{Parts: [][]byte{document}}, nil
}
