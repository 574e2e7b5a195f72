package store_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/audit"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
	"github.com/tarozi/tarozi/store/storetest"
)

// whole stores something of every kind of a person, all of it with the person's id in it.
func whole(t *testing.T, db *store.DB, m *storetest.Maker, person string) {
	t.Helper()
	r := m.Record(person, 300)
	r.History = m.History(person)
	r.History.Events[0].Note = "note of " + person
	if _, err := db.SaveAssessment(t.Context(), storetest.Once(m.Write("assessment.created", r.Assessment.ID), "key "+person, person), r); err != nil {
		t.Fatal(err)
	}
	if err := m.AddReview(t.Context(), db, m.Review(r.Assessment.ID)); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		third(db.PutIdentities(t.Context(), m.Write("identities.imported", ""), []tarozi.Identity{{PersonID: person, Name: "Name of " + person}}, false)),
		third(db.PutProtected(t.Context(), m.Write("protected.imported", ""), []tarozi.ProtectedAttributes{{PersonID: person, Attributes: map[string]string{"sex": "female"}}}, false)),
		third(db.PutOutcomes(t.Context(), m.Write("outcomes.imported", ""), []tarozi.Outcome{outcome(person, 30)}, false)),
		db.Looked(t.Context(), m.Write("viewed.person", ""), person),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func third(_ scoring.Tally, err error) error { return err }

// entries reads every entry of the queue, by id.
func entries(t *testing.T, db *store.DB) map[string]audit.Commitment {
	t.Helper()
	waiting, err := db.AuditLog().Waiting(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]audit.Commitment{}
	for _, e := range waiting {
		c, err := audit.ParseCommitment(e.Entry)
		if err != nil {
			t.Fatal(err)
		}
		all[c.ID] = c
	}
	return all
}

func holds(t *testing.T, db *store.DB) (erased int) {
	t.Helper()
	_, gone, faults, err := db.AuditLog().Rows(t.Context(), entries(t, db))
	if err != nil || len(faults) != 0 {
		t.Errorf("the log and the rows: %v %v", faults, err)
	}
	return len(gone)
}

func TestErase(t *testing.T) {
	const person, other = "person-to-erase", "person-to-stay"
	path := filepath.Join(t.TempDir(), "t.db")
	db := open(t, path)
	m := storetest.NewMaker("north", "n")
	m.AddAgency(t, db)
	whole(t, db, m, person)
	whole(t, db, m, other)
	if erased := holds(t, db); erased != 0 {
		t.Errorf("%d entries speak of erased rows before any was", erased)
	}
	before := entries(t, db)
	erase := func() error {
		return db.Erase(t.Context(), m.Write("person.erased", ""), person, []scoring.Kind{scoring.Everything})
	}
	if err := db.Hold(t.Context(), m.Write("hold.set", "h"), person, &scoring.Hold{ID: "h", Reason: "a court asks"}); err != nil {
		t.Fatal(err)
	}
	if err := erase(); tarozi.CodeOf(err) != tarozi.Conflict {
		t.Errorf("erasing under a hold gives %v", err)
	}
	if lifted, err := db.LiftHolds(t.Context(), m.Write("hold.lifted", ""), person); lifted != 1 || err != nil {
		t.Errorf("%d holds lifted, %v", lifted, err)
	}
	search := func(reason string) {
		t.Helper()
		document := []byte(`{"person_id":"` + person + `","reason":"` + reason + `"}`)
		found, err := db.AuditLog().SearchPerson(t.Context(), m.Write("audit.person_searched", m.ID()), person, document, 10)
		if err != nil {
			t.Fatal(err)
		}
		if there := len(found) > 0; there {
			t.Error("entries that wait in the queue are found")
		}
	}
	search("a complaint of theirs")
	if kept := column(t, side(t, path), `SELECT count(*) FROM audit_searches`); kept[0] != "1" {
		t.Errorf("%s searches for a person who is there are kept", kept[0])
	}
	if err := erase(); err != nil {
		t.Fatal(err)
	}
	search("somebody asks again")
	if kept := column(t, side(t, path), `SELECT count(*) FROM audit_searches`); kept[0] != "0" {
		t.Errorf("%s searches for an erased person are kept", kept[0])
	}
	if err := erase(); tarozi.CodeOf(err) != tarozi.NotFound {
		t.Errorf("erasing again gives %v", err)
	}
	if erased := holds(t, db); erased == 0 {
		t.Error("no entry speaks of the erased rows")
	}
	after := entries(t, db)
	for id := range before {
		if _, kept := after[id]; !kept {
			t.Error("an entry of the log is gone")
		}
	}
	if _, err := db.History(t.Context(), tarozi.InAgency("north"), other); err != nil {
		t.Errorf("the other person: %v", err)
	}
	// Not in the write-ahead log either: the service runs on.
	for _, suffix := range []string{"", "-wal"} {
		text, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		for _, gone := range []string{person, "a complaint of theirs", "somebody asks again"} {
			if n := bytes.Count(text, []byte(gone)); n != 0 {
				t.Errorf("%q, of an erased person, stands %d times in %s", gone, n, "t.db"+suffix)
			}
		}
		if suffix == "" && !bytes.Contains(text, []byte(other)) {
			t.Error("the other person's is not there: the test looks at the wrong place")
		}
	}
	// No salt is left with which a hash of the person could be guessed back.
	beside := side(t, path)
	if left := column(t, beside, `SELECT count(*) FROM row_commitments WHERE row_key IS NULL AND length(salt) > 0`); left[0] != "0" {
		t.Errorf("%s salts of erased rows are left", left[0])
	}
	// A person of the same id who comes again is another one to the service.
	whole(t, db, m, person)
	holds(t, db)
}

func TestEraseKinds(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "t.db"))
	m := storetest.NewMaker("north", "n")
	m.AddAgency(t, db)
	whole(t, db, m, "p1")
	scope := tarozi.InAgency("north")
	for _, kind := range []scoring.Kind{scoring.KindIdentity, scoring.KindProtected, scoring.KindOutcomes, scoring.KindAssessments} {
		stored := func() int {
			list, err := db.Lifecycles(t.Context(), scope, "", 10)
			if err != nil || len(list) != 1 {
				t.Fatalf("%d people, %v", len(list), err)
			}
			return len(list[0].Stored)
		}
		before := stored()
		if err := db.Erase(t.Context(), m.Write("retention.applied", ""), "p1", []scoring.Kind{kind}); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		if after := stored(); after != before-1 {
			t.Errorf("%s: %d kinds are stored, and were %d", kind, after, before)
		}
		holds(t, db)
	}
	if _, err := db.History(t.Context(), scope, "p1"); err != nil {
		t.Errorf("the history: %v", err)
	}
}
