package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const nijSample = "../../datasets/testdata/nij_sample.csv"

// dataset runs `tarozi dataset` and gives what it wrote to standard output and standard error.
func dataset(t *testing.T, stdin string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, faults bytes.Buffer
	command := datasetCommand()
	command.SilenceUsage, command.SilenceErrors = true, true
	command.SetIn(strings.NewReader(stdin))
	command.SetOut(&out)
	command.SetErr(&faults)
	command.SetArgs(args)
	err = command.ExecuteContext(context.Background())
	return out.String(), faults.String(), err
}

// files lists a folder, hidden files too.
func files(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestDatasetWritesAllOrNothing(t *testing.T) {
	sample, err := os.ReadFile(nijSample)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	histories, protected, outcomes := filepath.Join(folder, "h.ndjson"), filepath.Join(folder, "p.ndjson"), filepath.Join(folder, "o.ndjson")
	broken := strings.Replace(string(sample), "More than 3 years", "3 years", 1)
	_, stderr, err := dataset(t, broken, "nij", "--in", "-", "--out", histories, "--protected", protected, "--outcomes", outcomes)
	if !errors.Is(err, errRefused) || !strings.Contains(stderr, "column Prison_Years") {
		t.Errorf("a file with a fault: error %v, standard error %q", err, stderr)
	}
	if left := files(t, folder); left != nil {
		t.Errorf("a refused file leaves %v", left)
	}
	if _, _, err := dataset(t, string(sample), "nij", "--in", "-", "--out", histories, "--protected", protected, "--outcomes", outcomes); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(histories)
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(whole, []byte("\n")); lines != bytes.Count(sample, []byte("\n"))-1 {
		t.Errorf("%d lines of histories", lines)
	}
	if left := files(t, folder); len(left) != 3 {
		t.Errorf("the folder holds %v", left)
	}
	if _, _, err := dataset(t, broken, "nij", "--in", "-", "--out", histories); !errors.Is(err, errRefused) {
		t.Errorf("error is %v", err)
	}
	if kept, err := os.ReadFile(histories); err != nil || !bytes.Equal(kept, whole) {
		t.Errorf("a refused file changed what stood there before (%v)", err)
	}
}

func TestDatasetToStandardOutput(t *testing.T) {
	stdout, _, err := dataset(t, "", "nij", "--in", nijSample, "--out", "-", "--months", "12")
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(stdout, "\n")
	if !strings.HasPrefix(first, `{"history":{"person_id":"nij-1"`) || !strings.HasSuffix(first, `"as_of":"2015-07-01"}`) {
		t.Errorf("the first line is %s", first)
	}
}

func TestDatasetSyntheticGivesTheSameBytes(t *testing.T) {
	folder := t.TempDir()
	run := func(place string) map[string]string {
		names := map[string]string{"--out": "h", "--protected": "p", "--identities": "i", "--outcomes": "o", "--truth": "t"}
		args := []string{"synthetic", "--people", "12", "--seed", "3", "--landmarks"}
		for flag, name := range names {
			names[flag] = filepath.Join(folder, place+name)
			args = append(args, flag, names[flag])
		}
		if _, _, err := dataset(t, "", args...); err != nil {
			t.Fatal(err)
		}
		got := make(map[string]string)
		for flag, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got[flag] = string(data)
		}
		return got
	}
	first, second := run("a"), run("b")
	for flag, text := range first {
		if text == "" || text != second[flag] {
			t.Errorf("%s: %d bytes, then other %d", flag, len(text), len(second[flag]))
		}
	}
	if people := strings.Count(first["--identities"], "\n"); people < 8 || people > 12 {
		t.Errorf("%d identities of 12 people, of whom some have too short a record", people)
	}
	if strings.Contains(first["--out"], `"sex"`) || strings.Contains(first["--out"], "oʻgʻli") {
		t.Error("a history holds a name or a protected attribute")
	}
}

func TestDatasetWrongUse(t *testing.T) {
	for _, row := range []struct {
		name string
		args []string
		want string
	}{
		{"no output", []string{"nij", "--in", nijSample}, "--out is needed"},
		{"no input", []string{"compas", "--out", "-"}, "--in is needed"},
		{"another landmark", []string{"nij", "--in", nijSample, "--out", "-", "--months", "6"}, "--months is 0, 12 or 24"},
		{"an argument", []string{"nij", "FILE"}, "unknown command"},
		{"one file for two", []string{"nij", "--in", nijSample, "--out", "-", "--protected", "-"}, "cannot both go to"},
		{"nobody", []string{"synthetic", "--people", "0", "--out", "-"}, "has 1 to"},
		{"a day that does not exist", []string{"synthetic", "--until", "2026-02-30", "--out", "-"}, "not a date that exists"},
		{"months and landmarks", []string{"synthetic", "--months", "3", "--landmarks", "--out", "-"}, "not both"},
		{"truth of no month", []string{"synthetic", "--truth", "-", "--out", "x"}, "--truth needs"},
		{"a file that is not there", []string{"nij", "--in", "none.csv", "--out", "-"}, "opening the data set"},
	} {
		t.Run(row.name, func(t *testing.T) {
			stdout, _, err := dataset(t, "", row.args...)
			if err == nil || errors.Is(err, errRefused) || !strings.Contains(err.Error(), row.want) {
				t.Errorf("error is %v, want %q", err, row.want)
			}
			if stdout != "" {
				t.Errorf("wrote %q", stdout)
			}
		})
	}
}
