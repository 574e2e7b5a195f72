package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/audit"
)

// AuditLog is the log of the database; it is an audit.Storage.
type AuditLog struct{ db *DB }

var _ audit.Storage = AuditLog{}

// AuditLog gives the log that the queued audit entries go into.
func (db *DB) AuditLog() AuditLog { return AuditLog{db} }

// Queued lists entries that have no place yet, in the order of commits.
func (l AuditLog) Queued(ctx context.Context, limit int) ([]audit.Queued, error) {
	waiting, err := l.db.AuditQueue(ctx, 0, limit)
	if err != nil {
		return nil, err
	}
	queued := make([]audit.Queued, len(waiting))
	for i, w := range waiting {
		queued[i] = audit.Queued{Seq: w.Seq, Entry: w.Entry}
	}
	return queued, nil
}

// Waiting lists the entries that have no place yet, all of them, with place -1.
func (l AuditLog) Waiting(ctx context.Context) (entries []LoggedEntry, err error) {
	err = l.db.read(ctx, func(t *tx) error {
		return t.list(&entries, `SELECT -1 AS place, entry, salt FROM audit_queue ORDER BY seq`)
	})
	return entries, err
}

// Head is the latest checkpoint, nil where there is none.
func (l AuditLog) Head(ctx context.Context) (signed []byte, err error) {
	err = l.db.read(ctx, func(t *tx) error {
		return t.get(&signed, `SELECT signed FROM audit_checkpoints ORDER BY seq DESC LIMIT 1`)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return signed, err
}

// Hashes reads stored hashes by their positions, in order.
func (l AuditLog) Hashes(ctx context.Context, positions []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(positions))
	err := l.db.read(ctx, func(t *tx) error {
		for i, p := range positions {
			var hash []byte
			if err := t.get(&hash, `SELECT hash FROM audit_hashes WHERE position = ?`, p); err != nil {
				return fmt.Errorf("reading hash %d: %w", p, err)
			}
			copy(hashes[i][:], hash)
		}
		return nil
	})
	return hashes, err
}

// Append moves a batch from the queue into the log in one transaction. A log that no longer ends where the batch begins is a
// Conflict.
func (l AuditLog) Append(ctx context.Context, b audit.Batch) error {
	return l.db.write(ctx, func(t *tx) error {
		var size int64
		if err := t.get(&size, `SELECT count(*) FROM audit_log`); err != nil {
			return err
		}
		if size != b.From {
			return tarozi.Errorf(tarozi.Conflict, "the audit log has %d entries, not %d: another process sequences it", size, b.From)
		}
		for i, e := range b.Entries {
			moved, err := t.exec(`INSERT INTO audit_log (place, id, agency_id, entry, salt)
				SELECT ?, id, agency_id, entry, salt FROM audit_queue WHERE seq = ? AND entry = ?`, b.From+int64(i), e.Seq, e.Entry)
			if err != nil {
				return err
			}
			if moved != 1 {
				return tarozi.Errorf(tarozi.Conflict, "entry %d of the audit queue is no longer the one that was read", e.Seq)
			}
			if _, err := t.exec(`DELETE FROM audit_queue WHERE seq = ?`, e.Seq); err != nil {
				return err
			}
		}
		for i, h := range b.Hashes {
			if _, err := t.exec(`INSERT INTO audit_hashes (position, hash) VALUES (?, ?)`, b.FirstHash+int64(i), h[:]); err != nil {
				return err
			}
		}
		_, err := t.exec(`INSERT INTO audit_checkpoints (size, signed) VALUES (?, ?)`, b.From+int64(len(b.Entries)), b.Checkpoint)
		return err
	})
}

// LoggedEntry is an entry at its place, with its salt.
type LoggedEntry struct {
	Place int64
	Entry []byte
	Salt  []byte
	Leaf  []byte // hash of the entry as it was stored beside it
}

// Entries calls each for every entry of the log in order, until it returns an error.
func (l AuditLog) Entries(ctx context.Context, each func(LoggedEntry) error) error {
	const page = 1000
	for from := int64(0); ; from += page {
		var rows []LoggedEntry
		err := l.db.read(ctx, func(t *tx) error {
			if err := t.list(&rows, `SELECT place, entry, salt FROM audit_log WHERE place >= ? ORDER BY place LIMIT ?`, from, page); err != nil {
				return err
			}
			for i := range rows {
				err := t.get(&rows[i].Leaf, `SELECT hash FROM audit_hashes WHERE position = ?`, tlog.StoredHashIndex(0, rows[i].Place))
				if err != nil && !errors.Is(err, sql.ErrNoRows) {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := each(row); err != nil {
				return err
			}
		}
		if len(rows) < page {
			return nil
		}
	}
}

// Checkpoints lists every checkpoint in the order of signing.
func (l AuditLog) Checkpoints(ctx context.Context) (signed [][]byte, err error) {
	err = l.db.read(ctx, func(t *tx) error { return t.list(&signed, `SELECT signed FROM audit_checkpoints ORDER BY seq`) })
	return signed, err
}

// LoggedRecord is what is stored of a record that an entry speaks of.
type LoggedRecord struct {
	Parts [][]byte // the bytes that the entry commits to, in the order in which its hash takes them
	// Wrong says what of the row beside those bytes is not what they and the entry say; empty where all of it is.
	Wrong string
}

// Record reads the record of an entry. It is nil, without an error, where records of this kind are not kept as one piece; one that
// should be there and is not is NotFound.
func (l AuditLog) Record(ctx context.Context, c audit.Commitment) (record *LoggedRecord, err error) {
	err = l.db.read(ctx, func(t *tx) error {
		switch {
		case c.Action == "assessment.created":
			record, err = t.loggedAssessment(c)
		case strings.HasPrefix(c.Action, "review."):
			record, err = t.loggedStep(c)
		case c.Action == "lever.proposed" || c.Action == "lever.signed":
			record, err = t.loggedLever(c)
		case c.Action == "report.made":
			record, err = t.loggedReport(c.SubjectID)
		}
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, tarozi.Errorf(tarozi.NotFound, "the record (%s %s) is gone", c.Action, c.SubjectID)
	}
	return record, err
}

func (t *tx) loggedAssessment(c audit.Commitment) (*LoggedRecord, error) {
	var row struct {
		AgencyID                string `db:"agency_id"`
		PersonID                string `db:"person_id"`
		AsOf                    string `db:"as_of"`
		Scores                  string
		Input, Inputs, Document []byte
	}
	err := t.get(&row, `SELECT agency_id, person_id, as_of, scores, input, inputs, document FROM assessments WHERE id = ?`, c.SubjectID)
	if err != nil {
		return nil, err
	}
	r := &LoggedRecord{Parts: [][]byte{row.Input, row.Inputs, row.Document}}
	var a tarozi.Assessment
	if err := unmarshal(row.Document, &a); err != nil {
		r.Wrong = "the document cannot be read"
		return r, nil
	}
	summary, err := marshal(summaries(a.Scores))
	if err != nil {
		return nil, err
	}
	switch {
	case row.AgencyID != c.AgencyID || row.AgencyID != a.AgencyID:
		r.Wrong = "its row names another agency"
	case row.PersonID != a.PersonID || row.AsOf != a.AsOf.String():
		r.Wrong = "its row names another person or day"
	case row.Scores != string(summary):
		r.Wrong = "its row shows other scores"
	}
	return r, nil
}

func (t *tx) loggedStep(c audit.Commitment) (*LoggedRecord, error) {
	var row struct {
		AgencyID  string `db:"agency_id"`
		AccountID string `db:"account_id"`
		Kind      string
		Document  []byte
	}
	if err := t.get(&row, `SELECT agency_id, account_id, kind, document FROM review_steps WHERE id = ?`, c.SubjectID); err != nil {
		return nil, err
	}
	r := &LoggedRecord{Parts: [][]byte{row.Document}}
	if row.AgencyID != c.AgencyID || row.AccountID != c.AccountID || "review."+row.Kind != c.Action {
		r.Wrong = "its row names another agency, account or kind"
	}
	return r, nil
}
