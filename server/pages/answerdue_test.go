package pages

import (
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/server/web"
)

func TestAnswerDue(t *testing.T) {
	locales, err := web.Locales()
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := words.Load(locales)
	if err != nil {
		t.Fatal(err)
	}
	due := tarozi.Date{Year: 2026, Month: time.December, Day: 9}
	for _, row := range []struct {
		name string
		now  time.Time
		want string
	}{
		{"the day itself, late in the evening", time.Date(2026, 12, 9, 23, 0, 0, 0, time.UTC), "The answer is due by 9 December 2026"},
		{"the day after", time.Date(2026, 12, 10, 0, 0, 0, 0, time.UTC), "Overdue: the answer was due by 9 December 2026"},
	} {
		p := &Pages{Deps: Deps{Now: func() time.Time { return row.now }, Zone: time.UTC}}
		if said := p.answerDue(catalogue.In("en"), due); said != row.want {
			t.Errorf("%s: %q, want %q", row.name, said, row.want)
		}
	}
}
