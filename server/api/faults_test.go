package api

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/tarozi/tarozi"
)

func described(t *testing.T) *API {
	t.Helper()
	document, err := os.ReadFile("../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(Deps{Document: document})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// The faults of a body must not take many times the memory of the body.
func TestManyFaultsTakeLittleMemory(t *testing.T) {
	a := described(t)
	schema := a.document.Paths.Value("/people/{person_id}/events").Post.RequestBody.Value.Content.Get("application/json").Schema.Value
	for _, c := range []struct {
		name, event string
		times       int
		faults      int // named
		megabytes   uint64
	}{
		{"large, a field unknown", `{"type":"arrest","a":1}`, 37_000, 1, 100},
		{"large, empty", `{}`, 49_000, 1, 100},
		{"large, no objects", `0`, 49_000, 1, 100},
		{"many entries, a field unknown", `{"type":"arrest","a":1}`, 2_700, 1, 100},
		{"many entries, no objects", `0`, 30_000, 1, 100},
		{"few entries, a field unknown", `{"type":"arrest","a":1}`, 400, maxFaults, 100},
		{"few entries, no objects", `0`, 400, maxFaults, 100},
		{"few entries, many unknown fields", manyNames(700), 10, maxFaults, 100},
		{"one entry, a long list", `{"type":"drug_test","substances":[` + strings.Repeat("0,", 300) + `0]}`, 1, maxFaults, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := []byte(`{"events":[` + strings.TrimSuffix(strings.Repeat(c.event+",", c.times), ",") + `]}`)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := a.check(text, schema)
			runtime.ReadMemStats(&after)
			var refusal *tarozi.Error
			if !errors.As(err, &refusal) || len(refusal.Fields) != c.faults {
				t.Errorf("of %d bytes: %v", len(text), err)
			}
			if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > c.megabytes {
				t.Errorf("%d bytes took %d MB, at most %d are expected", len(text), took, c.megabytes)
			}
		})
	}
}

// manyNames is an object of so many unknown names.
func manyNames(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, `,"a%d":1`, i)
	}
	return `{"type":"arrest"` + text.String() + `}`
}
