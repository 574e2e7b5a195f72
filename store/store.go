// Package store keeps what the service knows in SQL, and does nothing else. It fulfils scoring.Store, and answers the pages'
// and commands' questions about accounts, caseloads and imports.
//
// SQLite is the engine. All writes go through one goroutine that commits waiting writes in groups (see writer); reads use a
// pool of connections that cannot write. Every query names the agency it works for; what belongs to another is NotFound.
//
// Errors are *tarozi.Error: NotFound (absent, or another agency's), Conflict (it contradicts what is stored), Unavailable (the
// disk is full, read-only or the database locked, the caller's time is over, or the store is closed: nothing was stored) and
// Internal. A method that returns nil has its work on disk.
package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/mattn/go-sqlite3"

	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/seal"
)

// Options of Open.
type Options struct {
	// BusyTimeout is how long to wait for a lock that another process holds; 0 is 5 seconds.
	BusyTimeout time.Duration
	// Seal has the master key that people's keys are wrapped with; nil opens the file SealKey.
	Seal *seal.Sealer
	// SealKey is the file of the master key, made for a database that has nothing sealed yet; empty is SealKeyFile's.
	SealKey string
	// Readers is the largest number of reading connections; 0 is 4.
	Readers int

	faults func(*sqlite3.SQLiteConn) driver.Conn // puts a layer that tests break between the writer and SQLite; nil: none
}

// DB is an open store. Its methods may be called from many goroutines at once.
type DB struct {
	path     string
	readers  *sqlx.DB
	writes   *writer  // nil where the database is open for reading alone
	snapshot *sqlx.Tx // of a database open for reading alone
	seal     *seal.Sealer
	names    *names
}

var (
	_ scoring.Store    = (*DB)(nil)
	_ scoring.Registry = (*DB)(nil)
)

// Open opens the SQLite file at path, making it (readable by its owner alone) where there is none, and brings its schema up to
// date. It refuses a database newer than the binary, and one whose applied migrations differ from the binary's.
func Open(ctx context.Context, path string, o Options) (*DB, error) {
	if strings.Contains(path, "://") {
		return nil, fmt.Errorf("opening the database: %q is not the path of a file; SQLite files are the only databases served", path)
	}
	if o.BusyTimeout == 0 {
		o.BusyTimeout = 5 * time.Second
	}
	if o.Readers == 0 {
		o.Readers = 4
	}
	opened, watch := new(names), &rowWatch{places: map[string]int{}}
	writer, readers, err := openPools(ctx, path, o, opened, watch)
	if err != nil {
		return nil, fmt.Errorf("opening database %s: %w", path, err)
	}
	steps, err := sqliteMigrations()
	if err == nil {
		err = migrate(ctx, writer, steps)
	}
	if err == nil {
		opened.seal, err = sealAll(ctx, writer, path, o)
	}
	if err == nil {
		err = watch.begin(ctx, writer)
	}
	if err == nil {
		// A process that was killed in an erasure has left erased text in the write-ahead log. While another has the file open, that one
		// empties it as it closes.
		_, err = writer.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening database %s: %w", path, err), readers.Close(), writer.Close())
	}
	return &DB{path: path, readers: readers, writes: startWriter(writer, opened.seal, watch), seal: opened.seal, names: opened}, nil
}

// sealAll opens the master key and seals what an earlier version stored in the clear.
func sealAll(ctx context.Context, writer *sqlx.DB, path string, o Options) (*seal.Sealer, error) {
	inner, err := writer.BeginTxx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer inner.Rollback()
	t := &tx{ctx: ctx, sql: inner}
	if t.seal, err = sealerOf(t, path, o); err != nil {
		return nil, err
	}
	if err := errors.Join(t.sealTheClear(), t.sealFactors()); err != nil {
		return nil, fmt.Errorf("sealing what was stored in the clear: %w", err)
	}
	return t.seal, inner.Commit()
}

// Close refuses new writes, finishes those that wait, moves the write-ahead log into the database file and closes it. A second
// Close does nothing.
func (db *DB) Close() error {
	if db.writes == nil {
		return errors.Join(db.snapshot.Rollback(), db.readers.Close())
	}
	if !db.writes.stop() {
		return nil
	}
	err := db.readers.Close()
	// TRUNCATE also removes deleted text, which lives on in the log until then.
	_, checkpoint := db.writes.db.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`)
	return errors.Join(err, checkpoint, db.writes.db.Close())
}
