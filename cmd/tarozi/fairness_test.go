package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// people is a CSV of 400 made-up people; broken lines may be added.
func people(extra ...string) string {
	var b strings.Builder
	b.WriteString("risk,seen,sex\n")
	for i := range 400 {
		fmt.Fprintf(&b, "%d,%d,%s\n", i*7%10+1, i%2, []string{"f", "m"}[i%3/2])
	}
	for _, line := range extra {
		b.WriteString(line + "\n")
	}
	return b.String()
}

func runFairness(stdin string, args ...string) (out, errs string, err error) {
	var stdout, stderr bytes.Buffer
	command := fairnessCommand()
	command.SilenceErrors, command.SilenceUsage = true, true
	command.SetIn(strings.NewReader(stdin))
	command.SetOut(&stdout)
	command.SetErr(&stderr)
	command.SetArgs(append([]string{"--in", "-", "--score", "risk", "--outcome", "seen", "--replicates", "20"}, args...))
	err = command.Execute()
	return stdout.String(), stderr.String(), err
}

func TestFairnessCommand(t *testing.T) {
	out, errs, err := runFairness(people(), "--groups", "sex", "--threshold", "5,7", "--reference", "sex=f", "--format", "json")
	if err != nil || errs != "" {
		t.Fatalf("%v\n%s", err, errs)
	}
	var report struct {
		Groups []struct {
			Attribute string
			Group     string
			Threshold float64
			N         int
			Metrics   map[string]struct{ Value, Low, High *float64 }
		}
		Settings struct{ References map[string]string }
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Groups) != 6 || report.Settings.References["sex"] != "f" {
		t.Errorf("%d rows of groups, references %v", len(report.Groups), report.Settings.References)
	}
	all := report.Groups[0]
	if all.N != 400 || all.Threshold != 5 || all.Metrics["fpr"].Low == nil || all.Metrics["brier"].Value != nil {
		t.Errorf("everybody: %+v", all)
	}
}

func TestFairnessCommandSetsAside(t *testing.T) {
	out, errs, err := runFairness(people("high,1,f", "3,2,f"), "--groups", "sex", "--format", "csv")
	if !errors.Is(err, errRefused) {
		t.Errorf("error %v, want that some input was refused", err)
	}
	for _, want := range []string{`line 402: column "risk": not a number`, `line 403: column "seen": neither 0 nor 1`, "2 rows were set aside"} {
		if !strings.Contains(errs, want) {
			t.Errorf("standard error lacks %q:\n%s", want, errs)
		}
	}
	if !strings.Contains(out, "base_rate") {
		t.Error("the report is not written")
	}
}

func TestFairnessCommandPrevious(t *testing.T) {
	first, _, err := runFairness(people(), "--groups", "sex", "--format", "json")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "first.json")
	if err := os.WriteFile(name, []byte(first), 0o600); err != nil {
		t.Fatal(err)
	}
	second, _, err := runFairness(people("3,1,f", "4,0,f"), "--groups", "sex", "--format", "json", "--previous", name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(first, `"n": 400`) || strings.Contains(second, `"n": 402`) {
		t.Error("two newcomers can be told from two reports about the same people")
	}
}

func TestFairnessCommandRefuses(t *testing.T) {
	for _, row := range []struct {
		name string
		args []string
		want string
	}{
		{"unknown column", []string{"--groups", "race"}, `no column "race"`},
		{"reference without group", []string{"--groups", "sex", "--reference", "sex"}, "not ATTRIBUTE=GROUP"},
		{"horizon without follow-up", []string{"--horizon", "12"}, "go together"},
		{"unknown format", []string{"--format", "pdf"}, "json, csv, html, text"},
		{"earlier report that is not there", []string{"--previous", "nowhere.json"}, "opening the earlier report"},
		{"stray argument", []string{"people.csv"}, "unknown command"},
	} {
		out, _, err := runFairness(people(), row.args...)
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: error %v, want one with %q", row.name, err, row.want)
		}
		if out != "" {
			t.Errorf("%s: something was written", row.name)
		}
	}
}

// The page of a file's report comes in each language; another is wrong use.
func TestFairnessPageInEachLanguage(t *testing.T) {
	file := "score,y,sex\n"
	for i := range 400 {
		file += fmt.Sprintf("%.2f,%d,%s\n", float64(i%100)/100, i*7%10/6, []string{"female", "male"}[i%2])
	}
	for language, says := range map[string]string{"uz": "Xolislik va tenglik hisoboti", "uz-Cyrl": "Холислик ва тенглик ҳисоботи", "ru": "Отчёт о предвзятости и справедливости", "en": "Bias and fairness report"} {
		said, status := tell(t, file, "fairness", "--in", "-", "--score", "score", "--outcome", "y", "--groups", "sex", "--threshold", "0.5", "--replicates", "10", "--format", "html", "--lang", language)
		if status != exitDone || !strings.Contains(said, "<h1>"+says+"</h1>") {
			t.Errorf("%s: status %d: %.300s", language, status, said)
		}
	}
	if said, status := tell(t, file, "fairness", "--in", "-", "--score", "score", "--outcome", "y", "--lang", "de"); status == exitDone {
		t.Errorf("a language that is not there: %s", said)
	}
}
