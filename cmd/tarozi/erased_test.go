package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// After an erasure the log and what is left verify, in the database and from exported files; what another hand changes is named as
// before; an export of records has the person no more; and a backup made before still holds the person, verifies as of its day, and
// needs the erasure done again once it is restored, as docs/data-protection.md says.
func TestTheLogAfterAnErasure(t *testing.T) {
	database, ids := filled(t, 3)
	gone, stays := ids[0], ids[1]
	backup := filepath.Join(t.TempDir(), "backup")
	mustTell(t, "", "backup", "--db", database, "--out", backup)
	log := filepath.Join(t.TempDir(), "log")
	mustTell(t, "", "audit", "export", "--db", database, "--out", log)
	assessment := column(t, database, `SELECT id FROM assessments WHERE person_id = '`+gone+`'`)[0]

	mustTell(t, "", "hold", "set", "--db", database, "--person", gone, "--reason", "a court asks")
	if said, status := tell(t, "", "erase", "--db", database, "--person", gone); status != exitRefused || !strings.Contains(said, "legal hold") {
		t.Errorf("erasing under a hold: status %d, %s", status, said)
	}
	if rows := known(t, database, gone); isGone(rows) {
		t.Fatalf("under a hold everything went: %s", rows)
	}
	mustTell(t, "", "hold", "lift", "--db", database, "--person", gone)
	mustTell(t, "", "erase", "--db", database, "--person", gone)
	serving(t, database).end(t) // what waits in the queue gets its place

	t.Log(strings.TrimSpace(mustTell(t, "", "audit", "verify", "--db", database, "--checkpoints", filepath.Join(log, checkpointsFile))))
	after := filepath.Join(t.TempDir(), "log")
	mustTell(t, "", "audit", "export", "--db", database, "--out", after)
	mustTell(t, "", "audit", "verify", "--log", after, "--checkpoints", filepath.Join(log, checkpointsFile))
	before, err := os.ReadFile(filepath.Join(log, entriesFile))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadFile(filepath.Join(after, entriesFile))
	if err != nil || !strings.HasPrefix(string(entries), string(before)) {
		t.Errorf("the erasure changed entries of the log (%v)", err)
	}
	if said, status := tell(t, "", "audit", "record", "--db", database, "--id", assessment, "--out", filepath.Join(t.TempDir(), "r.json")); status == exitDone {
		t.Errorf("an erased assessment is exported: %s", said)
	}
	out := filepath.Join(t.TempDir(), "export")
	mustTell(t, "", "export", "--pseudonymised", "--db", database, "--agency", "a-1", "--out", out)
	if n := lineCount(t, out, "histories.ndjson"); n != len(ids)-1 {
		t.Errorf("the export has %d people", n)
	}

	for what, statement := range map[string]string{
		"another person's assessment":        `UPDATE assessments SET input = CAST(replace(CAST(input AS TEXT), '1993', '1994') AS BLOB) WHERE person_id = '` + stays + `'`,
		"the hash of an erased row":          `UPDATE row_commitments SET sha256 = randomblob(32) WHERE seq = (SELECT min(seq) FROM row_commitments WHERE row_key IS NULL)`,
		"another person's row, as if erased": `UPDATE row_commitments SET row_key = NULL, salt = x'' WHERE table_name = 'people' AND row_key LIKE '%` + stays + `%'`,
		"the erasure's entry":                `DELETE FROM audit_log WHERE json_extract(CAST(entry AS TEXT), '$.action') = 'person.erased'`,
	} {
		spoilt := filepath.Join(t.TempDir(), "t.db")
		copyFile(t, database, spoilt)
		copyFile(t, publicFile(auditKeyFile(database)), publicFile(auditKeyFile(spoilt)))
		result, err := open(t, spoilt).Exec(statement)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if n, err := result.RowsAffected(); n == 0 {
			t.Fatalf("%s: nothing was spoilt (%v)", what, err)
		}
		said, status := tell(t, "", "audit", "verify", "--db", spoilt)
		if status != exitRefused {
			t.Errorf("%s: status %d, %s", what, status, said)
		}
		t.Logf("%s: %s", what, strings.SplitN(said, "\n", 2)[0])
	}

	restored := filepath.Join(t.TempDir(), "tarozi.db")
	mustTell(t, "", "restore", "--from", backup, "--db", restored)
	for _, file := range []func(string) string{auditKeyFile, func(db string) string { return filepath.Join(filepath.Dir(db), "seal-key") }} {
		copyFile(t, file(database), file(restored))
	}
	if rows := known(t, restored, gone); isGone(rows) {
		t.Error("the backup from before the erasure does not hold the person: the test looks at the wrong place")
	}
	mustTell(t, "", "erase", "--db", restored, "--person", gone)
	if rows := known(t, restored, gone); !isGone(rows) {
		t.Errorf("erased again after the restore, there is %s", rows)
	}
	verifies(t, restored)
	if said, status := tell(t, "", "audit", "verify", "--db", restored, "--checkpoints", filepath.Join(after, checkpointsFile)); status != exitRefused || !strings.Contains(said, "entries were taken away") {
		t.Errorf("checkpoints newer than the backup: status %d, %s", status, said)
	}
}

func lineCount(t *testing.T, folder, name string) int {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		files, _ := os.ReadDir(folder)
		t.Fatal(err, fmt.Sprint(files))
	}
	return strings.Count(string(content), "\n")
}
