package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

// TestAuditDrill is `make audit-drill`: on a fresh database, filled by real requests to a real server, the log verifies; then one byte
// at a time is flipped on the disk's side of the service, and the verifier must name what was changed.
func TestAuditDrill(t *testing.T) {
	database, key := institution(t)
	s := serving(t, database)
	var ids []string
	for n := range 3 {
		id, err := s.assess(t.Context(), key, fmt.Sprint("person-", n))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	s.post(t, s.officer(t), "/assessments/"+ids[1]+"/view", map[string][]string{"token": {"1"}, "band": {"medium"}, "reasons": {"conduct"}})
	s.end(t)
	t.Log("untouched: ", strings.TrimSpace(mustTell(t, "", "audit", "verify", "--db", database)))

	// A killed service leaves entries in the queue that no checkpoint vouches for yet.
	s = serving(t, database)
	deadline := time.Now().Add(20 * time.Second)
	for waiting := 0; waiting == 0; {
		if _, err := s.assess(t.Context(), key, fmt.Sprint("person-late-", time.Now().UnixNano())); err != nil {
			t.Fatal(err)
		}
		if waiting = count(t, database, `SELECT count(*) FROM audit_queue`); waiting == 0 && time.Now().After(deadline) {
			t.Fatal("no entry ever waited in the queue")
		}
	}
	s.kill()
	queued := count(t, database, `SELECT count(*) FROM audit_queue`)
	if queued == 0 {
		t.Fatal("the queue was sequenced before the service was killed: run the drill again")
	}
	t.Logf("killed with %d entries in the queue: %s", queued, strings.TrimSpace(mustTell(t, "", "audit", "verify", "--db", database)))

	for _, row := range []struct{ what, table, column, where, names string }{
		{"an assessment", "assessments", "document", `id = '` + ids[0] + `'`, "assessment.created"},
		{"what was sent for it", "assessments", "input", `id = '` + ids[0] + `'`, "assessment.created"},
		{"a step of a review", "review_steps", "document", `assessment_id = '` + ids[1] + `'`, "review.own_view"},
		{"an entry", "audit_log", "entry", `place = 2`, "entry 2"},
		{"a stored hash", "audit_hashes", "hash", `position = 3`, "entry 2"},
		{"a checkpoint", "audit_checkpoints", "signed", `seq = 2`, "checkpoint 2"},
		{"the hash in a queued entry", "audit_queue", "entry", `seq = (SELECT max(seq) FROM audit_queue)`, "queue"},
	} {
		t.Run(row.what, func(t *testing.T) {
			spoilt := filepath.Join(t.TempDir(), "tarozi.db")
			copyFile(t, database, spoilt)
			if _, err := os.Stat(database + "-wal"); err == nil { // the killed service left it; a command that opens the database takes it in
				copyFile(t, database+"-wal", spoilt+"-wal")
			}
			copyFile(t, publicFile(auditKeyFile(database)), publicFile(auditKeyFile(spoilt)))
			flip(t, spoilt, row.table, row.column, row.where)
			said, status := tell(t, "", "audit", "verify", "--db", spoilt)
			if status != exitRefused || !strings.Contains(said, row.names) {
				t.Fatalf("a flipped byte of %s: status %d, and it says %q where %q should be named", row.what, status, said, row.names)
			}
			t.Logf("a flipped byte of %s: %s", row.what, strings.TrimSpace(said))
		})
	}
}

func open(t testing.TB, database string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+database+"?_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func count(t testing.TB, database, query string) (n int) {
	t.Helper()
	db := open(t, database)
	defer db.Close()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// flip changes the lowest bit of one byte of a stored value: of its hash where it is an entry, in its middle where it is anything else.
func flip(t *testing.T, database, table, column, where string) {
	t.Helper()
	db := open(t, database)
	defer db.Close()
	var value []byte
	if err := db.QueryRow(`SELECT ` + column + ` FROM ` + table + ` WHERE ` + where).Scan(&value); err != nil {
		t.Fatal(err)
	}
	at := len(value) / 2
	if hash := strings.Index(string(value), `"sha256":"`); column == "entry" && hash >= 0 {
		at = hash + len(`"sha256":"`) + 5
	}
	value[at] ^= 1
	result, err := db.Exec(`UPDATE `+table+` SET `+column+` = ? WHERE `+where, value)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		t.Fatalf("%d rows were changed (%v)", n, err)
	}
}
