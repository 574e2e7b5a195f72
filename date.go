package tarozi

import (
	"fmt"
	"time"
)

// Date is a day of the Gregorian calendar without a time or a zone, written 2006-01-02. The zero Date means "not given".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads an ISO 8601 calendar date and refuses days that do not exist, such as 2025-02-29.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date that exists: write year-month-day, such as 2026-11-23", text)
	}
	return DateOf(t), nil
}

// DateOf is the calendar day of t in t's own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// IsZero reports whether no date was given.
func (d Date) IsZero() bool { return d == Date{} }

// Compare is negative when d is earlier than other, zero when they are the same day, positive when later.
func (d Date) Compare(other Date) int {
	switch {
	case d.Year != other.Year:
		return d.Year - other.Year
	case d.Month != other.Month:
		return int(d.Month - other.Month)
	default:
		return d.Day - other.Day
	}
}

// Before reports whether d is an earlier day than other.
func (d Date) Before(other Date) bool { return d.Compare(other) < 0 }

// After reports whether d is a later day than other.
func (d Date) After(other Date) bool { return d.Compare(other) > 0 }

// AddDays moves d by whole days.
func (d Date) AddDays(days int) Date {
	return DateOf(d.midnight().AddDate(0, 0, days))
}

// AddMonths moves d by whole months; a day that the target month lacks becomes that month's last day.
func (d Date) AddMonths(months int) Date {
	first := time.Date(d.Year, d.Month+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return Date{first.Year(), first.Month(), min(d.Day, last)}
}

// DaysUntil counts the days from d to other; it is negative when other is earlier.
func (d Date) DaysUntil(other Date) int {
	return int((other.midnight().Unix() - d.midnight().Unix()) / 86_400) // a time.Duration ends at 292 years
}

// MonthsUntil counts the whole months from d to other, 0 when other is not later: the largest m with
// d.AddMonths(m) not after other.
func (d Date) MonthsUntil(other Date) int {
	if !d.Before(other) {
		return 0
	}
	months := (other.Year-d.Year)*12 + int(other.Month-d.Month)
	if d.AddMonths(months).After(other) {
		months--
	}
	return months
}

// YearsUntil counts the birthdays of a person born on d that have come by other. Somebody born on 29 February has the
// birthday of a common year on 1 March.
func (d Date) YearsUntil(other Date) int {
	years := other.Year - d.Year
	if other.Month < d.Month || (other.Month == d.Month && other.Day < d.Day) {
		years--
	}
	return years
}

func (d Date) midnight() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// String is the ISO form, or empty for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// MarshalText writes the ISO form.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the ISO form.
func (d *Date) UnmarshalText(text []byte) error {
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
