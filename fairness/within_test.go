package fairness

import (
	"math"
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

func TestFollowedWithin(t *testing.T) {
	day := func(text string) tarozi.Date {
		d, err := tarozi.ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	followed := func(until, on string) tarozi.Outcome {
		o := tarozi.Outcome{Kind: tarozi.Recidivism, FollowedFrom: day("2025-01-01"), FollowedUntil: day(until)}
		if on != "" {
			o.Observed, o.ObservedOn = true, day(on)
		}
		return o
	}
	year, asOf := 12, day("2025-01-15")
	for _, c := range []struct {
		name   string
		list   []tarozi.Outcome
		want   uint8
		months float64
	}{
		{"nothing known", nil, Unknown, math.NaN()},
		{"to the end", []tarozi.Outcome{followed("2026-01-15", "")}, 0, 12},
		{"beyond the end", []tarozi.Outcome{followed("2027-01-15", "")}, 0, 12},
		{"73 of 365 days", []tarozi.Outcome{followed("2025-03-29", "")}, 0, 12 * 73.0 / 365},
		{"the longer of two", []tarozi.Outcome{followed("2025-02-01", ""), followed("2025-03-29", "")}, 0, 12 * 73.0 / 365},
		{"arrested after 73 days", []tarozi.Outcome{followed("2025-08-01", "2025-03-29")}, 1, 12 * 73.0 / 365},
		{"arrested on the last day", []tarozi.Outcome{followed("2026-01-15", "2026-01-15")}, 1, 12},
		{"arrested after the end", []tarozi.Outcome{followed("2026-03-15", "2026-02-15")}, 0, 12},
		{"arrested before the score", []tarozi.Outcome{followed("2025-06-01", "2025-01-10")}, Unknown, math.NaN()},
		{"until the day of the score", []tarozi.Outcome{followed("2025-01-15", "")}, Unknown, math.NaN()},
	} {
		got, months := FollowedWithin(tarozi.Recidivism, asOf, &year, c.list)
		if got != c.want || !(math.Abs(months-c.months) < 1e-12 && months <= 12 || math.IsNaN(months) && math.IsNaN(c.months)) {
			t.Errorf("%s: %d after %v months, want %d after %v", c.name, got, months, c.want, c.months)
		}
	}
}
