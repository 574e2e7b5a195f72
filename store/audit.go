package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// QueuedEntry is an audit entry that waits for the log.
type QueuedEntry struct {
	Seq   int64  // grows with the order of commits; never used twice
	Entry []byte // canonical JSON (RFC 8785) of a scoring.AuditEntry
	Salt  []byte
}

// AuditQueue lists entries of all agencies with a Seq above after, in order, at most limit.
func (db *DB) AuditQueue(ctx context.Context, after int64, limit int) ([]QueuedEntry, error) {
	var entries []QueuedEntry
	err := db.read(ctx, func(t *tx) error {
		return t.list(&entries, `SELECT seq, entry, salt FROM audit_queue WHERE seq > ? ORDER BY seq LIMIT ?`, after, bounded(limit))
	})
	return entries, err
}

// change makes one change that result names (an id): its work, its audit entry and its idempotency key, in one transaction. A
// request repeated under its key does nothing and gives the earlier result; done is false then.
func (db *DB) change(ctx context.Context, w scoring.Write, result string, work func(*tx) error) (id string, done bool, err error) {
	return db.changeAs(ctx, w, result, func(t *tx) (scoring.AuditEntry, error) { return w.Audit, work(t) })
}

// changeAs is change for work that knows its audit entry only when it is done.
func (db *DB) changeAs(ctx context.Context, w scoring.Write, result string, work func(*tx) (scoring.AuditEntry, error)) (id string, done bool, err error) {
	err = db.write(ctx, func(t *tx) error {
		id, done = result, false
		earlier, again, err := t.once(w, result)
		if err != nil {
			return err
		}
		if again {
			id = earlier
			return nil
		}
		entry, err := work(t)
		if err != nil {
			return err
		}
		done = true
		return t.record(entry)
	})
	if err != nil {
		return "", false, err
	}
	return id, done, nil
}

// record makes an audit entry of the change's own transaction; it is queued as the job ends (see finish).
func (t *tx) record(entry scoring.AuditEntry) error {
	t.entries = append(t.entries, entry)
	return nil
}

// Earlier is what a request under the write's idempotency key gave before: empty where the key is new or there is none, a Conflict
// where it was used with another request.
func (db *DB) Earlier(ctx context.Context, w scoring.Write) (id string, err error) {
	if w.Idempotency == nil {
		return "", nil
	}
	err = db.read(ctx, func(t *tx) error {
		id, _, err = t.used(w)
		return err
	})
	return id, err
}

// used is what the write's idempotency key is tied to: the result of the same action and request, false where the key is new.
func (t *tx) used(w scoring.Write) (result string, again bool, err error) {
	var used struct {
		Action        string
		RequestSHA256 string `db:"request_sha256"`
		ResultID      string `db:"result_id"`
	}
	err = t.get(&used, `SELECT action, request_sha256, result_id FROM idempotency WHERE account_id = ? AND key = ? AND agency_id = ?`,
		w.Actor.AccountID, w.Idempotency.Key, w.Actor.AgencyID)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", false, nil
	case err != nil:
		return "", false, err
	case used.Action != w.Audit.Action || used.RequestSHA256 != w.Idempotency.RequestSHA256:
		return "", false, tarozi.Errorf(tarozi.Conflict, "this Idempotency-Key was used before with another request: send a new key with a new request")
	default:
		return used.ResultID, true, nil
	}
}

// once ties the write's idempotency key to result. Where the key was used before for the same action and request it returns
// the earlier result and true; for another one, a Conflict.
func (t *tx) once(w scoring.Write, result string) (earlier string, again bool, err error) {
	if w.Idempotency == nil {
		return "", false, nil
	}
	if earlier, again, err = t.used(w); again || err != nil {
		return earlier, again, err
	}
	_, err = t.exec(`INSERT INTO idempotency (account_id, key, agency_id, action, request_sha256, result_id, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)`,
		w.Actor.AccountID, w.Idempotency.Key, w.Actor.AgencyID, w.Audit.Action, w.Idempotency.RequestSHA256, result, stamp(w.At))
	return "", false, err
}

func marshal(value any) ([]byte, error) {
	text, err := json.Marshal(value, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	return text, nil
}

func unmarshal(text []byte, into any) error {
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("reading stored JSON: %w", err)
	}
	return nil
}

// notNull stores an empty value where the driver would store NULL for a nil slice.
func notNull(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// maxLimit is the longest list given at once.
const maxLimit = 1000

// bounded is limit within 1 to maxLimit; 50 where none is given.
func bounded(limit int) int {
	if limit <= 0 {
		return 50
	}
	return min(limit, maxLimit)
}
