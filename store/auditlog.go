package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

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

// Record reads the stored bytes that an entry commits to, in the order in which its hash takes them; found is false where the
// bytes of such a record are not kept as one piece, or the record was erased.
func (l AuditLog) Record(ctx context.Context, c audit.Commitment) (parts [][]byte, found bool, err error) {
	err = l.db.read(ctx, func(t *tx) error {
		switch c.Action {
		case "assessment.created":
			var row struct{ Input, Inputs, Document []byte }
			if err := t.get(&row, `SELECT input, inputs, document FROM assessments WHERE id = ?`, c.SubjectID); err != nil {
				return err
			}
			parts = [][]byte{row.Input, row.Inputs, row.Document}
		default:
			return sql.ErrNoRows
		}
		return nil
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return parts, err == nil, err
}
