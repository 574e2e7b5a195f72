package model

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// kind is a bundle of testdata/bundles, to be changed by a test.
func kind(t *testing.T, name string) fstest.MapFS {
	t.Helper()
	folder := filepath.Join("testdata", "bundles", name)
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = &fstest.MapFile{Data: content}
	}
	return files
}

// What is wrong with a bundle of any kind is found when it is loaded, and the error says what to do.
func TestLoadRefusesOtherKinds(t *testing.T) {
	cell := func(f fstest.MapFS, row, column int, to string) {
		lines := bytes.Split(f["background.csv"].Data, []byte("\n"))
		cells := strings.Split(string(lines[row]), ",")
		cells[column] = to
		lines[row] = []byte(strings.Join(cells, ","))
		f["background.csv"] = &fstest.MapFile{Data: bytes.Join(lines, []byte("\n"))}
	}
	for _, c := range []struct {
		name, of string
		spoil    func(fstest.MapFS)
		says     string
	}{
		{"no background rows", "test-boosted", func(f fstest.MapFS) {
			text := string(f["card.json"].Data)
			from, to := strings.Index(text, ` "background"`), strings.Index(text, ` "heads"`)
			f["card.json"] = &fstest.MapFile{Data: []byte(text[:from] + text[to:])}
		}, "generate rows over the inputs' ranges"},
		{"background rows without their file", "test-boosted", func(f fstest.MapFS) { delete(f, "background.csv") }, "which SHA256SUMS does not"},
		{"another number of background rows", "test-boosted", func(f fstest.MapFS) { replace(f, "card.json", `"rows": 24`, `"rows": 25`) }, "the card says 25"},
		{"no word about how they were generated", "test-boosted", func(f fstest.MapFS) {
			replace(f, "card.json", `"generated": {`, `"generated": {"en": "", "x": {"y": "`)
		}, "card.json"},
		{"a value out of range", "test-boosted", func(f fstest.MapFS) { cell(f, 3, 2, "11") }, "row 4: intake_risk_score"},
		{"half a flag", "test-boosted", func(f fstest.MapFS) { cell(f, 3, 3, "0.5") }, "row 4: gang_affiliation"},
		{"a category that there is not", "test-logistic", func(f fstest.MapFS) { cell(f, 1, 4, "7") }, "row 2: sentence_offence"},
		{"a required input left out", "test-boosted", func(f fstest.MapFS) { cell(f, 1, 0, "") }, "row 2: age_at_start"},
		{"a column of another name", "test-boosted", func(f fstest.MapFS) { cell(f, 0, 1, "arrests") }, "column 2"},
		{"a word for a number", "test-boosted", func(f fstest.MapFS) { cell(f, 1, 1, "many") }, "row 2: prior_arrests_felony"},
		{"an output that is not there", "test-boosted", func(f fstest.MapFS) { replace(f, "card.json", `"name": "probabilities"`, `"name": "chances"`) }, "chances"},
		{"a column that is not there", "test-boosted", func(f fstest.MapFS) { replace(f, "card.json", `"column": 1`, `"column": 2`) }, "column 2"},
		{"a margin called a probability", "test-boosted", func(f fstest.MapFS) {
			replace(f, "card.json", `"name": "variable"`, `"name": "variable", "probability": true`)
		}, "no probability"},
		{"an intercept beside an output", "test-boosted", func(f fstest.MapFS) { replace(f, "card.json", `"intercept": 0`, `"intercept": 1`) }, "no terms, reference or intercept"},
		{"unknown said to be no, which it is not", "test-boosted", func(f fstest.MapFS) {
			replace(f, "card.json", `"feature": "employed_now",`, `"feature": "employed_now", "missing_as": "no",`)
		}, "employed_now counts as no"},
		{"an encoding of a number", "test-boosted", func(f fstest.MapFS) {
			replace(f, "card.json", `"feature": "employed_now",`, `"feature": "employed_now", "encoding": "one_hot",`)
		}, "encoding"},
		{"an encoding that the graph was not made for", "test-logistic", func(f fstest.MapFS) { replace(f, "card.json", `"encoding": "one_hot"`, `"encoding": ""`) }, "columns"},
		{"another self-test", "test-forest", func(f fstest.MapFS) { replace(f, "card.json", `"a": 0.9`, `"a": 0.8`) }, "selftest.csv: row 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := kind(t, c.of)
			c.spoil(files)
			seal(files)
			_, err := Load(fs.FS(files))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want an error that says %q", err, c.says)
			}
		})
	}
}

// A bundle of sums needs no background rows, and a graph of sums is named as one.
func TestSumsStaySums(t *testing.T) {
	files := copyOf(t, "georgia-parole")
	replace(files, "card.json", `"heads"`, `"background": {"file": "background.csv", "rows": 1, "generated": {"en": "x"}}, "heads"`)
	seal(files)
	if _, err := Load(fs.FS(files)); err == nil || !strings.Contains(err.Error(), "leave the rows out") {
		t.Errorf("background rows beside sums give %v", err)
	}
}
