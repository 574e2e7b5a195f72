package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// Backup writes a copy of the database at path to a new file, as of one moment, while the service works (SQLite's VACUUM INTO). What
// was deleted is not in the copy. The file can be read by its owner alone and is on disk when Backup returns; nothing is left of it
// where it fails. A file that is there is not overwritten.
func Backup(ctx context.Context, path, to string) (err error) {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	file, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("making the copy: %w", err)
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			err = errors.Join(err, os.Remove(to))
		}
	}()
	source := sql.OpenDB(newConnector(dsn(path, url.Values{"mode": {"ro"}, "_busy_timeout": {"5000"}}), nil))
	defer func() { err = errors.Join(err, source.Close()) }()
	if _, err := source.ExecContext(ctx, `VACUUM INTO ?`, to); err != nil {
		return fmt.Errorf("copying the database: %w", err)
	}
	if err := file.Sync(); err != nil {
		return fmt.Errorf("writing the copy to disk: %w", err)
	}
	return nil
}

// CheckFile reads every page of a database that nobody has open, without changing it, and says what is damaged.
func CheckFile(ctx context.Context, path string) (err error) {
	db := sql.OpenDB(newConnector(dsn(path, url.Values{"mode": {"ro"}, "immutable": {"1"}}), nil))
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, `PRAGMA integrity_check(5)`)
	if err != nil {
		return fmt.Errorf("checking the file: %w", err)
	}
	defer rows.Close()
	var said []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		said = append(said, line)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("checking the file: %w", err)
	}
	if len(said) != 1 || said[0] != "ok" {
		return fmt.Errorf("the file is damaged: %s", strings.Join(said, "; "))
	}
	return nil
}
