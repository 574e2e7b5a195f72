package main

import (
	"strings"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
)

// scoredIn runs 'tarozi score' in a process whose own time zone is zone.
func scoredIn(t *testing.T, zone, input string, args ...string) (scores []string, said string, status int) {
	t.Helper()
	command := binary(t.Context(), append([]string{"score"}, args...)...)
	command.Env = append(command.Env, "TZ="+zone)
	command.Stdin = strings.NewReader(input)
	var out, errs strings.Builder
	command.Stdout, command.Stderr = &out, &errs
	if err := command.Run(); err != nil && command.ProcessState == nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		var a tarozi.Assessment
		if line != "" {
			if err := tarozi.Decode([]byte(line), &a); err != nil {
				t.Fatal(err)
			}
			text, err := tarozi.Canonical(struct {
				Scores  any `json:"scores"`
				Missing any `json:"missing"`
			}{a.Scores, a.Missing})
			if err != nil {
				t.Fatal(err)
			}
			scores = append(scores, string(text))
		}
	}
	return scores, errs.String(), command.ProcessState.ExitCode()
}

func withEvent(at string) string {
	event := `"events": [{"id": "e1", "type": "arrest", "offence": "property", "severity": "medium", "at": "` + at + `", "received_at": "` + at + `", "status": "verified"}], "facts"`
	return `{"history":` + oneLine(strings.Replace(made, `"facts"`, event, 1)) + `,"as_of":"2026-07-01"}` + "\n"
}

// What zone the machine is set to decides nothing: the day of an instant is taken in the zone of --zone. An instant is the same one
// with whatever offset it is written.
func TestTheMachinesZoneDecidesNothing(t *testing.T) {
	input := withEvent("2026-06-10T20:30:00Z") + withEvent("2026-06-11T01:30:00+05:00") + withEvent("2026-06-10T09:30:00-11:00")
	var first []string
	for _, zone := range []string{"Asia/Tashkent", "UTC", "America/New_York", "Pacific/Kiritimati", "Australia/Lord_Howe", "Nowhere/At_All", ""} {
		scores, said, status := scoredIn(t, zone, input)
		if status != exitDone || len(scores) != 3 {
			t.Fatalf("TZ=%s: status %d, %d scores: %s", zone, status, len(scores), said)
		}
		if first == nil {
			first = scores
		}
		for i := range scores {
			if scores[i] != first[0] {
				t.Errorf("TZ=%s, line %d: %.300s\nwhere the first zone gives\n%.300s", zone, i+1, scores[i], first[0])
			}
		}
	}
}

// Moments that no clock shows, or shows twice, are refused by name or taken by their offset; none ends the program.
func TestMomentsThatAreOdd(t *testing.T) {
	for _, c := range []struct {
		name, at, refused string
	}{
		{"a leap second", "2016-12-31T23:59:60Z", "at"},
		{"the hour that a change of clocks leaves out", "2026-03-29T02:30:00+01:00", ""},
		{"the hour that it brings twice, the first time", "2025-10-26T02:30:00+02:00", ""},
		{"the hour that it brings twice, the second time", "2025-10-26T02:30:00+01:00", ""},
		{"no offset", "2026-06-10T20:30:00", "at"},
		{"an offset beyond all zones", "2026-06-10T20:30:00+25:00", "at"},
		{"midnight as the 24th hour", "2026-06-10T24:00:00Z", "at"},
		{"the 29th of February where there is none", "2025-02-29T10:00:00Z", "at"},
		{"a name of a zone", "2026-06-10T20:30:00[Asia/Tashkent]", "at"},
	} {
		t.Run(c.name, func(t *testing.T) {
			scores, said, status := scoredIn(t, "Europe/Berlin", withEvent(c.at), "--zone", "Europe/Berlin")
			switch {
			case c.refused == "" && (status != exitDone || len(scores) != 1):
				t.Errorf("status %d: %s", status, said)
			case c.refused != "" && (status != exitRefused || !strings.Contains(said, "line 1") || !strings.Contains(said, c.refused)):
				t.Errorf("status %d: %q; want one that names line 1 and the field", status, said)
			}
		})
	}
	if _, said, status := scoredIn(t, "UTC", withEvent("2026-06-10T20:30:00Z"), "--zone", "Mars/Olympus"); status == exitDone || !strings.Contains(said, "Mars/Olympus") {
		t.Errorf("a zone that is none: status %d, %s", status, said)
	}
}

// A service whose clock is behind the log's latest entry starts, says so in its health and stores nothing, until it is told that the
// clock is right.
func TestServeWithAClockBehindTheLog(t *testing.T) {
	database, key := institution(t)
	ahead := time.Now().Add(30 * 24 * time.Hour).UTC().Format(time.RFC3339)
	result, err := open(t, database).Exec(`UPDATE audit_queue SET entry = CAST(json_set(CAST(entry AS TEXT), '$.at', '` + ahead + `') AS BLOB) WHERE seq = (SELECT max(seq) FROM audit_queue)`)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := result.RowsAffected(); n != 1 {
		t.Fatalf("%d entries were put ahead (%v)", n, err)
	}
	s := serving(t, database)
	if _, err := s.assess(t.Context(), key, "p-2"); err == nil || !strings.Contains(err.Error(), "Set the clock right") {
		t.Errorf("an assessment gives %v", err)
	}
	if status, body := s.get(t, key, "/readyz"); status != 503 || !strings.Contains(body, "--accept-clock") {
		t.Errorf("health: %d %s", status, body)
	}
	s.end(t)
	s = serving(t, database, "--accept-clock")
	if _, err := s.assess(t.Context(), key, "p-2"); err != nil {
		t.Error(err)
	}
	s.end(t)
	s = serving(t, database)
	if status, body := s.get(t, key, "/readyz"); status != 200 {
		t.Errorf("health after a restart: %d %s", status, body)
	}
	s.end(t)
}
