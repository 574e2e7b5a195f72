package onnx

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// The official node tests come from the Python package onnx 1.16.2, packed by
// notebooks/goldens_onnx/nodetests.py. The table of their results is kept in
// docs/onnx.md; after a change on purpose write it with
//
//	go test ./model/onnx -run TestNodeTests -write-table
var writeTable = flag.Bool("write-table", false, "write the table of node tests into docs/onnx.md")

const (
	docsPath   = "../../docs/onnx.md"
	tableBegin = "<!-- node tests -->\n"
	tableEnd   = "<!-- end of node tests -->\n"
)

// followsRuntime names the node tests that ONNX Runtime itself does not pass and
// the engine does not either, since it follows ONNX Runtime.
var followsRuntime = map[string]string{
	"test_cast_FLOAT_to_STRING":     "ONNX Runtime writes 8 significant digits, the specification asks for the shortest text",
	"test_castlike_FLOAT_to_STRING": "ONNX Runtime writes 8 significant digits, the specification asks for the shortest text",
}

// nodeResult is what became of one node test: passed, refused at load with its
// reason, different on purpose, or failed.
type nodeResult struct {
	op, name, outcome, reason string
}

func TestNodeTests(t *testing.T) {
	files := readZip(t, "testdata/nodetests.zip")
	var results []nodeResult
	for _, file := range sortedKeys(files) {
		if path.Base(file) == "model.onnx" {
			results = append(results, runNodeTest(t, path.Dir(file), files))
		}
	}
	table := nodeTable(results)
	doc, err := os.ReadFile(docsPath)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(doc), tableBegin)
	_, after, ended := strings.Cut(rest, tableEnd)
	if !found || !ended {
		t.Fatalf("%s has no place for the table", docsPath)
	}
	if *writeTable {
		if err := os.WriteFile(docsPath, []byte(before+tableBegin+table+tableEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !strings.HasPrefix(rest, table) {
		t.Errorf("the results differ from %s; now they are:\n%s", docsPath, table)
	}
	for _, r := range results {
		if r.outcome == "failed" {
			t.Errorf("%s: %s", r.name, r.reason)
		}
	}
}

func runNodeTest(t *testing.T, dir string, files map[string][]byte) nodeResult {
	r := nodeResult{name: dir}
	d, err := decode(files[dir+"/model.onnx"], DefaultLimits())
	if err == nil {
		r.op = qualified(d.header.nodes[len(d.header.nodes)-1].domain, d.header.nodes[len(d.header.nodes)-1].op)
	} else {
		r.op = "(decoding)"
	}
	p, err := Load(files[dir+"/model.onnx"], DefaultLimits())
	if err != nil {
		var unsupported *UnsupportedError
		r.outcome, r.reason = "refused", err.Error()
		if errors.As(err, &unsupported) {
			r.reason = unsupported.Reason
		}
		return r
	}
	r.outcome = "passed"
	for set := 0; ; set++ {
		folder := fmt.Sprintf("%s/test_data_set_%d/", dir, set)
		if files[folder+"output_0.pb"] == nil {
			return r
		}
		var inputs, want []Tensor
		for i := 0; files[fmt.Sprintf("%sinput_%d.pb", folder, i)] != nil; i++ {
			inputs = append(inputs, readTensorFile(t, files[fmt.Sprintf("%sinput_%d.pb", folder, i)]))
		}
		for i := 0; files[fmt.Sprintf("%soutput_%d.pb", folder, i)] != nil; i++ {
			want = append(want, readTensorFile(t, files[fmt.Sprintf("%soutput_%d.pb", folder, i)]))
		}
		got, err := p.NewSession().Run(inputs)
		if err != nil {
			r.outcome, r.reason = "failed", err.Error()
			return r
		}
		for i := range got {
			if d := differ(&got[i], &want[i]); d != "" {
				r.outcome, r.reason = "failed", d
				if known := followsRuntime[r.name]; known != "" {
					r.outcome, r.reason = "differs", known
				}
				return r
			}
		}
	}
}

// nodeTable writes a row per operator, then why tests were refused.
func nodeTable(results []nodeResult) string {
	counts := map[string]map[string]int{}
	reasons := map[string][]string{}
	for _, r := range results {
		if counts[r.op] == nil {
			counts[r.op] = map[string]int{}
		}
		counts[r.op][r.outcome]++
		if r.outcome != "passed" {
			reasons[r.op+": "+r.reason] = append(reasons[r.op+": "+r.reason], r.name)
		}
	}
	var b strings.Builder
	b.WriteString("\n| operator | passed | refused | as ONNX Runtime | failed |\n|---|---|---|---|---|\n")
	for _, op := range sortedKeys(counts) {
		c := counts[op]
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |\n", op, c["passed"], c["refused"], c["differs"], c["failed"])
	}
	b.WriteString("\nNot passed, and why:\n\n")
	for _, reason := range sortedKeys(reasons) {
		names := reasons[reason]
		slices.Sort(names)
		fmt.Fprintf(&b, "- %s (%s)\n", reason, strings.Join(names, ", "))
	}
	b.WriteString("\n")
	return b.String()
}
