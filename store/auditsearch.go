package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// AuditQuery asks for a part of the log. What is left empty is not asked for.
type AuditQuery struct {
	Account  string // id or login, in whatever case
	AgencyID string
	From     time.Time // entries of this moment or later
	Until    time.Time // entries before this moment
	Before   int64     // place below which to look; 0: from the end
	Limit    int
}

// FoundEntry is an entry of the log with the names that belong to its ids now.
type FoundEntry struct {
	Place       int64
	At          string // as the entry says it: RFC 3339, UTC
	AgencyID    string `db:"agency_id"`
	AgencyName  string `db:"agency_name"` // empty where the agency is gone or never was
	AccountID   string `db:"account_id"`
	AccountName string `db:"account_name"` // empty for the command line and the service itself
	Action      string
	SubjectID   string `db:"subject_id"`
}

const findEntries = `SELECT l.place, coalesce(l.at, '') AS at, l.agency_id, coalesce(g.name, '') AS agency_name, coalesce(l.account_id, '') AS account_id,
	coalesce(a.name, '') AS account_name, coalesce(l.action, '') AS action, coalesce(l.subject_id, '') AS subject_id
	FROM audit_log l LEFT JOIN agencies g ON g.id = l.agency_id LEFT JOIN accounts a ON a.id = l.account_id WHERE `

// Search lists entries of the scope's agencies, latest first.
func (l AuditLog) Search(ctx context.Context, scope tarozi.Scope, q AuditQuery) ([]FoundEntry, error) {
	where := inAgencies(scope, "l.agency_id")
	if q.Account != "" {
		where = where.and(clause{`l.account_id = ? OR l.account_id IN (SELECT id FROM accounts WHERE login_folded = ?)`,
			[]any{q.Account, foldLogin(q.Account)}})
	}
	if q.AgencyID != "" {
		where = where.and(clause{`l.agency_id = ?`, []any{q.AgencyID}})
	}
	// Text of one width sorts as time does; an entry's own has as many digits as it needs, so that the seconds decide.
	if !q.From.IsZero() {
		where = where.and(clause{`l.at >= ?`, []any{q.From.UTC().Format(secondLayout)}})
	}
	if !q.Until.IsZero() {
		where = where.and(clause{`l.at < ?`, []any{q.Until.UTC().Format(secondLayout)}})
	}
	if q.Before > 0 {
		where = where.and(clause{`l.place < ?`, []any{q.Before}})
	}
	var found []FoundEntry
	err := l.db.read(ctx, func(t *tx) error {
		return t.list(&found, findEntries+where.sql+` ORDER BY l.place DESC LIMIT ?`, append(where.args, bounded(q.Limit))...)
	})
	return found, err
}

// secondLayout is the beginning of an entry's time, which every later text of the same second sorts behind.
const secondLayout = "2006-01-02T15:04:05"

// SearchPerson stores a search for a person's entries with its reason, and lists those of the scope's agencies, latest first. Entries
// name no person: they are found by the assessments and steps of reviews that they speak of, and by what is kept beside the log of
// whom an entry is about. The search goes when the person is erased. Of somebody whom nothing is stored of (never was, or was erased)
// neither id nor reason is kept, nor a commitment to them, for no erasure would ever reach them: the entry alone says who looked when.
func (l AuditLog) SearchPerson(ctx context.Context, w scoring.Write, personID string, document []byte, limit int) ([]FoundEntry, error) {
	err := l.db.write(ctx, func(t *tx) error {
		entry := w.Audit
		var there int
		if err := t.get(&there, `SELECT count(*) FROM people WHERE person_id = ?`, personID); err != nil {
			return err
		}
		if there == 0 {
			entry.SHA256, entry.Salt = "", nil
			return t.record(entry)
		}
		_, err := t.exec(`INSERT INTO audit_searches (id, agency_id, account_id, person_id, at, document) VALUES (?, ?, ?, ?, ?, ?)`,
			entry.SubjectID, entry.AgencyID, entry.AccountID, personID, stamp(w.At), document)
		if err != nil {
			return err
		}
		return t.record(entry)
	})
	if err != nil {
		return nil, err
	}
	where := inAgencies(w.Scope, "l.agency_id").and(clause{`l.subject_id IN (
		SELECT id FROM assessments WHERE person_id = ?
		UNION SELECT s.id FROM review_steps s JOIN assessments a ON a.id = s.assessment_id WHERE a.person_id = ?
		UNION SELECT id FROM audit_searches WHERE person_id = ?)
		OR l.id IN (SELECT entry_id FROM entry_people WHERE person_id = ?)`, []any{personID, personID, personID, personID}})
	var found []FoundEntry
	err = l.db.read(ctx, func(t *tx) error {
		return t.list(&found, findEntries+where.sql+` ORDER BY l.place DESC LIMIT ?`, append(where.args, bounded(limit))...)
	})
	return found, err
}

// Entry reads the bytes of an entry of the scope's agencies; any other is NotFound.
func (l AuditLog) Entry(ctx context.Context, scope tarozi.Scope, place int64) (entry []byte, err error) {
	c := inAgencies(scope, "agency_id")
	err = l.db.read(ctx, func(t *tx) error {
		return t.get(&entry, `SELECT entry FROM audit_log WHERE place = ? AND (`+c.sql+`)`, c.after(place)...)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, tarozi.Errorf(tarozi.NotFound, "there is no such entry in the log of your agencies: check the place")
	}
	return entry, err
}
