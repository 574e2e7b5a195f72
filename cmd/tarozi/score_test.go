package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/tarozi/tarozi"
)

// made is a made-up history that can be scored.
const made = `{"person_id": "p-1", "agency_id": "a-1", "birth_date": "1993-02-11",
 "sentences": [{"imposed_on": "2024-03-01", "type": "parole", "offence": "property", "released_on": "2026-06-01", "custody_days": 800}],
 "supervision": [{"from": "2026-06-01", "kind": "parole", "level": "high", "conditions": []}],
 "facts": [{"feature": "prior_arrests_felony", "value": 4, "as_of": "2026-06-01", "status": "verified"},
  {"feature": "prior_arrests_misdemeanour", "value": 4, "as_of": "2026-06-01", "status": "verified"}]}`

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func scoreAll(t *testing.T, in string) (answers []tarozi.Assessment, refused int) {
	t.Helper()
	assessor, err := newAssessor(defaultZone)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	buffered := bufio.NewWriter(&out)
	refused, err = orderedLines(t.Context(), strings.NewReader(in), io.Discard, func(line []byte) ([]byte, error) {
		return scoreLine(assessor, line, "")
	}, writeLine(buffered))
	if err := errors.Join(err, buffered.Flush()); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		var a tarozi.Assessment
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a)
	}
	return answers, refused
}

func TestScoreLines(t *testing.T) {
	bare := oneLine(made)
	with := `{"history": ` + bare + `, "as_of": "2026-07-01"}`
	without := `{"history": ` + bare + `}`
	answers, refused := scoreAll(t, strings.Join([]string{bare, with, "", `{"history": `, without}, "\n"))
	if refused != 2 {
		t.Errorf("%d lines refused, want the empty one and the one cut off", refused)
	}
	var asOf []string
	for _, a := range answers {
		asOf = append(asOf, a.AsOf.String())
	}
	// A bare history, and a request without a date, are scored as of the last record.
	if want := "2026-06-01 2026-07-01 2026-06-01"; strings.Join(asOf, " ") != want {
		t.Errorf("answers as of %v, want %v", asOf, want)
	}
}

func TestScoreKeepsTheOrder(t *testing.T) {
	var in strings.Builder
	for i := range 500 {
		in.WriteString(strings.Replace(oneLine(made), "p-1", "p-"+string(rune('a'+i%26))+strings.Repeat("x", i/26), 1) + "\n")
	}
	answers, refused := scoreAll(t, in.String())
	if refused != 0 || len(answers) != 500 {
		t.Fatalf("%d answers, %d refused", len(answers), refused)
	}
	for i, a := range answers {
		if want := "p-" + string(rune('a'+i%26)) + strings.Repeat("x", i/26); a.PersonID != want {
			t.Fatalf("answer %d is about %s, want %s", i, a.PersonID, want)
		}
	}
}

func TestScoreOfAnEmptyFile(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.jsonl")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := runCommand(t, scoreCommand(), empty); err != nil || out != "" {
		t.Errorf("%q with %v", out, err)
	}
}
