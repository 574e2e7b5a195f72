package fairness

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func syntheticRun(t *testing.T) Run {
	t.Helper()
	r := Run{
		In:       filepath.Join("testdata", "synthetic.csv"),
		Format:   "json",
		Columns:  Columns{Score: "score", Outcome: "y", Groups: []string{"region", "sex"}},
		Settings: DefaultSettings(),
	}
	r.Settings.Thresholds, r.Settings.Replicates = []float64{0.3, 0.5}, 50
	return r
}

func do(t *testing.T, r Run, stdin string) (*Report, string) {
	t.Helper()
	var out bytes.Buffer
	report, err := r.Do(context.Background(), strings.NewReader(stdin), &out)
	if err != nil {
		t.Fatal(err)
	}
	return report, out.String()
}

func TestReportJSON(t *testing.T) {
	run := syntheticRun(t)
	report, first := do(t, run, "")
	_, second := do(t, run, "")
	if first != second {
		t.Error("the same file gives two different reports")
	}
	back, err := ReadReport(strings.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	if back.ID != report.ID || len(back.Groups) != len(report.Groups) {
		t.Error("what was written is not what is read")
	}
	validate(t, Schema(), []byte(first))

	tampered := strings.Replace(first, `"n": 3000`, `"n": 3001`, 1)
	if tampered == first {
		t.Fatal("nothing to tamper with")
	}
	if _, err := ReadReport(strings.NewReader(tampered)); err == nil {
		t.Error("a report with a changed figure is read")
	}
	if _, err := ReadReport(strings.NewReader(strings.Replace(first, `"schema"`, `"scheme"`, 1))); err == nil {
		t.Error("a report with an unknown field is read")
	}
}

// TestReportEverything uses every column, and reads Parquet's counterpart of the same content through standard input.
func TestReportEverything(t *testing.T) {
	var b strings.Builder
	b.WriteString("person,score,y,sex,decision,view,weight,time\n")
	for i := range 4000 {
		h := mix64(uint64(i + 1))
		score := 0.02 + 0.96*float64(h%1000)/1000
		y, decision, sex := 0, 0, "f"
		if float64(h>>20%1000)/1000 < score {
			y = 1
		}
		if float64(h>>30%1000)/1000 < score {
			decision = 1
		}
		if h>>40%3 == 0 {
			sex = "m"
		}
		outcome := strconv.Itoa(y)
		if i%100 == 0 {
			outcome = ""
		}
		fmt.Fprintf(&b, "p%d,%v,%s,%s,%d,%v,%v,%d\n", i/2, score, outcome, sex, decision, score/2+0.2, 1+i%3, 1+h>>50%20)
	}
	b.WriteString("p1,high,1,m,1,0.5,1,3\n")
	run := syntheticRun(t)
	run.In, run.Out = "-", "-"
	run.Columns = Columns{Score: "score", Outcome: "y", Groups: []string{"sex"}, Person: "person", Decision: "decision",
		PriorView: "view", Weight: "weight", Followed: "time"}
	run.Settings.Horizon = 12
	report, text := do(t, run, b.String())
	validate(t, Schema(), []byte(text))
	if len(report.SetAside) != 1 || report.SetAside[0].Lines[0] != 4002 {
		t.Errorf("set aside: %+v", report.SetAside)
	}
	c := report.Censoring
	if c == nil || *c.Followed+*c.NotFollowed+*c.Unknown != 4000 || *c.Unknown != 40 {
		t.Errorf("censoring: %+v", c)
	}
	if !report.Score.Weighted || !report.Score.Clustered {
		t.Errorf("score: %+v", report.Score)
	}
	for name, n := range map[string]int{
		"left_out_groups": len(report.LeftOutGroups), "decisions": len(report.Decisions), "prior_views": len(report.PriorViews),
		"overrides": len(report.Overrides), "detection": len(report.Detection), "tradeoffs": len(report.Tradeoffs),
		"calibration": len(report.Calibration),
	} {
		if n == 0 {
			t.Errorf("section %s is empty", name)
		}
	}
	if o := report.Overrides[0]; *o.N != 4000 || !(o.Raised.Value > 0 && o.Raised.Value < 1 && o.Raised.Low <= o.Raised.Value && o.Raised.Value <= o.Raised.High) {
		t.Errorf("overrides: %+v", o)
	}
	if g := report.Groups[0]; g.Metrics[FPR].Method != Bootstrap {
		t.Errorf("weighted rates have the interval %q", g.Metrics[FPR].Method)
	}
	for _, format := range Formats() {
		run.Format, run.Words = format, spoken(t, "en")
		other, text := do(t, run, b.String())
		if other.SHA256 != report.SHA256 || !strings.Contains(text, report.ID) {
			t.Errorf("%s: another report", format)
		}
	}
}

// TestReportCSV compares every number of the CSV with the JSON's.
func TestReportCSV(t *testing.T) {
	run := syntheticRun(t)
	run.Format = "csv"
	report, text := do(t, run, "")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := make(map[string]int)
	for i, name := range rows[0] {
		at[name] = i
	}
	values := make(map[string]string)
	for _, r := range rows[1:] {
		values[strings.Join([]string{r[at["section"]], r[at["attribute"]], r[at["group"]], r[at["threshold"]], r[at["figure"]]}, "|")] = r[at["value"]]
	}
	for _, g := range report.Groups {
		for m, e := range g.Metrics {
			key := strings.Join([]string{"groups", g.Attribute, g.Group, number(*g.Threshold), string(m)}, "|")
			got, ok := values[key]
			if !ok || got != number(e.Value) {
				t.Errorf("%s: %q in the CSV, %v in the report", key, got, e.Value)
			}
		}
	}
}

func TestCSVNoFormula(t *testing.T) {
	file := "s,y,g\n"
	for i := range 40 {
		file += fmt.Sprintf("%d,%d,=1+1\n", i, i%2)
	}
	run := Run{In: "-", Format: "csv", Columns: testColumns, Settings: DefaultSettings()}
	run.Settings.Replicates = 0
	_, text := do(t, run, file)
	if strings.Contains(text, ",=1+1,") || !strings.Contains(text, ",'=1+1,") {
		t.Error("a group's name reaches a spreadsheet as a formula")
	}
}

func TestRunFile(t *testing.T) {
	dir := t.TempDir()
	run := syntheticRun(t)
	run.Out = filepath.Join(dir, "report.json")
	do(t, run, "")
	if _, err := os.Stat(run.Out); err != nil {
		t.Fatal(err)
	}
	run.Columns.Score = "nothing"
	var out bytes.Buffer
	if _, err := run.Do(context.Background(), strings.NewReader(""), &out); err == nil {
		t.Error("a missing column is taken")
	}
	run = syntheticRun(t)
	run.Format = "pdf"
	if _, err := run.Do(context.Background(), strings.NewReader(""), &out); err == nil || !strings.Contains(err.Error(), "json, csv, html, text") {
		t.Errorf("format pdf: error %v", err)
	}
	run.Format, run.Out = "json", filepath.Join(dir, "nowhere", "report.json")
	if _, err := run.Do(context.Background(), strings.NewReader(""), &out); err == nil {
		t.Error("a folder that is not there is taken")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("files left behind: %v, %v", left, err)
	}
}

func TestEstimateJSON(t *testing.T) {
	for _, e := range []Estimate{
		{Value: 0.25, Low: 0.1, High: 0.4, Method: Bootstrap, UndefinedReplicates: 3},
		undefined(NoPositives), point(0),
	} {
		data, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var back Estimate
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(back) != fmt.Sprint(e) {
			t.Errorf("%s reads as %+v, was %+v", data, back, e)
		}
	}
	if _, err := json.Marshal(point(math.Inf(1))); err == nil {
		t.Error("an infinite value is written")
	}
}

// TestReasonTexts: every reason of the schema has a sentence, and the schema has every reason.
func TestReasonTexts(t *testing.T) {
	var schema struct {
		Defs struct {
			Reason struct {
				Enum []Reason `json:"enum"`
			} `json:"reason"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	for _, r := range schema.Defs.Reason.Enum {
		if r != "" && r.Text() == "" {
			t.Errorf("reason %q has no sentence", r)
		}
	}
	for r := range reasonTexts {
		if !slices.Contains(schema.Defs.Reason.Enum, r) {
			t.Errorf("reason %q is not in the schema", r)
		}
	}
}

// validate checks a document against the words of JSON Schema that our schema uses; an unknown word fails the test.
func validate(t *testing.T, schema, document []byte) {
	t.Helper()
	var s map[string]any
	var d any
	if err := json.Unmarshal(schema, &s); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(document, &d); err != nil {
		t.Fatal(err)
	}
	if err := valid(s, s, d, "$"); err != nil {
		t.Error(err)
	}
}

func valid(root, s map[string]any, d any, path string) error {
	if ref, ok := s["$ref"].(string); ok {
		def, ok := root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
		if !ok {
			return fmt.Errorf("%s: no definition %s", path, ref)
		}
		return valid(root, def, d, path)
	}
	for word, v := range s {
		switch word {
		case "$schema", "$id", "$defs", "title", "description", "properties", "additionalProperties":
		case "type":
			if !slices.ContainsFunc(listOf(v), func(name any) bool { return hasType(d, name.(string)) }) {
				return fmt.Errorf("%s: %v is no %v", path, d, v)
			}
		case "const":
			if d != v {
				return fmt.Errorf("%s: %v, want %v", path, d, v)
			}
		case "enum":
			if !slices.Contains(v.([]any), d) {
				return fmt.Errorf("%s: %v is none of %v", path, d, v)
			}
		case "minimum":
			if f, ok := d.(float64); ok && f < v.(float64) {
				return fmt.Errorf("%s: %v is below %v", path, d, v)
			}
		case "anyOf":
			if !slices.ContainsFunc(v.([]any), func(one any) bool { return valid(root, one.(map[string]any), d, path) == nil }) {
				return fmt.Errorf("%s: fits none of the forms", path)
			}
		case "items":
			for i, item := range listOf(d) {
				if err := valid(root, v.(map[string]any), item, fmt.Sprintf("%s[%d]", path, i)); err != nil {
					return err
				}
			}
		case "required":
			for _, name := range v.([]any) {
				if _, ok := d.(map[string]any)[name.(string)]; !ok {
					return fmt.Errorf("%s: %s is missing", path, name)
				}
			}
		default:
			return fmt.Errorf("%s: the test does not know the word %s", path, word)
		}
	}
	object, ok := d.(map[string]any)
	if _, closed := s["additionalProperties"]; !ok || !closed {
		return nil
	}
	properties, _ := s["properties"].(map[string]any)
	for name, v := range object {
		of, ok := properties[name].(map[string]any)
		if !ok {
			if of, ok = s["additionalProperties"].(map[string]any); !ok {
				return fmt.Errorf("%s: unknown name %s", path, name)
			}
		}
		if err := valid(root, of, v, path+"."+name); err != nil {
			return err
		}
	}
	return nil
}

func listOf(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}

func hasType(d any, name string) bool {
	switch v := d.(type) {
	case nil:
		return name == "null"
	case bool:
		return name == "boolean"
	case string:
		return name == "string"
	case float64:
		return name == "number" || name == "integer" && v == math.Trunc(v)
	case []any:
		return name == "array"
	case map[string]any:
		return name == "object"
	}
	return false
}
