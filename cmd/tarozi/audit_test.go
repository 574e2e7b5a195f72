package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/model"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
)

// loggedDatabase is a database with an assessment whose entries are sequenced, closed again.
func loggedDatabase(t *testing.T) (database string) {
	t.Helper()
	database = filepath.Join(t.TempDir(), "t.db")
	db, err := store.Open(t.Context(), database, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	assessor, err := newAssessor(defaultZone)
	if err != nil {
		t.Fatal(err)
	}
	service := newService(assessor, db)
	demonstrated(t, service)
	w, err := service.Administer("a-1", "agency.created", "a-1")
	if err != nil {
		t.Fatal(err)
	}
	if err := db.PutAgency(t.Context(), w, tarozi.Agency{ID: "a-1", Name: "One"}); err != nil {
		t.Fatal(err)
	}
	request := new(tarozi.Request)
	if err := tarozi.Decode([]byte(made), &request.History); err != nil {
		t.Fatal(err)
	}
	request.AsOf = tarozi.Date{Year: 2026, Month: 7, Day: 1}
	officer := tarozi.Actor{AccountID: "o-1", AgencyID: "a-1", Role: tarozi.Officer, Actions: tarozi.ActionsOf(tarozi.Officer)}
	a, err := service.Create(t.Context(), officer, request, nil)
	if err != nil {
		t.Fatal(err)
	}
	view := &tarozi.PriorView{Band: tarozi.Low, Reasons: []tarozi.ReasonCode{"conduct"}}
	if _, err := service.LockView(t.Context(), officer, a.ID, view, nil); err != nil {
		t.Fatal(err)
	}
	operator := tarozi.Actor{AccountID: "command", AgencyID: "a-1", Role: tarozi.Operator, Actions: tarozi.ActionsOf(tarozi.Operator)}
	person := request.History.PersonID
	_, identities := service.PutIdentities(t.Context(), operator, []tarozi.Identity{{PersonID: person, Name: "Nodira"}}, false)
	_, protected := service.PutProtected(t.Context(), operator, []tarozi.ProtectedAttributes{{PersonID: person, Attributes: map[string]string{"sex": "female"}}}, false)
	_, outcomes := service.PutOutcomes(t.Context(), operator, []tarozi.Outcome{{PersonID: person, Kind: tarozi.Recidivism,
		FollowedFrom: tarozi.Date{Year: 2026, Month: 7, Day: 1}, FollowedUntil: tarozi.Date{Year: 2026, Month: 7, Day: 2}}}, false)
	at := time.Date(2026, time.July, 2, 9, 0, 0, 0, time.UTC)
	events := service.AddEvents(t.Context(), operator, person, []tarozi.Event{{ID: "e-1", Type: tarozi.EventContact, At: at, ReceivedAt: at,
		Status: tarozi.Verified, Attendance: tarozi.Attended}}, nil)
	if err := errors.Join(identities, protected, outcomes, events); err != nil {
		t.Fatal(err)
	}
	key, err := loadAuditKey(auditKeyFile(database), "tarozi.example/test")
	if err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	end() // one last round
	sequenceAudit(ended, checkpointKeeper(db, key, filepath.Join(filepath.Dir(database), checkpointsFile)), slog.New(slog.DiscardHandler))
	return database
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// command runs a command of the binary and returns what it said and its exit status.
func command(t *testing.T, args ...string) (said string, status int) {
	t.Helper()
	root := auditCommand()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	root.SilenceUsage, root.SilenceErrors = true, true
	if err := root.ExecuteContext(t.Context()); err != nil {
		return out.String() + err.Error(), exitRefused
	}
	return out.String(), exitDone
}

func TestAuditVerify(t *testing.T) {
	database := loggedDatabase(t)
	if said, status := command(t, "verify", "--db", database); status != exitDone || !strings.Contains(said, "stored rows are as they were logged") {
		t.Fatalf("an untouched database: %q, status %d", said, status)
	}
	folder := filepath.Join(t.TempDir(), "log")
	if said, status := command(t, "export", "--db", database, "--out", folder); status != exitDone {
		t.Fatalf("export: %q", said)
	}
	kept := filepath.Join(filepath.Dir(database), checkpointsFile)
	if said, status := command(t, "verify", "--log", folder, "--checkpoints", kept); status != exitDone {
		t.Errorf("the exported log: %q, status %d", said, status)
	}

	for _, c := range []struct{ name, statement, names string }{
		{"a byte of the assessment", `UPDATE assessments SET document = CAST(replace(CAST(document AS TEXT), '"band":', '"bAnd":') AS BLOB)`, "entry 4: the record (assessment.created"},
		{"a byte of what was sent", `UPDATE assessments SET input = CAST(replace(CAST(input AS TEXT), '1993', '1994') AS BLOB)`, "entry 4: the record (assessment.created"},
		{"the assessment itself", `PRAGMA foreign_keys = OFF; DELETE FROM assessments`, "entry 4: the record (assessment.created"},
		{"the scores that lists show", `UPDATE assessments SET scores = replace(scores, 'recidivism', 'violation')`, "its row shows other scores"},
		{"the agency of the assessment", `UPDATE assessments SET agency_id = 'a-2'`, "its row names another agency"},
		{"a byte of a review", `UPDATE review_steps SET document = CAST(replace(CAST(document AS TEXT), 'low', 'hig') AS BLOB)`, "entry 5: the record (review."},
		{"the author of a review", `UPDATE review_steps SET account_id = 'o-2'`, "entry 5: the record (review."},
		{"a review", `DELETE FROM review_steps`, "entry 5: the record (review."},
		{"a byte of an entry", `UPDATE audit_log SET entry = CAST(replace(CAST(entry AS TEXT), 'o-1', 'o-2') AS BLOB) WHERE place = 4`, "entry 4: it is not what was logged"},
		{"a byte of a checkpoint", `UPDATE audit_checkpoints SET signed = CAST(replace(CAST(signed AS TEXT), 'example', 'exAmple') AS BLOB)`, "checkpoint 1"},
		{"a stored hash", `UPDATE audit_hashes SET hash = zeroblob(32) WHERE position = 0`, "entry 0"},
		{"a salt", `UPDATE audit_log SET salt = zeroblob(32) WHERE place = 4`, "entry 4"},
		{"the last entry", `DELETE FROM audit_log WHERE place = 4`, "entries were taken away"},
	} {
		t.Run(c.name, func(t *testing.T) {
			spoilt := filepath.Join(t.TempDir(), "t.db")
			copyFile(t, database, spoilt)
			copyFile(t, publicFile(auditKeyFile(database)), publicFile(auditKeyFile(spoilt)))
			db, err := sql.Open("sqlite3", spoilt)
			if err != nil {
				t.Fatal(err)
			}
			result, err := db.Exec(c.statement)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := result.RowsAffected(); err != nil || n == 0 {
				t.Fatalf("%d rows were spoilt (%v)", n, err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			if said, status := command(t, "verify", "--db", spoilt); status != exitRefused || !strings.Contains(said, c.names) {
				t.Errorf("%q, status %d; want one that names %q", said, status, c.names)
			}
		})
	}
}

// Whatever row of whatever table is changed, added or taken away by another hand than the service's is named.
func TestAuditVerifyNamesAnyRow(t *testing.T) {
	database := loggedDatabase(t)
	list := func(db *sql.DB, query string, args ...any) []string { return columnOf(t, db, query, args...) }
	open := func(path string) *sql.DB {
		t.Helper()
		db, err := sql.Open("sqlite3", path+"?_foreign_keys=0")
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	source := open(database)
	tables := list(source, `SELECT DISTINCT table_name FROM row_commitments ORDER BY 1`)
	if err := source.Close(); err != nil {
		t.Fatal(err)
	}
	for _, must := range []string{"assessments", "events", "histories", "identities", "outcomes", "people", "person_keys", "protected_attributes", "review_steps"} {
		if !slices.Contains(tables, must) {
			t.Errorf("%s is not watched, or the test stores no row of it", must)
		}
	}
	for _, table := range tables {
		for _, spoil := range []string{"changed", "deleted", "added"} {
			t.Run(table+" "+spoil, func(t *testing.T) {
				spoilt := filepath.Join(t.TempDir(), "t.db")
				copyFile(t, database, spoilt)
				copyFile(t, publicFile(auditKeyFile(database)), publicFile(auditKeyFile(spoilt)))
				db := open(spoilt)
				key := list(db, `SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk`, table)
				last := key[len(key)-1]
				columns := list(db, `SELECT name FROM pragma_table_info(?) WHERE pk = 0 AND "notnull"`, table)
				first := fmt.Sprintf("%s = (SELECT min(%s) FROM %s)", last, last, table)
				if spoil == "changed" && len(columns) == 0 {
					return // all of it is the key: another key is a row added and one taken away
				}
				columns = append(columns, "none")
				statement, want := fmt.Sprintf(`UPDATE %s SET %s = CAST(%s || '1' AS BLOB) WHERE %s`, table, columns[0], columns[0], first), "not the one that was logged"
				if kinds := list(db, `SELECT type FROM pragma_table_info(?) WHERE name = ?`, table, columns[0]); len(kinds) > 0 && kinds[0] != "BLOB" {
					statement = strings.Replace(statement, "CAST("+columns[0]+" || '1' AS BLOB)", columns[0]+" || '1'", 1)
				}
				switch spoil {
				case "deleted":
					statement, want = fmt.Sprintf(`DELETE FROM %s WHERE %s`, table, first), "is gone"
				case "added":
					all := strings.Join(list(db, `SELECT name FROM pragma_table_info(?)`, table), ", ")
					values := strings.Replace(", "+all+", ", ", "+last+", ", ", "+last+" || '7', ", 1)
					// What is unique is made so: the copy has another value wherever an index asks for it.
					for _, unique := range list(db, `SELECT DISTINCT c.name FROM pragma_index_list(?) i, pragma_index_info(i.name) c WHERE i."unique" AND i.origin <> 'pk'`, table) {
						if unique != last {
							values = strings.Replace(values, ", "+unique+", ", ", "+unique+" || '7', ", 1)
						}
					}
					statement, want = fmt.Sprintf(`INSERT INTO %s (%s) SELECT %s FROM %s WHERE %s LIMIT 1`, table, all, strings.Trim(values, ", "), table, first), "has no entry"
				}
				if _, err := db.Exec(statement); err != nil {
					t.Fatalf("%s: %v", statement, err)
				}
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
				before, err := os.ReadFile(spoilt)
				if err != nil {
					t.Fatal(err)
				}
				said, status := command(t, "verify", "--db", spoilt)
				if status != exitRefused || !strings.Contains(said, want) || !strings.Contains(said, table) {
					t.Errorf("%s: %q, status %d; want one that names %s and says %q", statement, said, status, table, want)
				}
				if strings.Contains(said, "p-1") {
					t.Errorf("the fault says whose row it is: %q", said)
				}
				after, err := os.ReadFile(spoilt)
				if entries, _ := os.ReadDir(filepath.Dir(spoilt)); err != nil || !bytes.Equal(before, after) || len(entries) != 2 {
					t.Errorf("the check wrote to the database, or left %d files (%v)", len(entries), err)
				}
			})
		}
	}
}

func TestAuditKeyIsRefusedWhenItsHalvesDiffer(t *testing.T) {
	one, other := filepath.Join(t.TempDir(), "key"), filepath.Join(t.TempDir(), "key")
	for _, file := range []string{one, other} {
		if _, err := loadAuditKey(file, "tarozi.example/test"); err != nil {
			t.Fatal(err)
		}
	}
	copyFile(t, publicFile(other), publicFile(one))
	if _, err := loadAuditKey(one, "tarozi.example/test"); err == nil {
		t.Error("another log's public key was taken")
	}
}

// demonstrated puts the bundle that scores by default to use in a database of made-up people; the log has three entries then.
func demonstrated(t testing.TB, s *scoring.Service) {
	t.Helper()
	bundles, err := model.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	bundles = slices.DeleteFunc(bundles, func(b *model.Bundle) bool { return b.Card.ID != scoring.DefaultModel })
	if err := errors.Join(s.Demonstrate(t.Context(), scoring.DemoFilled), s.InstallShipped(t.Context(), bundles)); err != nil {
		t.Fatal(err)
	}
	for _, b := range bundles { // those that a server installed as candidates before
		if err := s.Move(t.Context(), "", b.SHA256, tarozi.ModelDemonstration); err != nil && tarozi.CodeOf(err) != tarozi.Conflict {
			t.Fatal(err)
		}
	}
}

// demonstrateFile is demonstrated for a database that no service holds open here.
func demonstrateFile(t testing.TB, database string) {
	t.Helper()
	err := onDatabase(t.Context(), database, "", defaultZone, func(_ *store.DB, s *scoring.Service) error {
		demonstrated(t, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
