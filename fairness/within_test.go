package fairness

import (
	"testing"

	"github.com/tarozi/tarozi"
)

func TestOutcomeWithin(t *testing.T) {
	day := func(text string) tarozi.Date {
		d, err := tarozi.ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	followed := func(from, until, on string) tarozi.Outcome {
		o := tarozi.Outcome{Kind: tarozi.Recidivism, FollowedFrom: day(from), FollowedUntil: day(until)}
		if on != "" {
			o.Observed, o.ObservedOn = true, day(on)
		}
		return o
	}
	year := 12
	violation := followed("2025-01-01", "2027-01-01", "2025-06-01")
	violation.Kind = tarozi.ViolationOf
	for _, c := range []struct {
		name    string
		horizon *int
		list    []tarozi.Outcome
		want    uint8
	}{
		{"nothing known", &year, nil, Unknown},
		{"followed to the day", &year, []tarozi.Outcome{followed("2025-01-01", "2026-01-15", "")}, 0},
		{"followed a day less", &year, []tarozi.Outcome{followed("2025-01-01", "2026-01-14", "")}, Unknown},
		{"followed from too late", &year, []tarozi.Outcome{followed("2025-01-17", "2026-06-01", "")}, Unknown},
		{"followed from the day after", &year, []tarozi.Outcome{followed("2025-01-16", "2026-06-01", "")}, 0},
		{"on the day itself", &year, []tarozi.Outcome{followed("2025-01-01", "2026-06-01", "2025-01-15")}, Unknown},
		{"the day after", &year, []tarozi.Outcome{followed("2025-01-01", "2025-01-16", "2025-01-16")}, 1},
		{"on the last day", &year, []tarozi.Outcome{followed("2025-01-01", "2026-06-01", "2026-01-15")}, 1},
		{"later", &year, []tarozi.Outcome{followed("2025-01-01", "2026-06-01", "2026-01-16")}, 0},
		{"of another kind", &year, []tarozi.Outcome{violation}, Unknown},
		{"in the second of two", &year, []tarozi.Outcome{followed("2024-01-01", "2024-06-01", "2024-05-01"), followed("2025-01-01", "2025-09-01", "2025-08-01")}, 1},
		{"while supervised", nil, []tarozi.Outcome{followed("2025-01-01", "2026-06-01", "2025-02-01")}, Unknown},
	} {
		if got := OutcomeWithin(tarozi.Recidivism, day("2025-01-15"), c.horizon, c.list); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}
