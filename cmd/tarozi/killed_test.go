package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// kills is how often each command is killed.
const kills = 8

// killedAt runs a command and kills it (kill -9) when it has run for a while; it reports whether the command had ended before.
func killedAt(t *testing.T, after time.Duration, args ...string) (ended bool) {
	t.Helper()
	command := binary(t.Context(), args...)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = command.Process.Kill() })
	err := command.Wait()
	timer.Stop()
	if err != nil && command.ProcessState.Exited() {
		t.Fatalf("tarozi %s: %v", strings.Join(args, " "), err)
	}
	return err == nil
}

// moments are those at which a command is killed that takes so long: spread over its run, most of them in its second half, where it
// works on the database.
func moments(took time.Duration) (all []time.Duration) {
	for i := range kills {
		share := (float64(i) + rand.Float64()) / kills
		all = append(all, time.Duration(float64(took)*(1-(1-share)*(1-share)*0.9)))
	}
	return all
}

// known counts the rows of each person in every table that knows people.
func known(t *testing.T, database, person string) string {
	t.Helper()
	var all []string
	for _, table := range column(t, database, `SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'person_id' ORDER BY 1`) {
		if table != "entry_people" { // each look at the person adds to it
			all = append(all, fmt.Sprint(table, " ", count(t, database, `SELECT count(*) FROM `+table+` WHERE person_id = '`+person+`'`)))
		}
	}
	return strings.Join(all, ", ")
}

// filled is a database with so many people, each with an assessment, and their ids.
func filled(t *testing.T, people int) (database string, ids []string) {
	t.Helper()
	database, key := institution(t)
	s := serving(t, database)
	for n := range people {
		id := fmt.Sprintf("person-to-go-%02d", n)
		if _, err := s.assess(t.Context(), key, id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	s.end(t)
	return database, ids
}

func isGone(rows string) bool {
	for _, part := range strings.Split(rows, ", ") {
		if !strings.HasSuffix(part, " 0") {
			return false
		}
	}
	return true
}

func verifies(t *testing.T, database string) {
	t.Helper()
	mustTell(t, "", "audit", "verify", "--db", database)
}

// An erasure that is killed has erased everything of the person or nothing, and done again it leaves nothing, not even in the files.
func TestKilledInAnErasure(t *testing.T) {
	database, ids := filled(t, kills+1)
	began := time.Now()
	mustTell(t, "", "erase", "--db", database, "--person", ids[kills])
	took := time.Since(began)
	done, half := 0, 0
	for i, moment := range moments(took) {
		before := known(t, database, ids[i])
		killedAt(t, moment, "erase", "--db", database, "--person", ids[i])
		switch after := known(t, database, ids[i]); {
		case isGone(after):
			done++
		case after != before:
			half++
			t.Errorf("killed after %v, half of a person is erased: %s", moment, after)
		}
		verifies(t, database)
		mustTell(t, "", "erase", "--db", database, "--person", ids[i])
		if left := known(t, database, ids[i]); !isGone(left) {
			t.Errorf("erased again, there is still %s", left)
		}
	}
	verifies(t, database)
	for _, suffix := range []string{"", "-wal"} {
		text, err := os.ReadFile(database + suffix)
		if err == nil && bytes.Contains(text, []byte("person-to-go-")) {
			t.Errorf("erased people stand in %s", filepath.Base(database)+suffix)
		}
	}
	t.Logf("%d kills in an erasure of %v: %d had erased everything, %d nothing, %d half of it", kills, took.Round(time.Millisecond), done, kills-done-half, half)
}

// A run of retention that is killed has erased some people wholly and others not at all; run again it erases the others.
func TestKilledInARetentionRun(t *testing.T) {
	database, _ := institution(t)
	const people = 40
	var lines strings.Builder
	for n := range people {
		history := strings.ReplaceAll(strings.ReplaceAll(made, "\n", ""), `"person_id": "p-1"`, fmt.Sprintf(`"person_id": "person-to-go-%02d"`, n))
		lines.WriteString(strings.Replace(history, `"kind": "parole", "level"`, `"to": "2026-07-01", "kind": "parole", "level"`, 1) + "\n")
	}
	file := filepath.Join(t.TempDir(), "histories.ndjson")
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	mustTell(t, "", "import", "--db", database, "--agency", "a-1", "histories", file)
	rules := filepath.Join(t.TempDir(), "rules.toml")
	if err := os.WriteFile(rules, []byte("everything = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	left := func() []string { return column(t, database, `SELECT person_id FROM people ORDER BY 1`) }
	began := time.Now()
	shown := mustTell(t, "", "retention", "--db", database, "--rules", rules)
	took := 3 * time.Since(began) // with what it erases
	if n := strings.Count(shown, "person-to-go-"); n != people || len(left()) != people {
		t.Fatalf("what would go is shown as %d people of %d, and %d are stored:\n%s", n, people, len(left()), shown)
	}
	mustTell(t, "", "hold", "set", "--db", database, "--person", "person-to-go-07", "--reason", "a court asks")
	whole := known(t, database, "person-to-go-00")
	var sizes []int
	for _, moment := range moments(took) {
		if killedAt(t, moment, "retention", "--db", database, "--rules", rules, "--apply") {
			break
		}
		verifies(t, database)
		for n := range people {
			id := fmt.Sprintf("person-to-go-%02d", n)
			if rows := known(t, database, id); rows != whole && !isGone(rows) && id != "person-to-go-07" {
				t.Errorf("half of a person is erased: %s", rows)
			}
		}
		sizes = append(sizes, len(left()))
	}
	mustTell(t, "", "retention", "--db", database, "--rules", rules, "--apply")
	if rest := left(); !slices.Equal(rest, []string{"person-to-go-07"}) {
		t.Errorf("after the run there are %v; the one under a legal hold was to stay, alone", rest)
	}
	verifies(t, database)
	t.Logf("%d kills in a run of retention over %d people; after each there were still %v", len(sizes), people, sizes)
}

// A backup that is killed leaves no folder of its name, or a whole one; the next one needs no help. The same for a restore.
func TestKilledInABackupAndARestore(t *testing.T) {
	database, ids := filled(t, 5)
	folder := filepath.Join(t.TempDir(), "backup")
	began := time.Now()
	mustTell(t, "", "backup", "--db", database, "--out", folder)
	took := time.Since(began)
	there := func(path string) bool { _, err := os.Stat(path); return err == nil }
	backups, restores := 0, 0
	for i, moment := range moments(took) {
		to := filepath.Join(t.TempDir(), "backup")
		killedAt(t, moment, "backup", "--db", database, "--out", to)
		if there(to) {
			backups++
		} else {
			mustTell(t, "", "backup", "--db", database, "--out", to)
		}
		if left, err := filepath.Glob(to + ".*"); err != nil || len(left) > 0 && !there(to) {
			t.Errorf("kill %d of a backup left %v (%v)", i, left, err)
		}
		restored := filepath.Join(t.TempDir(), "restored.db")
		mustTell(t, "", "restore", "--from", to, "--db", restored)
	}
	for i, moment := range moments(took) {
		restored := filepath.Join(t.TempDir(), "restored.db")
		killedAt(t, moment, "restore", "--from", folder, "--db", restored)
		if there(restored) {
			restores++
		} else {
			mustTell(t, "", "restore", "--from", folder, "--db", restored)
		}
		verifies(t, restored)
		if n := count(t, restored, `SELECT count(*) FROM assessments`); n != len(ids) {
			t.Errorf("kill %d of a restore: %d assessments instead of %d", i, n, len(ids))
		}
	}
	t.Logf("%d kills in a backup of %v, %d of them after it was whole; %d in a restore, %d after", kills, took.Round(time.Millisecond), backups, kills, restores)
}
