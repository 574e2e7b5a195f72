package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tarozi/tarozi/features"
)

// runFeatures runs `tarozi features` over a file with the lines and returns what it wrote and said.
func runFeatures(t *testing.T, lines []string, args ...string) (out, said string, err error) {
	t.Helper()
	in := filepath.Join(t.TempDir(), "histories.ndjson")
	if err := os.WriteFile(in, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	command := featuresCommand()
	command.SilenceUsage, command.SilenceErrors = true, true
	command.SetArgs(append([]string{in}, args...))
	command.SetOut(&stdout)
	command.SetErr(&stderr)
	err = command.ExecuteContext(t.Context())
	return stdout.String(), stderr.String(), err
}

func historyLine(id string) string {
	return fmt.Sprintf(`{"history":{"person_id":%q,"agency_id":"a","supervision":[{"from":"2024-01-01","kind":"parole"}]},"as_of":"2024-07-01"}`, id)
}

func TestFeaturesKeepsTheOrderOfLines(t *testing.T) {
	var lines, want []string
	for i := range 1000 {
		id := fmt.Sprintf("p%d", i)
		lines, want = append(lines, historyLine(id)), append(want, id)
	}
	out, said, err := runFeatures(t, lines)
	if err != nil || said != "" {
		t.Fatalf("%v, said %q", err, said)
	}
	rows := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	var got []string
	for _, row := range rows[1:] {
		id, rest, _ := strings.Cut(row, ",")
		got = append(got, id)
		if !strings.HasPrefix(rest, "2024-07-01,6,") {
			t.Fatalf("row %q", row)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d rows, from %v to %v", len(got), got[0], got[len(got)-1])
	}
	if cells := strings.Count(rows[0], ",") + 1; cells != 3+len(features.Catalogue()) {
		t.Errorf("%d columns", cells)
	}
}

func TestFeaturesNamesRefusedLines(t *testing.T) {
	lines := []string{
		historyLine("first"),
		`{"history":`,
		``,
		strings.Replace(historyLine("x"), `"agency_id"`, `"surname"`, 1),
		`{"history":{"person_id":"p","agency_id":"a","facts":[{"feature":"shoe_size","value":43,"as_of":"2024-01-01","status":"verified"}]}}`,
		`{"history":{"person_id":"p","agency_id":"a"}}`,
		strings.Replace(historyLine("x"), `"as_of"`, `"purpose":"curiosity","as_of"`, 1),
		strings.Replace(historyLine("x"), "2024-07-01", "2023-02-29", 1),
		historyLine("last"),
	}
	out, said, err := runFeatures(t, lines)
	if !errors.Is(err, errRefused) {
		t.Errorf("got %v, want the input refused", err)
	}
	rows := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(rows) != 3 || !strings.HasPrefix(rows[1], "first,") || !strings.HasPrefix(rows[2], "last,") {
		t.Errorf("rows %q", rows[1:])
	}
	messages := strings.Split(said, "\n")
	for i, part := range []string{
		"line 2: this is not JSON", "line 3: the line is empty", "line 4: ", "line 5: ", "line 6: /as_of: the history has no record", "line 7: /purpose", "line 8: ",
		"7 lines were refused",
	} {
		if !strings.HasPrefix(messages[i], part) {
			t.Errorf("said %q, want it to begin with %q", messages[i], part)
		}
	}
	for i, place := range map[int]string{2: "/history/surname", 3: "/facts/0/feature", 6: "/as_of"} {
		if !strings.Contains(messages[i], place) {
			t.Errorf("%q does not name %s", messages[i], place)
		}
	}
}

func TestFeaturesReadsAsOfTheLastRecord(t *testing.T) {
	line := strings.Replace(historyLine("p"), `,"as_of":"2024-07-01"`, "", 1)
	out, _, err := runFeatures(t, []string{line})
	if err != nil || !strings.Contains(out, "\np,2024-01-01,0,") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestFeaturesZoneDecidesTheDay(t *testing.T) {
	line := `{"history":{"person_id":"p","agency_id":"a","events":[{"id":"v","type":"violation","violation":"curfew","status":"verified",
		"at":"2024-05-31T20:00:00Z","received_at":"2024-05-31T20:00:00Z"}]},"as_of":"2024-05-31"}`
	line = strings.ReplaceAll(line, "\n", " ")
	place := slices.IndexFunc(features.Catalogue(), func(f features.Feature) bool { return f.Key == "violations_90d" })
	for zone, want := range map[string]string{"Asia/Tashkent": "", "UTC": "1"} {
		out, _, err := runFeatures(t, []string{line}, "--zone", zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Split(strings.Split(out, "\n")[1], ",")[3+place]; got != want {
			t.Errorf("in %s violations_90d is %q, want %q", zone, got, want)
		}
	}
}

func TestFeaturesWritesAWholeFileOrNone(t *testing.T) {
	for _, format := range []string{"csv", "parquet"} {
		t.Run(format, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "vectors")
			if _, _, err := runFeatures(t, []string{historyLine("p")}, "--out", name, "--format", format); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if start := map[string]string{"csv": "person_id,as_of", "parquet": "PAR1"}[format]; !bytes.HasPrefix(data, []byte(start)) {
				t.Errorf("the file begins with %q", data[:min(len(data), 20)])
			}
		})
	}
	name := filepath.Join(t.TempDir(), "vectors")
	if _, _, err := runFeatures(t, []string{strings.Repeat("x", maxLine+1)}, "--out", name); err == nil {
		t.Error("a line longer than the limit passes")
	}
	if _, err := os.Stat(name); !os.IsNotExist(err) {
		t.Errorf("a broken run left a file: %v", err)
	}
}

func TestFeaturesWrongUse(t *testing.T) {
	for _, args := range [][]string{{"--format", "xlsx"}, {"--zone", "Mars/Olympus"}, {"second", "third"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			if _, _, err := runFeatures(t, []string{historyLine("p")}, args...); err == nil || errors.Is(err, errRefused) {
				t.Errorf("got %v, want an error of use", err)
			}
		})
	}
}

func TestFeaturesPrintsTheCatalogue(t *testing.T) {
	out, _, err := runFeatures(t, nil, "--catalogue")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != len(features.Catalogue()) || !strings.HasPrefix(lines[0], `{"key":"age_at_start","kind":"count"`) {
		t.Errorf("%d lines, the first %s", len(lines), lines[0])
	}
}
