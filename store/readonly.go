package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
)

// OpenForReading opens a database without changing a byte of it, and without its key: sealed texts stay closed. It is for checking
// the log. Where no write-ahead log lies beside the file nobody has it open, and it is taken as one that does not change, so that it
// may lie on a medium that takes no writes; otherwise it is read beside the service that writes
// it. Everything is read as of one moment.
func OpenForReading(ctx context.Context, path string) (*DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	settings := url.Values{"mode": {"ro"}, "_query_only": {"1"}, "_busy_timeout": {"5000"}, "_txlock": {"deferred"}}
	if _, err := os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) {
		settings.Set("immutable", "1")
	} else if err != nil {
		return nil, err
	}
	readers := sqlx.NewDb(sql.OpenDB(newConnector(dsn(path, settings), []pragma{{"query_only", "1"}})), "sqlite3")
	readers.SetMaxOpenConns(1)
	readers.SetConnMaxLifetime(time.Hour)
	db := &DB{readers: readers}
	err := db.sameSchema(ctx)
	if err == nil {
		db.snapshot, err = readers.BeginTxx(ctx, nil)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening database %s for reading: %w", path, err), readers.Close())
	}
	return db, nil
}

// sameSchema refuses a database whose schema is not exactly the binary's.
func (db *DB) sameSchema(ctx context.Context) error {
	steps, err := sqliteMigrations()
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db.readers.DB, steps)
	if err != nil {
		return err
	}
	sources := provider.ListSources()
	newest := sources[len(sources)-1].Version
	var current int64
	if err := db.readers.GetContext(ctx, &current, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`); err != nil {
		return fmt.Errorf("reading the schema's version: %w", err)
	}
	if current != newest {
		return fmt.Errorf("it has schema %d and this binary knows %d: use the binary that serves it", current, newest)
	}
	return nil
}
