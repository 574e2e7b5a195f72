//go:build browser

package pages_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/alexedwards/argon2id"
	"github.com/chromedp/chromedp"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// member adds a second member of officer0's committee.
func (s *site) member(login string) {
	s.Helper()
	hash, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 8 * 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	must(s, err)
	a := tarozi.Account{ID: s.scores.NewID(), AgencyID: s.actors["oversight0"].AgencyID, Login: login, Name: "Olga Kim", Role: tarozi.Oversight, Created: now}
	w, err := s.scores.Administer(a.AgencyID, "account.created", a.ID)
	must(s, err)
	must(s, s.db.CreateAccount(s.Context(), w, a, hash))
}

// A committee's session in every language: a member makes and reads the report, moves the cut of the simulator, proposes a pause; the
// officer is scored still; a second member signs; the officer is told that the model is paused, and why; both resume, and scores are
// given again. Each page on the way has no fault that axe-core finds.
func TestBrowserCommittee(t *testing.T) {
	axe, err := os.ReadFile(checker)
	if err != nil {
		t.Fatalf("%v: install the checker with `npm ci --ignore-scripts --prefix server/pages/testdata/axe`", err)
	}
	s := start(t)
	s.member("second")
	person := s.of("officer0")[0]
	assess := s.at(person.History.PersonID) + "/assess?purpose=supervision"
	decisions := "/models/" + scoring.DefaultModel + "/decisions"
	first, second, officer := s.screen(), s.screen(), s.screen()
	first.signIn("oversight0")
	second.signIn("second")
	officer.signIn("officer0")
	for i, code := range languages {
		t.Run(code, func(t *testing.T) {
			in := func(b *screen) *screen { return &screen{&site{T: t, url: s.url}, b.ctx} }
			first, second, officer := in(first), in(second), in(officer)
			for _, b := range []*screen{first, second, officer} {
				b.speak(code)
			}
			first.check("/reports", "light", string(axe))
			first.follow("form.form button.main")
			report, _, _ := strings.Cut(first.path(), "?")
			if !strings.HasPrefix(report, "/reports/fr-") {
				t.Fatalf("making a report leads to %s", report)
			}
			first.check(report, "light", string(axe))
			if evaluate[bool](first, `document.querySelector('#cut') !== null`) {
				first.follow("#simulator button.main")
				if !strings.Contains(first.path(), "cut=") {
					t.Errorf("the simulator leads to %s", first.path())
				}
			}
			decide := func(kind tarozi.LeverKind, reason string) {
				t.Helper()
				first.check(decisions, "light", string(axe))
				first.choose("kind", string(kind))
				first.enter("reasons", reason, "lapses_day", "1", "lapses_month", "3", "lapses_year", "2027")
				first.follow("#propose button.main")
				first.says(reason)
				second.check(decisions, "dark", string(axe))
				second.says(reason)
				second.follow(`form[action$="/sign"] button.main`)
			}
			if status := officer.open(assess); status != http.StatusOK {
				t.Errorf("before the pause the officer is answered %d", status)
			}
			reason := "Errors fall on one group more than on others, session " + string(rune('A'+i)) + "."
			decide(tarozi.LeverPause, reason)
			if status := officer.open(assess); status != http.StatusConflict {
				t.Errorf("while the model is paused the officer is answered %d", status)
			}
			officer.says(reason)
			officer.check(assess, "light", string(axe))
			decide(tarozi.LeverResume, "The curve was mended, session "+string(rune('A'+i))+".")
			if status := officer.open(assess); status != http.StatusOK {
				t.Errorf("after the resumption the officer is answered %d", status)
			}
			officer.do(chromedp.WaitVisible(chromedp.CSS("form.form")))
		})
	}
}
