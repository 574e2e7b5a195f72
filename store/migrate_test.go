package store

import (
	"context"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// step is a migration that makes one table.
func step(table string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE " + table + " (id INTEGER PRIMARY KEY);\n")}
}

func TestMigrate(t *testing.T) {
	one, two := step("one"), step("two")
	for _, row := range []struct {
		name    string
		then    string // done to the database in between
		steps   fstest.MapFS
		refused string // empty: accepted
	}{
		{name: "the same steps", steps: fstest.MapFS{"00001_one.sql": one, "00002_two.sql": two}},
		{name: "a further step", steps: fstest.MapFS{"00001_one.sql": one, "00002_two.sql": two, "00003_three.sql": step("three")}},
		{name: "an older binary", steps: fstest.MapFS{"00001_one.sql": one}, refused: "start a binary at least as new"},
		{name: "a changed step", steps: fstest.MapFS{"00001_one.sql": step("other"), "00002_two.sql": two}, refused: "migration 1 was changed"},
		{name: "another step of the same number", steps: fstest.MapFS{"00001_one.sql": one, "00003_three.sql": step("three")},
			refused: "step 2, which this binary does not know"},
		{name: "a checksum gone", then: `DELETE FROM migration_checksums WHERE version = 2`,
			steps: fstest.MapFS{"00001_one.sql": one, "00002_two.sql": two}, refused: "migration 2 was changed"},
	} {
		t.Run(row.name, func(t *testing.T) {
			ctx, path := t.Context(), filepath.Join(t.TempDir(), "m.db")
			writer, readers, err := openPools(ctx, path, Options{BusyTimeout: time.Second, Readers: 1}, new(names), new(rowWatch))
			if err != nil {
				t.Fatal(err)
			}
			defer writer.Close()
			defer readers.Close()
			if err := migrate(ctx, writer, fstest.MapFS{"00001_one.sql": one, "00002_two.sql": two}); err != nil {
				t.Fatal(err)
			}
			if row.then != "" {
				if _, err := writer.Exec(row.then); err != nil {
					t.Fatal(err)
				}
			}
			err = migrate(ctx, writer, row.steps)
			if row.refused == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), row.refused) {
				t.Errorf("error %v, want one that says %q", err, row.refused)
			}
			var tables int
			if err := writer.Get(&tables, `SELECT count(*) FROM sqlite_master WHERE name IN ('three', 'other')`); err != nil || tables != 0 {
				t.Errorf("%d tables were made by steps that are refused (%v)", tables, err)
			}
		})
	}
}

// A migration that fails can be mended: its checksum is not held against it.
func TestMigrateAfterFailure(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "m.db")
	writer, readers, err := openPools(ctx, path, Options{BusyTimeout: time.Second, Readers: 1}, new(names), new(rowWatch))
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	defer readers.Close()
	broken := fstest.MapFS{"00001_one.sql": step("one"), "00002_two.sql": {Data: []byte("-- +goose Up\nCREATE TABLE two (id);\nCREATE TABLE one (id);\n")}}
	if err := migrate(ctx, writer, broken); err == nil {
		t.Fatal("a broken step was accepted")
	}
	broken["00002_two.sql"] = step("two")
	if err := migrate(ctx, writer, broken); err != nil {
		t.Errorf("the mended step: %v", err)
	}
}

// Every setting that the promises rest on is asked back: a data source name that lacks it, or misspells it, opens nothing.
func TestConnectionsAreAsserted(t *testing.T) {
	const busy = 1234 * time.Millisecond
	path := filepath.Join(t.TempDir(), "p.db")
	db, err := Open(t.Context(), path, Options{BusyTimeout: busy})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, kind := range []struct {
		name string
		dsn  string
		want []pragma
		keys []string
	}{
		{"writer", writerDSN(path, busy), writerPragmas(busy), []string{"_synchronous", "_foreign_keys", "_busy_timeout", "_secure_delete"}},
		{"reader", readerDSN(path, busy), readerPragmas(busy), []string{"_query_only", "_foreign_keys", "_busy_timeout"}},
	} {
		if conn, err := newConnector(kind.dsn, kind.want).Connect(context.Background()); err != nil {
			t.Errorf("%s as it is: %v", kind.name, err)
		} else {
			conn.Close()
		}
		for _, key := range kind.keys {
			file, query, _ := strings.Cut(kind.dsn, "?")
			settings, err := url.ParseQuery(query)
			if err != nil || !settings.Has(key) {
				t.Fatalf("%s has no %s (%v)", kind.name, key, err)
			}
			settings.Del(key)
			if conn, err := newConnector(file+"?"+settings.Encode(), kind.want).Connect(context.Background()); err == nil {
				conn.Close()
				t.Errorf("a %s without %s was opened", kind.name, key)
			}
		}
	}

	fresh := filepath.Join(t.TempDir(), "rollback.db")
	settings := "file:" + fresh + "?mode=rwc&_synchronous=FULL&_foreign_keys=1&_busy_timeout=1234&_secure_delete=1"
	if conn, err := newConnector(settings, writerPragmas(busy)).Connect(context.Background()); err == nil {
		conn.Close()
		t.Error("a writer without a write-ahead log was opened")
	}
	if _, err := db.readers.Exec(`DELETE FROM people`); err == nil {
		t.Error("a reader can write")
	}
}

func TestDeferredTransactionsAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "d.db")
	db, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := assertImmediate(t.Context(), db.writes.db, path); err != nil {
		t.Errorf("an immediate writer: %v", err)
	}
	if err := assertImmediate(t.Context(), db.readers, path); err == nil {
		t.Error("a connection whose transactions are deferred passed as a writer")
	}
}

func TestOpenRefusals(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("this is no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"not a database": text, "a folder": folder, "below a file": filepath.Join(text, "x.db"), "another engine": "postgres://localhost/tarozi",
	} {
		if db, err := Open(t.Context(), path, Options{}); err == nil {
			db.Close()
			t.Errorf("%s was opened", name)
		}
	}
}

func TestOpenOddNameForOwnerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new folder", "a b?c#d%20.db")
	for range 2 {
		db, err := Open(t.Context(), path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("the file's mode is %v, want 0600", info.Mode().Perm())
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("closing twice: %v", err)
		}
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil || len(entries) != 2 {
			t.Errorf("after closing %d files are there, want the database and its key alone (%v)", len(entries), err)
		}
	}
}

// The migrations that ship have each a number of its own of five digits. There are gaps: each area of the schema has its range.
func TestShippedMigrations(t *testing.T) {
	steps, err := sqliteMigrations()
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(steps, "*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d migrations (%v)", len(names), err)
	}
	before := ""
	for _, name := range names {
		number, _, found := strings.Cut(name, "_")
		if _, err := strconv.Atoi(number); err != nil || !found || len(number) != 5 || number <= before {
			t.Errorf("migration %s does not begin with five digits above %s", name, before)
		}
		before = number
	}
}
