package server_test

import (
	"encoding/json"
	"flag"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the goldens anew, to be reviewed as a difference")

// TestGoldenAnswer holds the whole answer about one made-up person against what was reviewed: testdata/README.md.
func TestGoldenAnswer(t *testing.T) {
	sent, err := os.ReadFile(filepath.Join("testdata", "request.json"))
	must(t, err)
	s := start(t)
	body := jsontext.Value(s.call("POST", "/api/v1/assessments?lang=en", string(sent)).want(http.StatusCreated).body)
	must(t, body.Indent())
	golden := filepath.Join("testdata", "assessment.golden.json")
	if *update {
		must(t, os.WriteFile(golden, append(body, '\n'), 0o644))
	}
	text, err := os.ReadFile(golden)
	must(t, err)
	var want, got map[string]any
	must(t, json.Unmarshal(text, &want))
	must(t, json.Unmarshal(body, &got))
	delete(want, "id")
	delete(got, "id")
	// Other architectures fuse multiplications and additions.
	near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) <= 1e-9 })
	if diff := cmp.Diff(want, got, near); diff != "" {
		t.Errorf("the answer is another (-reviewed +now):\n%s", diff)
	}
}
