package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/mattn/go-sqlite3"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/seal"
)

// tx is a transaction. Queries are written with ? and rebound for the engine.
type tx struct {
	ctx  context.Context
	sql  *sqlx.Tx
	seal *seal.Sealer

	// Of a writing transaction, for its present job:
	watch   *rowWatch
	clock   *clock    // nil: not guarded
	latest  time.Time // of the transaction's entries, where the clock is guarded
	entries []scoring.AuditEntry
	people  []string // whom the entries are about, beside those whose rows were touched
}

// exec returns the number of rows changed.
func (t *tx) exec(query string, args ...any) (int64, error) {
	result, err := t.sql.ExecContext(t.ctx, t.sql.Rebind(query), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// get reads one row into dest; no row is sql.ErrNoRows.
func (t *tx) get(dest any, query string, args ...any) error {
	return t.sql.GetContext(t.ctx, dest, t.sql.Rebind(query), args...)
}

// list reads all rows into dest, a pointer to a slice.
func (t *tx) list(dest any, query string, args ...any) error {
	return t.sql.SelectContext(t.ctx, dest, t.sql.Rebind(query), args...)
}

// read runs do in one reading transaction: everything it sees is of one moment.
func (db *DB) read(ctx context.Context, do func(*tx) error) error {
	if db.snapshot != nil {
		return told(do(&tx{ctx: ctx, sql: db.snapshot}))
	}
	if db.writes.isClosed() {
		return stopping()
	}
	inner, err := db.readers.BeginTxx(ctx, nil)
	if err != nil {
		return told(err)
	}
	defer inner.Rollback()
	return told(do(&tx{ctx: ctx, sql: inner, seal: db.seal}))
}

// write runs do, with the other writes that wait, in one transaction. When it returns nil the work is on disk; otherwise
// nothing of it is. do may be run more than once, each time from the same beginning.
func (db *DB) write(ctx context.Context, do func(*tx) error) error {
	if db.writes == nil {
		return tarozi.Errorf(tarozi.Unavailable, "the database is open for reading alone; nothing was stored")
	}
	return told(db.writes.submit(ctx, do))
}

func stopping() error {
	return tarozi.Errorf(tarozi.Unavailable, "the service is stopping; nothing was stored: try again shortly")
}

const unavailable = "the database cannot be used just now; nothing was stored: try again shortly"

// told turns what SQLite and the driver say into errors for people. Errors that already are for people pass.
func told(err error) error {
	var known *tarozi.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sql.ErrConnDone) {
		return tarozi.Wrap(tarozi.Unavailable, err, unavailable)
	}
	switch resultCode(err) {
	case sqlite3.ErrFull:
		return tarozi.Wrap(tarozi.Unavailable, err, "the disk of the database is full; nothing was stored: tell the operator to make room, then try again")
	case sqlite3.ErrReadonly, sqlite3.ErrPerm:
		return tarozi.Wrap(tarozi.Unavailable, err, "the database cannot be written; nothing was stored: tell the operator to make its file writable, then try again")
	case sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrProtocol:
		return tarozi.Wrap(tarozi.Unavailable, err, "another process holds the database; nothing was stored: try again shortly")
	case sqlite3.ErrIoErr, sqlite3.ErrCantOpen, sqlite3.ErrNomem, sqlite3.ErrInterrupt:
		return tarozi.Wrap(tarozi.Unavailable, err, unavailable)
	case sqlite3.ErrConstraint:
		return constraint(err)
	}
	return tarozi.Wrap(tarozi.Internal, fmt.Errorf("store: %w", err), "the database gave an answer that was not expected; nothing was stored: tell the operator")
}

func constraint(err error) error {
	var e sqlite3.Error
	errors.As(err, &e)
	switch e.ExtendedCode {
	case sqlite3.ErrConstraintUnique, sqlite3.ErrConstraintPrimaryKey:
		return tarozi.Wrap(tarozi.Conflict, err, "this id or name is already taken: read what is stored under it, or choose another")
	case sqlite3.ErrConstraintForeignKey:
		return tarozi.Wrap(tarozi.NotFound, err, "this names a record that does not exist: store that one first")
	default:
		return tarozi.Wrap(tarozi.Internal, err, "the database refused a value; nothing was stored: tell the operator")
	}
}

// stampLayout is RFC 3339 in UTC with all nine digits, so that text sorts as time does.
const stampLayout = "2006-01-02T15:04:05.000000000Z"

func stamp(t time.Time) string { return t.UTC().Format(stampLayout) }

func parseStamp(text string) (time.Time, error) { return time.Parse(stampLayout, text) }
