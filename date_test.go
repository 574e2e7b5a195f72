package tarozi

import (
	"testing"
	"time"
)

func day(y int, m time.Month, d int) Date { return Date{y, m, d} }

func TestParseDateRefusesDaysThatDoNotExist(t *testing.T) {
	for _, text := range []string{"2025-02-29", "2026-13-01", "2026-00-10", "2026-1-2", "23.11.2026", "", "2026-11-23T00:00:00Z"} {
		if d, err := ParseDate(text); err == nil {
			t.Errorf("%q was read as %v", text, d)
		}
	}
	d, err := ParseDate("2024-02-29")
	if err != nil || d != day(2024, time.February, 29) {
		t.Errorf("2024-02-29: %v, %v", d, err)
	}
}

func TestYearsUntil(t *testing.T) {
	for _, c := range []struct {
		name       string
		born, asOf Date
		want       int
	}{
		{"the day before the birthday", day(1990, 5, 10), day(2026, 5, 9), 35},
		{"the birthday", day(1990, 5, 10), day(2026, 5, 10), 36},
		{"born on 29 February, 28 February of a common year", day(2000, 2, 29), day(2025, 2, 28), 24},
		{"born on 29 February, 1 March of a common year", day(2000, 2, 29), day(2025, 3, 1), 25},
		{"born on 29 February, 29 February", day(2000, 2, 29), day(2024, 2, 29), 24},
	} {
		if got := c.born.YearsUntil(c.asOf); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestMonths(t *testing.T) {
	for _, c := range []struct {
		name     string
		from, to Date
		want     int
	}{
		{"same day", day(2026, 1, 31), day(2026, 1, 31), 0},
		{"a day short", day(2026, 1, 15), day(2026, 2, 14), 0},
		{"to the day", day(2026, 1, 15), day(2026, 2, 15), 1},
		{"end of a longer month", day(2026, 1, 31), day(2026, 2, 28), 1},
		{"a year", day(2025, 11, 23), day(2026, 11, 23), 12},
		{"earlier", day(2026, 2, 1), day(2026, 1, 1), 0},
	} {
		if got := c.from.MonthsUntil(c.to); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	if got := day(2026, 11, 30).AddMonths(3); got != day(2027, 2, 28) {
		t.Errorf("three months after 30 November: %v", got)
	}
	if got := day(2026, 3, 31).AddMonths(-1); got != day(2026, 2, 28) {
		t.Errorf("a month before 31 March: %v", got)
	}
	if got := day(1, 1, 1).DaysUntil(day(2001, 1, 1)); got != 730_485 { // five times 146,097 days of 400 years
		t.Errorf("2000 years are %d days, want 730485", got)
	}
	if got := day(2024, 2, 28).DaysUntil(day(2024, 3, 1)); got != 2 {
		t.Errorf("days over 29 February: %d", got)
	}
}
