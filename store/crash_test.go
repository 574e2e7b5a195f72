package store_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
	"github.com/tarozi/tarozi/store/storetest"
)

// crashDatabase names the database that a child of this test writes to until it is killed.
const crashDatabase = "TAROZI_TEST_CRASH_DATABASE"

func TestMain(m *testing.M) {
	if path := os.Getenv(crashDatabase); path != "" {
		if err := writeUntilKilled(path, os.Getenv("TAROZI_TEST_CRASH_ROUND")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// committed gives a record the audit entry that commits to it: SHA-256 of the salt, the input, the inputs and the canonical
// assessment.
func committed(m *storetest.Maker, r *scoring.Record) (scoring.Write, error) {
	w := m.Write("assessment.created", r.Assessment.ID)
	document, err := json.Marshal(r.Assessment)
	if err != nil {
		return w, err
	}
	if err := (*jsontext.Value)(&document).Canonicalize(); err != nil {
		return w, err
	}
	sum := sha256.Sum256(bytes.Join([][]byte{w.Audit.Salt, r.Input, r.Inputs, document}, nil))
	w.Audit.SHA256 = hex.EncodeToString(sum[:])
	return w, nil
}

// writeUntilKilled stores assessments and events from eight goroutines and prints a line for each once it is acknowledged.
func writeUntilKilled(path, round string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, path, store.Options{})
	if err != nil {
		return err
	}
	failed := make(chan error)
	for i := range 8 {
		go func() {
			m := storetest.NewMaker("north", fmt.Sprintf("r%s-%d", round, i))
			for {
				r := m.Record(m.ID(), 8000)
				r.Assessment.ReviewState = tarozi.ReviewPending
				r.History = m.History(r.Assessment.PersonID)
				w, err := committed(m, r)
				if err == nil {
					_, err = db.SaveAssessment(ctx, w, r)
				}
				if err != nil {
					failed <- err
					return
				}
				fmt.Fprintf(os.Stdout, "assessment %s %s\n", r.Assessment.PersonID, r.Assessment.ID)
				event := storetest.Event("added", storetest.Start)
				if err := db.AddEvents(ctx, m.Write("events.added", "events-of-"+r.Assessment.PersonID), r.Assessment.PersonID, []tarozi.Event{event}); err != nil {
					failed <- err
					return
				}
				fmt.Fprintf(os.Stdout, "event %s -\n", r.Assessment.PersonID)
			}
		}()
	}
	return <-failed
}

// A process that is killed at any moment has everything that it acknowledged on disk: whole, once, with its audit entry; and
// what it did not acknowledge is there whole with its entry, or not at all.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	db := open(t, path)
	m := storetest.NewMaker("north", "n")
	m.AddAgency(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	var acknowledged []string
	const rounds = 6
	for round := range rounds {
		lines := runAndKill(t, path, round, time.Duration(20+random.IntN(300))*time.Millisecond)
		acknowledged = append(acknowledged, lines...)
	}
	if len(acknowledged) < rounds {
		t.Fatalf("only %d writes were acknowledged in %d rounds: nothing was tested", len(acknowledged), rounds)
	}
	checkSurvivors(t, path, acknowledged)
	t.Logf("%d kills, %d acknowledged writes, all there", rounds, len(acknowledged))
}

// runAndKill starts a child that writes, kills it a while after its first acknowledged write, and gives the lines it printed.
func runAndKill(t *testing.T, path string, round int, after time.Duration) []string {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), crashDatabase+"="+path, fmt.Sprintf("TAROZI_TEST_CRASH_ROUND=%d", round))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var kill sync.Once
	var lines []string
	for scanner := bufio.NewScanner(out); scanner.Scan(); {
		kill.Do(func() {
			time.AfterFunc(after, func() { child.Process.Kill() })
		})
		lines = append(lines, scanner.Text())
	}
	if err := child.Wait(); err == nil || child.ProcessState.Exited() {
		t.Fatalf("the child ended by itself: %v", err)
	}
	// The last line may have been cut off by the kill.
	if n := len(lines); n > 0 && len(strings.Fields(lines[n-1])) != 3 {
		lines = lines[:n-1]
	}
	return lines
}

func checkSurvivors(t *testing.T, path string, acknowledged []string) {
	t.Helper()
	db := open(t, path)
	beside := side(t, path)
	for _, check := range []string{`PRAGMA integrity_check`, `SELECT count(*) || ' broken references' FROM pragma_foreign_key_check`} {
		if got := strings.Join(column(t, beside, check), " "); got != "ok" && got != "0 broken references" {
			t.Errorf("%s: %s", check, got)
		}
	}
	entries := make(map[string][]scoring.AuditEntry) // by what they speak of
	for _, entry := range storetest.Entries(t, db) {
		entries[entry.SubjectID] = append(entries[entry.SubjectID], entry)
	}
	for _, line := range acknowledged {
		var what, person, id string
		fmt.Sscan(line, &what, &person, &id)
		switch what {
		case "assessment":
			if _, err := db.Assessment(t.Context(), tarozi.InAgency("north"), id); err != nil {
				t.Errorf("assessment %s was acknowledged and reading it gives %v", id, err)
			}
		case "event":
			h, err := db.History(t.Context(), tarozi.InAgency("north"), person)
			if err != nil || len(h.Events) != 3 || h.Events[2].ID != "added" {
				t.Errorf("an event of %s was acknowledged and is not there (%v)", person, err)
			}
			if n := len(entries["events-of-"+person]); n != 1 {
				t.Errorf("%d audit entries for the event of %s", n, person)
			}
		default:
			t.Errorf("the child said %q", line)
		}
	}
	stored := column(t, beside, `SELECT id FROM assessments`)
	for _, id := range stored {
		if n := len(entries[id]); n != 1 {
			t.Errorf("assessment %s has %d audit entries", id, n)
			continue
		}
		checkCommitment(t, beside, id, entries[id][0])
	}
	if n := column(t, beside, `SELECT count(*) FROM audit_queue WHERE entry LIKE '%assessment.created%'`)[0]; n != fmt.Sprint(len(stored)) {
		t.Errorf("%s audit entries for %d assessments", n, len(stored))
	}
	if n := column(t, beside, `SELECT count(*) FROM assessments a JOIN histories h USING (person_id) JOIN changes c ON c.assessment_id = a.id
		JOIN people p ON p.person_id = a.person_id AND p.latest_assessment_id = a.id`)[0]; n != fmt.Sprint(len(stored)) {
		t.Errorf("%s of %d assessments have their history, person and change", n, len(stored))
	}
}

// checkCommitment holds the stored bytes of an assessment against the hash in its audit entry.
func checkCommitment(t *testing.T, db *sql.DB, id string, entry scoring.AuditEntry) {
	t.Helper()
	var input, inputs, document []byte
	if err := db.QueryRow(`SELECT input, inputs, document FROM assessments WHERE id = ?`, id).Scan(&input, &inputs, &document); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(bytes.Join([][]byte{entry.Salt, input, inputs, document}, nil))
	if got := hex.EncodeToString(sum[:]); got != entry.SHA256 {
		t.Errorf("the stored bytes of assessment %s have hash %s and its audit entry says %s", id, got, entry.SHA256)
	}
}
