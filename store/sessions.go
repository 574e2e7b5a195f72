package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Sessions keeps sign-in sessions for github.com/alexedwards/scs; it is an scs.CtxStore. Tokens are stored as they are given:
// let scs hash them (SessionManager.HashTokenInStore).
//
// The project's own sqlite3store is not used: it writes beside the one writer, and asks the database for the time.
type Sessions struct {
	db  *DB
	now func() time.Time
}

// Sessions opens the table of sessions; now says which have expired.
func (db *DB) Sessions(now func() time.Time) *Sessions { return &Sessions{db: db, now: now} }

// FindCtx reads a session; one that is absent or has expired is not found, which is no error.
func (s *Sessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.db.read(ctx, func(t *tx) error {
		return t.get(&data, `SELECT data FROM sessions WHERE token = ? AND expires_at > ?`, token, stamp(s.now()))
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// CommitCtx stores a session in place of an earlier one of the token, and removes those that have expired.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	return s.db.write(ctx, func(t *tx) error {
		if _, err := t.exec(`DELETE FROM sessions WHERE expires_at <= ?`, stamp(s.now())); err != nil {
			return err
		}
		_, err := t.exec(`INSERT INTO sessions (token, data, expires_at) VALUES (?, ?, ?)
			ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at`, token, notNull(data), stamp(expiry))
		return err
	})
}

// DeleteCtx ends a session; one that is absent is no error.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	return s.db.write(ctx, func(t *tx) error {
		_, err := t.exec(`DELETE FROM sessions WHERE token = ?`, token)
		return err
	})
}

// Find is FindCtx without a context, as scs.Store asks for it.
func (s *Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context, as scs.Store asks for it.
func (s *Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context, as scs.Store asks for it.
func (s *Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
