package api

import (
	"os"
	"strings"
	"testing"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/features"
)

// FuzzHistory holds the document against the vocabulary: what the root package takes, the document must not refuse, or the same
// history would be scored from a file and not over HTTP. Nothing may panic.
func FuzzHistory(f *testing.F) {
	document, err := os.ReadFile("../openapi.yaml")
	if err != nil {
		f.Fatal(err)
	}
	a, err := New(Deps{Document: document})
	if err != nil {
		f.Fatal(err)
	}
	schema := a.document.Components.Schemas["CaseHistory"].Value
	for _, seed := range []string{
		`{"person_id":"p","agency_id":"a","birth_date":"1991-04-17"}`,
		`{"person_id":"p","agency_id":"a","birth_year":1991,"facts":[{"feature":"dependents","value":1,"as_of":"2026-01-01","status":"verified"}]}`,
		`{"person_id":"p","agency_id":"a","sentences":[{"imposed_on":"2024-02-12","type":"custody","custody_days":0}],"supervision":[{"from":"2026-05-14","kind":"parole"}]}`,
		`{"person_id":"p","agency_id":"a","events":[{"id":"e","type":"drug_test","at":"2026-01-01T10:00:00+05:00","received_at":"2026-01-01T10:00:00Z","status":"verified","result":"positive","substances":["thc"]}]}`,
		`{"person_id":"p","agency_id":"a","events":[{"id":"e","type":"check_in","at":"2026-01-01T10:00:00+05:00","received_at":"2026-01-01T10:00:00Z","status":"disputed","match":"no_match","verdict":"other_person"}]}`,
		`{"person_id":"p","agency_id":"a","events":[null,{"type":1},{"type":"arrest"},[],"x"],"facts":null,"sex":"x","a/b~c":1}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		refusal := a.check([]byte(text), schema)
		if refusal != nil && tarozi.CodeOf(refusal) != tarozi.Malformed {
			t.Fatalf("refused with %v", refusal)
		}
		h := new(tarozi.CaseHistory)
		if refusal == nil || tarozi.Decode([]byte(text), h) != nil || h.Validate() != nil || features.ValidateFacts(h) != nil {
			return
		}
		// The document alone bounds lists and free texts, and knows no null where a field may be left out.
		if words := refusal.Error(); !strings.Contains(words, "null is no value") && !strings.Contains(words, "at most") {
			t.Errorf("the vocabulary takes it, the document does not: %v", refusal)
		}
	})
}
