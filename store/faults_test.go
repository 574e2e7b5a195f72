package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/mattn/go-sqlite3"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
	"github.com/tarozi/tarozi/store/storetest"
)

// operation is one writing method.
type operation struct {
	name string
	do   func(context.Context, *store.DB, *storetest.Maker) error
	want string // its steps
}

// operations work on a database that prepare has filled.
var operations = []operation{
	{"history", func(ctx context.Context, db *store.DB, m *storetest.Maker) error {
		return db.PutHistory(ctx, storetest.Once(m.Write("history.put", "w"), "k", "r"), m.History("new"))
	}, "INSERT ON audit_queue, INSERT ON entry_people, INSERT ON events, INSERT ON histories, INSERT ON idempotency, INSERT ON people, INSERT ON responsibilities, INSERT ON row_commitments, UPDATE ON people"},
	{"events", func(ctx context.Context, db *store.DB, m *storetest.Maker) error {
		events := []tarozi.Event{storetest.Event("x1", storetest.Start), storetest.Event("x2", storetest.Start)}
		return db.AddEvents(ctx, storetest.Once(m.Write("events.added", "w"), "k", "r"), "p1", events)
	}, "INSERT ON audit_queue, INSERT ON entry_people, INSERT ON events, INSERT ON idempotency, INSERT ON row_commitments, UPDATE ON people"},
	{"assessment", func(ctx context.Context, db *store.DB, m *storetest.Maker) error {
		r := m.Record("new", 3000)
		r.History = m.History("new")
		_, err := db.SaveAssessment(ctx, storetest.Once(m.Write("assessment.created", r.Assessment.ID), "k", "r"), r)
		return err
	}, "INSERT ON assessments, INSERT ON audit_queue, INSERT ON changes, INSERT ON entry_people, INSERT ON events, INSERT ON histories, INSERT ON idempotency, INSERT ON people, INSERT ON responsibilities, INSERT ON row_commitments, UPDATE ON people"},
	{"review", func(ctx context.Context, db *store.DB, m *storetest.Maker) error {
		r := m.Review("assessed")
		w := storetest.Once(m.Write("review.decision", r.ID), "k", "r")
		_, err := db.AddStep(ctx, w, "assessed", r.ID, m.Next(w, "assessed", scoring.StepDecision, r, tarozi.ReviewDone, "reviewed"))
		return err
	}, "INSERT ON audit_queue, INSERT ON changes, INSERT ON entry_people, INSERT ON idempotency, INSERT ON review_steps, INSERT ON row_commitments, UPDATE ON assessments"},
	{"identities", func(ctx context.Context, db *store.DB, m *storetest.Maker) error {
		_, err := db.PutIdentities(ctx, m.Write("identities.imported", "w"),
			[]tarozi.Identity{{PersonID: "p1", Name: "One"}, {PersonID: "new", Name: "Two"}}, false)
		return err
	}, "INSERT ON audit_queue, INSERT ON entry_people, INSERT ON identities, INSERT ON people, INSERT ON person_keys, INSERT ON responsibilities, INSERT ON row_commitments, UPDATE ON identities"},
	{"protected attributes", func(ctx context.Context, db *store.DB, m *storetest.Maker) error {
		_, err := db.PutProtected(ctx, m.Write("protected.imported", "w"), []tarozi.ProtectedAttributes{
			{PersonID: "p1", Attributes: map[string]string{"sex": "male", "race": "a"}},
			{PersonID: "new", Attributes: map[string]string{"sex": "male"}}}, false)
		return err
	}, "INSERT ON audit_queue, INSERT ON entry_people, INSERT ON people, INSERT ON person_keys, INSERT ON protected_attributes, INSERT ON responsibilities, INSERT ON row_commitments, UPDATE ON protected_attributes"},
	{"outcomes", func(ctx context.Context, db *store.DB, m *storetest.Maker) error {
		_, err := db.PutOutcomes(ctx, m.Write("outcomes.imported", "w"), []tarozi.Outcome{outcome("p1", 60), outcome("new", 60)}, false)
		return err
	}, "INSERT ON audit_queue, INSERT ON entry_people, INSERT ON outcomes, INSERT ON people, INSERT ON responsibilities, INSERT ON row_commitments, UPDATE ON outcomes"},
	{"erasure", func(ctx context.Context, db *store.DB, m *storetest.Maker) error {
		return db.Erase(ctx, m.Write("person.erased", ""), "p1", []scoring.Kind{scoring.Everything})
	}, "DELETE ON assessments, DELETE ON changes, DELETE ON entry_people, DELETE ON events, DELETE ON histories, DELETE ON identities, DELETE ON outcomes, DELETE ON people, DELETE ON person_keys, DELETE ON protected_attributes, DELETE ON responsibilities, INSERT ON audit_queue, INSERT ON row_commitments, UPDATE ON audit_queue, UPDATE ON row_commitments"},
	{"legal hold", func(ctx context.Context, db *store.DB, m *storetest.Maker) error {
		return db.Hold(ctx, m.Write("hold.set", "h"), "p1", &scoring.Hold{ID: "h", Reason: "a court asks"})
	}, "INSERT ON audit_queue, INSERT ON entry_people, INSERT ON legal_holds, INSERT ON row_commitments"},
	{"a look", func(ctx context.Context, db *store.DB, m *storetest.Maker) error {
		return db.Looked(ctx, m.Write("viewed.person", ""), "p1")
	}, "INSERT ON audit_queue, INSERT ON entry_people, INSERT ON row_commitments"},
	{"agency", func(ctx context.Context, db *store.DB, m *storetest.Maker) error {
		return db.PutAgency(ctx, m.Write("agency.put", "w"), tarozi.Agency{ID: "new", ParentID: m.Agency, Name: "New"})
	}, "DELETE ON agency_tree, INSERT ON agencies, INSERT ON agency_tree, INSERT ON audit_queue, INSERT ON row_commitments"},
	{"account", func(ctx context.Context, db *store.DB, m *storetest.Maker) error {
		return db.CreateAccount(ctx, m.Write("account.created", "w"),
			tarozi.Account{ID: "new", AgencyID: m.Agency, Login: "new", Role: tarozi.Officer}, "hash")
	}, "INSERT ON accounts, INSERT ON audit_queue, INSERT ON row_commitments"},
	{"session", func(ctx context.Context, db *store.DB, m *storetest.Maker) error {
		later := storetest.Start.Add(time.Hour)
		return db.Sessions(func() time.Time { return later }).CommitCtx(ctx, "new", []byte(`{}`), later.Add(time.Hour))
	}, "DELETE ON sessions, INSERT ON sessions"},
	{"API key", func(ctx context.Context, db *store.DB, m *storetest.Maker) error {
		return db.CreateAPIKey(ctx, m.Write("api_key.created", "w"),
			store.APIKey{ID: "new", AccountID: "a1", SHA256: strings.Repeat("0", 64), ExpiresAt: storetest.Start})
	}, "INSERT ON api_keys, INSERT ON audit_queue, INSERT ON row_commitments"},
}

// outcome says that the person was followed for some days and nothing happened.
func outcome(personID string, days int) tarozi.Outcome {
	from := tarozi.Date{Year: 2025, Month: time.January, Day: 1}
	return tarozi.Outcome{PersonID: personID, Kind: tarozi.Recidivism, FollowedFrom: from, FollowedUntil: from.AddDays(days)}
}

// prepare fills a database with what the operations change.
func prepare(t testing.TB, db *store.DB) *storetest.Maker {
	t.Helper()
	ctx, m := t.Context(), storetest.NewMaker("north", "n")
	m.AddAgency(t, db)
	r := m.Record("p1", 100)
	r.Assessment.ID = "assessed"
	r.History = m.History("p1")
	if _, err := db.SaveAssessment(ctx, m.Write("assessment.created", "assessed"), r); err != nil {
		t.Fatal(err)
	}
	account := tarozi.Account{ID: "a1", AgencyID: "north", Login: "a1", Role: tarozi.Officer}
	_, identities := db.PutIdentities(ctx, m.Write("identities.imported", "b"), []tarozi.Identity{{PersonID: "p1", Name: "Before"}}, false)
	_, attributes := db.PutProtected(ctx, m.Write("protected.imported", "b"),
		[]tarozi.ProtectedAttributes{{PersonID: "p1", Attributes: map[string]string{"sex": "female"}}}, false)
	_, outcomes := db.PutOutcomes(ctx, m.Write("outcomes.imported", "b"), []tarozi.Outcome{outcome("p1", 30)}, false)
	err := errors.Join(identities, attributes, outcomes,
		db.CreateAccount(ctx, m.Write("account.created", "a1"), account, ""),
		db.Sessions(func() time.Time { return storetest.Start }).CommitCtx(ctx, "expires", []byte(`{}`), storetest.Start.Add(time.Minute)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// side is a plain connection beside the store's.
func side(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?_busy_timeout=5000&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func run(t testing.TB, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// tables lists the tables, without those that hold no records.
func tables(t testing.TB, db *sql.DB) []string {
	t.Helper()
	return column(t, db, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'goose%'
		AND name NOT IN ('migration_checksums', 'probe') ORDER BY name`)
}

func column(t testing.TB, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			t.Fatal(err)
		}
		all = append(all, value)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// contents is every row of every table.
func contents(t testing.TB, db *sql.DB) string {
	t.Helper()
	var all strings.Builder
	for _, table := range tables(t, db) {
		names := column(t, db, `SELECT 'quote(' || name || ')' FROM pragma_table_info('`+table+`')`)
		rows := column(t, db, `SELECT `+strings.Join(names, "||','||")+` AS line FROM `+table+` ORDER BY line`)
		fmt.Fprintf(&all, "%s\n%s\n", table, strings.Join(rows, "\n"))
	}
	return all.String()
}

// steps runs the operation once and lists what it does, as "INSERT ON people".
func (op operation) steps(t *testing.T) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "steps.db")
	db := open(t, path)
	m := prepare(t, db)
	beside := side(t, path)
	all := tables(t, beside)
	run(t, beside, `CREATE TABLE steps_done (step TEXT PRIMARY KEY)`)
	for i, table := range all {
		for _, step := range []string{"INSERT", "UPDATE", "DELETE"} {
			run(t, beside, fmt.Sprintf(`CREATE TRIGGER note_%s_%d AFTER %s ON %s BEGIN INSERT OR IGNORE INTO steps_done VALUES ('%s ON %s'); END`,
				step, i, step, table, step, table))
		}
	}
	if err := op.do(t.Context(), db, m); err != nil {
		t.Fatalf("without a fault: %v", err)
	}
	return column(t, beside, `SELECT step FROM steps_done ORDER BY step`)
}

// Every step of every operation is broken in turn, softly (the statement fails) and hard (SQLite rolls the transaction back
// under us): nothing of the operation may stay, also after a restart, and it must succeed once the fault is gone.
func TestEveryStepBroken(t *testing.T) {
	for _, op := range operations {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			steps := op.steps(t)
			if got := strings.Join(steps, ", "); got != op.want {
				t.Errorf("the operation's steps are %q, known are %q", got, op.want)
			}
			path := filepath.Join(t.TempDir(), "t.db")
			db := open(t, path)
			m := prepare(t, db)
			beside := side(t, path)
			before := contents(t, beside)
			for _, step := range steps {
				for _, fault := range []string{"ABORT", "ROLLBACK"} {
					run(t, beside, `CREATE TRIGGER fault AFTER `+step+` BEGIN SELECT RAISE(`+fault+`, 'broken'); END`)
					fork := *m
					if err := op.do(t.Context(), db, &fork); err == nil {
						t.Errorf("%s broken by %s: no error", step, fault)
					}
					run(t, beside, `DROP TRIGGER fault`)
					if after := contents(t, beside); after != before {
						t.Fatalf("%s broken by %s left\n%s\nwhere there was\n%s", step, fault, after, before)
					}
				}
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			db = open(t, path)
			if after := contents(t, beside); after != before {
				t.Fatalf("after a restart there is\n%s\nwhere there was\n%s", after, before)
			}
			if err := op.do(t.Context(), db, m); err != nil {
				t.Errorf("without a fault: %v", err)
			}
			if contents(t, beside) == before {
				t.Error("without a fault nothing was stored")
			}
		})
	}
}

// The database fails in a way that passes: each write is refused whole, reading goes on, and afterwards all is as before.
func TestUnavailable(t *testing.T) {
	for _, row := range []struct {
		name  string
		begin func(t *testing.T, db *store.DB, path string) (end func())
	}{
		{"full disk", func(t *testing.T, db *store.DB, _ string) func() {
			connection := db.WriterConnection()
			var pages int
			if err := connection.Get(&pages, `PRAGMA page_count`); err != nil {
				t.Fatal(err)
			}
			limit := func(n int) {
				if _, err := connection.Exec(fmt.Sprintf(`PRAGMA max_page_count = %d`, n)); err != nil {
					t.Fatal(err)
				}
			}
			limit(pages + 1)
			return func() { limit(1 << 30) }
		}},
		{"database locked by another process", func(t *testing.T, _ *store.DB, path string) func() {
			lock, err := side(t, path).Begin()
			if err != nil {
				t.Fatal(err)
			}
			return func() { lock.Rollback() }
		}},
		{"read-only", func(t *testing.T, db *store.DB, _ string) func() {
			set := func(value string) {
				if _, err := db.WriterConnection().Exec(`PRAGMA query_only = ` + value); err != nil {
					t.Fatal(err)
				}
			}
			set("1")
			return func() { set("0") }
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "t.db")
			db, err := store.Open(t.Context(), path, store.Options{BusyTimeout: 20 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			m := prepare(t, db)
			beside := side(t, path)
			before := contents(t, beside)
			end := row.begin(t, db, path)
			save := func() error {
				r := m.Record("p1", 60_000) // more than a free page
				r.History = m.History("p1")
				r.History.Events = append(r.History.Events, storetest.Event(m.ID(), storetest.Start))
				_, err := db.SaveAssessment(t.Context(), m.Write("assessment.created", r.Assessment.ID), r)
				return err
			}
			for range 3 {
				if err := save(); tarozi.CodeOf(err) != tarozi.Unavailable {
					t.Errorf("saving gave %v, want an error of code unavailable", err)
				}
			}
			if after := contents(t, beside); after != before {
				t.Errorf("something was left:\n%.2000s", after)
			}
			if err := db.Ping(t.Context()); tarozi.CodeOf(err) != tarozi.Unavailable {
				t.Errorf("probing meanwhile gave %v, want an error of code unavailable", err)
			}
			if _, err := db.History(t.Context(), tarozi.InAgency("north"), "p1"); err != nil {
				t.Errorf("reading meanwhile: %v", err)
			}
			end()
			if err := db.Ping(t.Context()); err != nil {
				t.Errorf("probing once it has passed: %v", err)
			}
			if err := save(); err != nil {
				t.Errorf("saving once it has passed: %v", err)
			}
		})
	}
}

// A write too large for the disk must not refuse the small ones that wait beside it.
func TestFullDiskRefusesOnlyWhatDoesNotFit(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "t.db"))
	prepare(t, db)
	before := len(storetest.Entries(t, db))
	var pages int
	if err := db.WriterConnection().Get(&pages, `PRAGMA page_count`); err != nil {
		t.Fatal(err)
	}
	if _, err := db.WriterConnection().Exec(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages+40)); err != nil {
		t.Fatal(err)
	}
	const writers = 8
	results := make(chan error, writers)
	for i := range writers {
		own := storetest.NewMaker("north", fmt.Sprint("w", i))
		go func() {
			size := 200
			if i%2 == 0 {
				size = 400_000
			}
			r := own.Record("p1", size)
			_, err := db.SaveAssessment(t.Context(), own.Write("assessment.created", r.Assessment.ID), r)
			if want := size > 200; (tarozi.CodeOf(err) == tarozi.Unavailable) != want {
				results <- fmt.Errorf("a record of %d bytes gave %v", size, err)
				return
			}
			results <- nil
		}()
	}
	for range writers {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if got, want := len(storetest.Entries(t, db))-before, writers/2; got != want {
		t.Errorf("%d audit entries, want %d", got, want)
	}
}

// A case system that sends the same history every night does not fill the disk.
func TestSameHistoryMakesNoVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	db := open(t, path)
	m := storetest.NewMaker("north", "n")
	m.AddAgency(t, db)
	history := m.History("p1")
	beside := side(t, path)
	for i, step := range []struct {
		name   string
		change func()
		want   string // versions and event rows
	}{
		{"first", func() {}, "1 2"},
		{"the same", func() {}, "1 2"},
		{"an event more", func() { history.Events = append(history.Events, storetest.Event("e3", storetest.Start)) }, "1 3"},
		{"the same again", func() {}, "1 3"},
		{"another status of a fact", func() { history.Facts[0].Status = tarozi.Disputed }, "2 6"},
		{"an event otherwise", func() { history.Events[0].Note = "n" }, "3 9"},
		{"an event less", func() { history.Events = history.Events[:2] }, "4 11"},
		{"another order", func() { history.Events[0], history.Events[1] = history.Events[1], history.Events[0] }, "5 13"},
	} {
		step.change()
		if err := db.PutHistory(t.Context(), m.Write("history.put", "w"), history); err != nil {
			t.Fatal(err)
		}
		got := column(t, beside, `SELECT (SELECT count(*) FROM histories) || ' ' || (SELECT count(*) FROM events)`)[0]
		if got != step.want {
			t.Errorf("%s: %s versions and events are stored, want %s", step.name, got, step.want)
		}
		stored, err := db.History(t.Context(), tarozi.InAgency("north"), "p1")
		if diff := cmp.Diff(history, stored, cmp.Comparer(func(a, b tarozi.Value) bool { return a == b })); err != nil || diff != "" {
			t.Errorf("%s: reading gives %v, and differs by (-put +read)\n%s", step.name, err, diff)
		}
		if n := len(storetest.Entries(t, db)); n != i+2 {
			t.Errorf("%s: %d audit entries, want one of the agency and %d of the history", step.name, n, i+1)
		}
	}
}

// What is replaced is gone from the files once the store is closed.
func TestReplacedTextIsOverwritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	db := open(t, path)
	m := prepare(t, db)
	for _, name := range []string{"SECRET-FIRST-NAME", "SECOND-NAME"} {
		if err := db.PutAgency(t.Context(), m.Write("agency.put", "w"), tarozi.Agency{ID: "north", Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	column(t, side(t, path), `SELECT name FROM agencies`) // another process that has the database open keeps the log's file
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	var text []byte
	for _, file := range []string{path, path + "-wal"} {
		part, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, part...)
	}
	if bytes.Contains(text, []byte("SECRET-FIRST-NAME")) {
		t.Error("the name that was replaced still stands in the files")
	}
	if !bytes.Contains(text, []byte("SECOND-NAME")) {
		t.Error("the name that was stored does not stand in the files: the test looks at the wrong place")
	}
}
