package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/store/storetest"
)

// A power cut leaves the file as it was and a write-ahead log that ends anywhere. The log is cut at every frame, at sectors within
// the last ones, and with its last sector full of zeroes: what is opened then holds a whole number of the changes, in their order, each with
// its entry, and takes new ones.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	const sector, walHeader, frame = 512, 32, 24 + 4096
	path := filepath.Join(t.TempDir(), "t.db")
	db := open(t, path)
	m := storetest.NewMaker("north", "n")
	m.AddAgency(t, db)
	begun, err := os.Stat(path + "-wal") // what is before this is the schema's making
	if err != nil {
		t.Fatal(err)
	}
	var people []string
	for i := range 6 {
		r := m.Record(fmt.Sprintf("p%d", i), 6000)
		r.History = m.History(r.Assessment.PersonID)
		w, err := committed(m, r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.SaveAssessment(t.Context(), w, r); err != nil {
			t.Fatal(err)
		}
		people = append(people, r.Assessment.PersonID)
	}
	image := map[string][]byte{}
	for _, suffix := range []string{"", "-wal"} {
		text, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		image[suffix] = text
	}
	key, err := os.ReadFile(filepath.Join(filepath.Dir(path), "seal-key"))
	if err != nil {
		t.Fatal(err)
	}
	wal := image["-wal"]
	if (len(wal)-walHeader)%frame != 0 {
		t.Fatalf("a log of %d bytes is not made of frames of %d", len(wal), frame)
	}
	type cut struct {
		at     int
		zeroes bool
	}
	var cuts []cut
	for at, nth := len(wal), 0; at >= int(begun.Size()); at, nth = at-frame, nth+1 {
		cuts = append(cuts, cut{at, nth%4 == 1})
		if nth < 6 { // every second sector of the last frames, and torn within one
			cuts = append(cuts, cut{at - 1, false})
			for within := at - at%sector; within > at-frame; within -= 2 * sector {
				cuts = append(cuts, cut{within, false})
			}
		}
	}
	seen := map[int]bool{}
	for _, c := range cuts {
		folder := t.TempDir()
		at := filepath.Join(folder, "t.db")
		torn := append([]byte{}, wal[:c.at]...)
		if c.zeroes {
			clear(torn[max(0, len(torn)-sector):])
		}
		for name, text := range map[string][]byte{"t.db": image[""], "t.db-wal": torn, "seal-key": key} {
			if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		after := open(t, at)
		there := 0
		for i, person := range people {
			_, err := after.History(t.Context(), tarozi.InAgency("north"), person)
			switch {
			case err == nil && there == i:
				there++
			case err == nil:
				t.Fatalf("cut at %d: %s is there and one before is not", c.at, person)
			case tarozi.CodeOf(err) != tarozi.NotFound:
				t.Fatalf("cut at %d: %v", c.at, err)
			}
		}
		seen[there] = true
		beside := side(t, at)
		for _, query := range []string{`SELECT count(*) FROM assessments`, `SELECT count(*) FROM audit_queue WHERE entry LIKE '%assessment.created%'`,
			`SELECT count(DISTINCT person_id) FROM events`, `SELECT count(*) FROM changes`} {
			if n := column(t, beside, query)[0]; n != fmt.Sprint(there) {
				t.Errorf("cut at %d: %d people and %s by %s", c.at, there, n, query)
			}
		}
		if ok := column(t, beside, `PRAGMA integrity_check`)[0]; ok != "ok" {
			t.Errorf("cut at %d: %s", c.at, ok)
		}
		if _, gone, faults, err := after.AuditLog().Rows(t.Context(), entries(t, after)); err != nil || len(faults) > 0 || len(gone) > 0 {
			t.Errorf("cut at %d: the rows and the log: %v %v %v", c.at, faults, gone, err)
		}
		if err := beside.Close(); err != nil {
			t.Fatal(err)
		}
		if err := after.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for n := range len(people) + 1 {
		if !seen[n] {
			t.Errorf("no cut left %d of the changes: not every step was tried", n)
		}
	}
	t.Logf("%d images of a power cut, each whole", len(cuts))
}
