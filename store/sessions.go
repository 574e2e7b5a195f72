package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// Session is what a session is stored as, in JSON: what an account's sessions are listed and ended by, and the rest as the server wrote
// it.
type Session struct {
	Account string `json:"account"` // who is signed in; empty: nobody
	ID      string `json:"id"`      // a name for lists, which opens nothing
	Begun   int64  `json:"begun"`   // seconds since 1970
	Agent   string `json:"agent"`   // the browser, as it calls itself
	Values  []byte `json:"values"`
}

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
		return t.get(&data, `SELECT data FROM sessions WHERE token = ? AND expires_at > ? AND ended = 0`, token, stamp(s.now()))
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// CommitCtx stores a session in place of an earlier one of the token, and removes those that have expired.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	var head Session
	if err := unmarshal(data, &head); err != nil {
		return told(err)
	}
	return s.db.write(ctx, func(t *tx) error {
		if _, err := t.exec(`DELETE FROM sessions WHERE expires_at <= ?`, stamp(s.now())); err != nil {
			return err
		}
		_, err := t.exec(`INSERT INTO sessions (token, data, expires_at, account_id, session_id, agent, begun_at) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at, account_id = excluded.account_id,
				session_id = excluded.session_id, agent = excluded.agent, begun_at = excluded.begun_at
			WHERE sessions.ended = 0`,
			token, notNull(data), stamp(expiry), head.Account, head.ID, head.Agent, stamp(time.Unix(head.Begun, 0)))
		return err
	})
}

// DeleteCtx ends a session; one that is absent is no error. Its row stays until it would have expired, so that a request under way
// cannot bring the session back when it is answered.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	return s.db.write(ctx, func(t *tx) error {
		_, err := t.exec(`UPDATE sessions SET ended = 1, data = x'' WHERE token = ?`, token)
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

// SignedIn is a session of an account.
type SignedIn struct {
	ID      string
	Agent   string
	Begun   time.Time
	Expires time.Time // unless it is used before
}

// SessionsOf lists an account's sessions, the newest first.
func (db *DB) SessionsOf(ctx context.Context, accountID string, now time.Time) ([]SignedIn, error) {
	var rows []struct {
		ID        string `db:"session_id"`
		Agent     string
		BegunAt   string `db:"begun_at"`
		ExpiresAt string `db:"expires_at"`
	}
	err := db.read(ctx, func(t *tx) error {
		return t.list(&rows, `SELECT session_id, agent, begun_at, expires_at FROM sessions
			WHERE account_id = ? AND account_id <> '' AND expires_at > ? AND ended = 0 ORDER BY begun_at DESC, session_id`, accountID, stamp(now))
	})
	if err != nil {
		return nil, err
	}
	list := make([]SignedIn, len(rows))
	for i, row := range rows {
		list[i] = SignedIn{ID: row.ID, Agent: row.Agent}
		if list[i].Begun, err = parseStamp(row.BegunAt); err != nil {
			return nil, told(err)
		}
		if list[i].Expires, err = parseStamp(row.ExpiresAt); err != nil {
			return nil, told(err)
		}
	}
	return list, nil
}

// EndSession ends one of the actor's own sessions; one that is absent is NotFound.
func (db *DB) EndSession(ctx context.Context, w scoring.Write, sessionID string) error {
	_, _, err := db.change(ctx, w, sessionID, func(t *tx) error {
		ended, err := t.exec(`UPDATE sessions SET ended = 1, data = x'' WHERE account_id = ? AND session_id = ? AND ended = 0`, w.Actor.AccountID, sessionID)
		if err == nil && ended == 0 {
			err = tarozi.Errorf(tarozi.NotFound, "this session has ended already")
		}
		return err
	})
	return err
}

func (t *tx) endSessions(accountID string) error {
	_, err := t.exec(`UPDATE sessions SET ended = 1, data = x'' WHERE account_id = ?`, accountID)
	return err
}
