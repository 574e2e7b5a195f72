package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

func openTest(t testing.TB, o Options) *DB {
	t.Helper()
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "t.db"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return db
}

// agency is a write of one row, with its entry.
func agency(id string) func(*tx) error {
	return func(t *tx) error {
		if _, err := t.exec(`INSERT INTO agencies (id, name) VALUES (?, '')`, id); err != nil {
			return err
		}
		return t.record(scoring.AuditEntry{ID: "entry of " + id, AgencyID: id})
	}
}

func agencies(t *testing.T, db *DB) string {
	t.Helper()
	var ids []string
	if err := db.readers.Select(&ids, `SELECT id FROM agencies ORDER BY id`); err != nil {
		t.Fatal(err)
	}
	return strings.Join(ids, " ")
}

// A write that fails half-way, however it fails, leaves nothing and takes nothing of its group with it.
func TestGroupedFailures(t *testing.T) {
	for _, row := range []struct {
		name string
		fail func(*tx) error
		want tarozi.Code
	}{
		{"an error", func(*tx) error { return tarozi.Errorf(tarozi.NotFound, "absent") }, tarozi.NotFound},
		{"a fault of the code", func(*tx) error { return errors.New("fault") }, tarozi.Internal},
		{"a panic", func(*tx) error { panic("fault") }, tarozi.Internal},
		{"a constraint", agency("a0"), tarozi.Conflict},
		{"the transaction rolled back under us", func(t *tx) error {
			_, err := t.sql.Exec(`INSERT INTO agencies (id, name) VALUES ('doom', '')`)
			return err
		}, tarozi.Internal},
		{"the same, and the error swallowed", func(t *tx) error {
			t.sql.Exec(`INSERT INTO agencies (id, name) VALUES ('doom', '')`)
			return nil
		}, tarozi.Internal},
		{"the commit fails", func(t *tx) error {
			_, err := t.exec(`PRAGMA defer_foreign_keys = 1`)
			if err == nil {
				_, err = t.exec(`INSERT INTO agencies (id, parent_id, name) VALUES ('orphan', 'absent', '')`)
			}
			return err
		}, tarozi.NotFound},
	} {
		t.Run(row.name, func(t *testing.T) {
			db := openTest(t, Options{})
			if err := db.write(t.Context(), agency("a0")); err != nil {
				t.Fatal(err)
			}
			_, err := db.writes.db.Exec(`CREATE TRIGGER doom BEFORE INSERT ON agencies WHEN NEW.id = 'doom' BEGIN SELECT RAISE(ROLLBACK, 'doom'); END`)
			if err != nil {
				t.Fatal(err)
			}
			jobs := []func(*tx) error{
				agency("a1"),
				func(t *tx) error {
					if err := agency("half")(t); err != nil {
						return err
					}
					return row.fail(t)
				},
				agency("a2"),
				func(t *tx) error { return nil },
			}
			errs := inOneGroup(t, db, jobs)
			for i, err := range errs {
				switch {
				case i == 1 && tarozi.CodeOf(err) != row.want:
					t.Errorf("the failing write gave %v (%s), want code %s", err, tarozi.CodeOf(err), row.want)
				case i != 1 && err != nil:
					t.Errorf("write %d beside the failing one gave %v", i, err)
				}
			}
			if got, want := agencies(t, db), "a0 a1 a2"; got != want {
				t.Errorf("stored: %s, want %s", got, want)
			}
			if err := db.write(t.Context(), agency("a3")); err != nil {
				t.Errorf("a write afterwards: %v", err)
			}
		})
	}
}

// A change that forgets its audit entry is refused.
func TestNoChangeWithoutAnEntry(t *testing.T) {
	db := openTest(t, Options{})
	err := db.write(t.Context(), func(t *tx) error {
		_, err := t.exec(`INSERT INTO agencies (id, name) VALUES ('unlogged', '')`)
		return err
	})
	if tarozi.CodeOf(err) != tarozi.Internal || agencies(t, db) != "" {
		t.Errorf("error %v; stored: %q", err, agencies(t, db))
	}
}

// inOneGroup makes the jobs wait behind one that blocks, so that the writer finds them together.
func inOneGroup(t *testing.T, db *DB, jobs []func(*tx) error) []error {
	t.Helper()
	running, release := make(chan struct{}), make(chan struct{})
	blocked := make(chan error, 1)
	go func() {
		blocked <- db.write(t.Context(), func(*tx) error { close(running); <-release; return nil })
	}()
	<-running
	errs := make([]error, len(jobs))
	var all sync.WaitGroup
	for i, job := range jobs {
		before := len(db.writes.queue)
		all.Go(func() { errs[i] = db.write(t.Context(), job) })
		for len(db.writes.queue) == before {
			time.Sleep(time.Millisecond)
		}
	}
	close(release)
	all.Wait()
	if err := <-blocked; err != nil {
		t.Fatal(err)
	}
	return errs
}

// Writes that are answered while the store closes are stored, and those that are refused are not.
func TestCloseFinishesWhatWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	db, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	const writes = 200
	errs := make([]error, writes)
	var all sync.WaitGroup
	for i := range writes {
		all.Go(func() { errs[i] = db.write(t.Context(), agency(fmt.Sprintf("a%03d", i))) })
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	if err := db.write(t.Context(), agency("late")); tarozi.CodeOf(err) != tarozi.Unavailable {
		t.Errorf("a write after closing gave %v", err)
	}
	if _, err := db.Agencies(t.Context()); tarozi.CodeOf(err) != tarozi.Unavailable {
		t.Errorf("a read after closing gave %v", err)
	}
	if db, err = Open(t.Context(), path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var want []string
	for i, err := range errs {
		if err == nil {
			want = append(want, fmt.Sprintf("a%03d", i))
		} else if tarozi.CodeOf(err) != tarozi.Unavailable {
			t.Errorf("write %d gave %v", i, err)
		}
	}
	if got := agencies(t, db); got != strings.Join(want, " ") {
		t.Errorf("stored: %s\nacknowledged: %v", got, want)
	}
}
