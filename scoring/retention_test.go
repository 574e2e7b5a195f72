package scoring

import (
	"slices"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
)

func TestRulesOfRetention(t *testing.T) {
	day := func(year int, month time.Month, d int) tarozi.Date {
		return tarozi.Date{Year: year, Month: month, Day: d}
	}
	today, days := day(2026, time.November, 24), 400
	sentence := func(released tarozi.Date) *tarozi.CaseHistory {
		return &tarozi.CaseHistory{Sentences: []tarozi.Sentence{{ImposedOn: day(2015, time.May, 6), Type: tarozi.SentenceCustody, CustodyDays: &days, ReleasedOn: released}}}
	}
	supervised := func(until tarozi.Date) *tarozi.CaseHistory {
		h := sentence(day(2017, time.May, 6))
		h.Supervision = []tarozi.Supervision{{From: day(2017, time.May, 6), To: until, Kind: tarozi.SupervisionParole}}
		return h
	}
	all := []Kind{KindAssessments, KindIdentity, KindOutcomes, KindProtected}
	rules := DefaultRules()
	for _, row := range []struct {
		name    string
		history *tarozi.CaseHistory
		held    bool
		want    []Kind // nil: nothing is due
	}{
		{"no history", nil, false, nil},
		{"an empty history", &tarozi.CaseHistory{}, false, nil},
		{"in custody still", sentence(tarozi.Date{}), false, nil},
		{"released last year", sentence(day(2025, time.October, 1)), false, nil},
		{"released 36 months ago to the day", sentence(day(2023, time.November, 24)), false, []Kind{KindIdentity, KindProtected}},
		{"a day less", sentence(day(2023, time.November, 25)), false, nil},
		{"60 months ago", sentence(day(2021, time.November, 24)), false, []Kind{KindAssessments, KindIdentity, KindProtected}},
		{"72 months ago", sentence(day(2020, time.November, 24)), false, []Kind{Everything}},
		{"released long ago, supervised still", supervised(tarozi.Date{}), false, nil},
		{"supervision ends tomorrow", supervised(day(2026, time.November, 25)), false, nil},
		{"supervision ended 72 months ago", supervised(day(2020, time.November, 24)), false, []Kind{Everything}},
		{"the same under a hold", supervised(day(2020, time.November, 24)), true, []Kind{Everything}},
	} {
		due, ok := rules.overdue(&Lifecycle{History: row.history, Held: row.held, Stored: all}, today)
		if ok != (row.want != nil) || !slices.Equal(due.Kinds, row.want) || due.Held != (ok && row.held) {
			t.Errorf("%s: %v, held %v; want %v", row.name, due.Kinds, due.Held, row.want)
		}
	}
	for _, bad := range []Rules{{"letters": 3}, {KindIdentity: 0}, {KindIdentity: 80, Everything: 72}} {
		if bad.Validate() == nil {
			t.Errorf("the rules %v are taken", bad)
		}
	}
}
