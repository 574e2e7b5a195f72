package store

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/sqlite/*.sql
var embedded embed.FS

// sqliteMigrations are the schema's steps for SQLite.
func sqliteMigrations() (fs.FS, error) { return fs.Sub(embedded, "migrations/sqlite") }

// migrate brings the schema to the newest version that the binary knows. goose keeps no checksums and accepts a database that
// is newer than the binary; both are refused here, before anything is changed.
func migrate(ctx context.Context, db *sqlx.DB, steps fs.FS) error {
	provider, err := goose.NewProvider(goose.DialectSQLite3, db.DB, steps)
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	current, newest, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("reading the schema's version: %w", err)
	}
	if current > newest {
		return fmt.Errorf("the database has schema %d and this binary knows only %d: start a binary at least as new as the one that wrote it",
			current, newest)
	}
	sums := make(map[int64]string)
	for _, source := range provider.ListSources() {
		text, err := fs.ReadFile(steps, source.Path)
		if err != nil {
			return fmt.Errorf("reading migration %s: %w", source.Path, err)
		}
		sum := sha256.Sum256(text)
		sums[source.Version] = hex.EncodeToString(sum[:])
	}
	if err := settleChecksums(ctx, db, current, sums); err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrating the schema from %d to %d: %w", current, newest, err)
	}
	return nil
}

// settleChecksums compares the migrations that were applied (up to current) with the checksums kept when they were, and writes
// down those of the migrations about to be applied: before them, so that none is ever applied without its checksum.
func settleChecksums(ctx context.Context, db *sqlx.DB, current int64, sums map[int64]string) error {
	tx, err := db.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("checking the migrations: %w", err)
	}
	defer tx.Rollback()
	const create = `CREATE TABLE IF NOT EXISTS migration_checksums (version BIGINT NOT NULL PRIMARY KEY, sha256 TEXT NOT NULL)`
	if _, err := tx.ExecContext(ctx, create); err != nil {
		return fmt.Errorf("checking the migrations: %w", err)
	}
	var kept []struct {
		Version int64
		SHA256  string
	}
	if err := tx.SelectContext(ctx, &kept, `SELECT version, sha256 FROM migration_checksums WHERE version <= ?`, current); err != nil {
		return fmt.Errorf("checking the migrations: %w", err)
	}
	applied := make(map[int64]string, len(kept))
	for _, k := range kept {
		applied[k.Version] = k.SHA256
		if sums[k.Version] == "" {
			return fmt.Errorf("the database was migrated by step %d, which this binary does not know: start the binary that made it", k.Version)
		}
	}
	for version, sum := range sums {
		if version <= current {
			if applied[version] != sum {
				return fmt.Errorf("migration %d was changed after it was applied (checksum %.12s then, %.12s now): start a binary with the "+
					"unchanged migration, or restore a backup", version, applied[version], sum)
			}
			continue
		}
		const keep = `INSERT INTO migration_checksums (version, sha256) VALUES (?, ?)
			ON CONFLICT (version) DO UPDATE SET sha256 = excluded.sha256`
		if _, err := tx.ExecContext(ctx, tx.Rebind(keep), version, sum); err != nil {
			return fmt.Errorf("keeping the checksum of migration %d: %w", version, err)
		}
	}
	return tx.Commit()
}
