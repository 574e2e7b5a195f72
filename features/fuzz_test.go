package features

import (
	"math"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
)

// FuzzExtract feeds any request that passes the vocabulary's checks: extraction must not panic, and each entry is a finite value or
// a reason. Run it with go test ./features -fuzz Extract.
func FuzzExtract(f *testing.F) {
	for _, seed := range []string{
		`{"history":{"person_id":"p","agency_id":"a"},"as_of":"2024-01-01"}`,
		`{"history":{"person_id":"p","agency_id":"a","birth_date":"1988-02-29","sentences":[{"imposed_on":"2020-01-01","type":"custody",
		"release_planned_on":"9999-12-31"}],"supervision":[{"from":"0001-01-01","kind":"parole","conditions":[]}]},"as_of":"9999-12-31","purpose":"release"}`,
		`{"history":{"person_id":"p","agency_id":"a","facts":[{"feature":"days_since_last_violation","value":3,"as_of":"1900-01-01",
		"status":"disputed"}],"events":[{"id":"j","type":"employment","work":"job","at":"2023-01-01T00:00:00Z","received_at":"2023-01-01T00:00:00Z",
		"status":"verified","until":"9999-12-31"}]},"as_of":"2024-01-01"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var request tarozi.Request
		if tarozi.Decode(data, &request) != nil || request.History.Validate() != nil || request.AsOf.IsZero() {
			return
		}
		x, err := Extract(&request.History, Moment{AsOf: request.AsOf, Zone: time.UTC, Purpose: request.Purpose})
		if err != nil {
			if tarozi.CodeOf(err) != tarozi.Malformed {
				t.Fatal(err)
			}
			return
		}
		for i, e := range x.Entries {
			number := number(x, i)
			if math.IsNaN(number) != (e.Missing != "") || math.IsInf(number, 0) || e.Value.IsZero() != (e.Missing != "") {
				t.Errorf("%s: value %q, number %v, reason %q", catalogue[i].Key, e.Value, number, e.Missing)
			}
		}
	})
}
