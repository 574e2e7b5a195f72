//go:build browser

package pages_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/alexedwards/argon2id"
	"github.com/chromedp/chromedp"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// account makes one of officer0's agency that signs in with the tests' password.
func (s *site) account(login string, role tarozi.Role) tarozi.Account {
	s.Helper()
	hash, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 8 * 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	must(s, err)
	a := tarozi.Account{ID: s.scores.NewID(), AgencyID: s.actors["officer0"].AgencyID, Login: login, Name: "Test " + login, Role: role, Created: now}
	w, err := s.scores.Administer(a.AgencyID, "account.created", a.ID)
	must(s, err)
	must(s, s.db.CreateAccount(s.Context(), w, a, hash))
	return a
}

// In every language an administrator makes an account, its owner changes the first password and looks after the account, and the
// administrator gives it another role, which ends its sessions. No page on the way has a fault that axe-core finds.
func TestBrowserAccounts(t *testing.T) {
	s := start(t)
	axe := s.axe()
	s.account("administrator0", tarozi.AgencyAdministrator)
	machine := s.account("register0", tarozi.CaseSystem)
	for i, code := range languages {
		scheme := []string{"light", "dark"}[i%2]
		t.Run(code, func(t *testing.T) {
			chief, owner := s.screen(), s.screen()
			for _, b := range []*screen{chief, owner} {
				b.site = &site{T: t, url: s.url}
				b.speak(code)
			}
			chief.signIn("administrator0")
			chief.check("/accounts", scheme, axe)
			login := fmt.Sprint("new", i)
			chief.enter("name", "Nodira Azizova", "login", login)
			chief.do(chromedp.SetValue(chromedp.CSS("#role"), "officer"))
			chief.follow("form.form button.main")
			chief.check("", scheme, axe)
			first := evaluate[string](chief, `document.querySelector('main .notice.code').textContent`)

			owner.signIn(login) // with the tests' password, which is not its own
			if evaluate[bool](owner, `document.querySelector('[role=alert]') === null`) {
				t.Error("a wrong password is not said to be one")
			}
			owner.open("/sign-in")
			owner.enter("login", login, "password", first)
			owner.follow("button.main")
			if owner.path() != "/account/password" {
				t.Errorf("the first password leads to %s", owner.path())
			}
			owner.check("", scheme, axe)
			owner.enter("present", first, "password", "short", "again", "short")
			owner.follow("button.main")
			owner.check("", scheme, axe) // with its fault
			const chosen = "seven brown foxes dig"
			owner.enter("present", first, "password", chosen, "again", chosen)
			owner.follow("button.main")
			owner.check("/account", scheme, axe)
			owner.check("/account/second-factor", scheme, axe)
			owner.open("/caseload")
			if owner.path() != "/caseload" {
				t.Errorf("an officer with a password of their own comes to %s", owner.path())
			}

			account := evaluate[string](chief, `[...document.querySelectorAll('main a')].map(a => a.getAttribute('href')).join()`)
			if !strings.HasPrefix(account, "/accounts") {
				t.Errorf("the first password leads back to %s", account)
			}
			chief.open("/accounts")
			chief.follow(`tbody tr:nth-child(` + fmt.Sprint(evaluate[int](chief, `[...document.querySelectorAll('tbody tr')].findIndex(r => r.textContent.includes('`+login+`')) + 1`)) + `) a`)
			chief.check("", scheme, axe)
			chief.do(chromedp.SetValue(chromedp.CSS("#role"), "supervisor"))
			chief.follow(`section[aria-labelledby=change] button`)
			owner.open("/caseload")
			if !strings.HasPrefix(owner.path(), "/sign-in") {
				t.Errorf("after a change of role the session goes on at %s", owner.path())
			}
			chief.check("/accounts/"+machine.ID, scheme, axe)
			chief.follow(`section[aria-labelledby=keys] form.form button`)
			chief.check("", scheme, axe)
			if key := evaluate[string](chief, `document.querySelector('main .notice.code').textContent`); !strings.HasPrefix(key, "tarozi_") {
				t.Errorf("the key is %q", key)
			}
			chief.check("/accounts/"+machine.ID, scheme, axe) // with its key
			chief.follow(`form[action="/sign-out"] button`)
			chief.open("/accounts")
			if !strings.HasPrefix(chief.path(), "/sign-in") {
				t.Errorf("after signing out %s is shown", chief.path())
			}
		})
	}
}

// In every language an auditor finds a person's entries for a reason, a supervisor restricts the case, the named officer gives a reason first, and
// the supervisor of the person's agency gives the person the whole file. No page on the way has a fault that axe-core finds.
func TestBrowserAuditorAndSubject(t *testing.T) {
	s := start(t)
	axe := s.axe()
	person := s.of("officer0")[0]
	id := person.History.PersonID
	s.assessed("officer0", &person)
	s.sequence()
	at := s.at(id)
	for i, code := range languages {
		scheme := []string{"dark", "light"}[i%2]
		t.Run(code, func(t *testing.T) {
			auditor, chief, officer := s.screen(), s.screen(), s.screen()
			for login, b := range map[string]*screen{"oversight0": auditor, "supervisor0": chief, "officer0": officer} {
				b.site = &site{T: t, url: s.url}
				b.speak(code)
				b.signIn(login)
			}
			auditor.check("/audit", scheme, axe)
			auditor.do(chromedp.Click(chromedp.CSS(`details:has(form[action="/audit/person"]) summary`)))
			auditor.enter("person", id, "reason", "A complaint of 12 November")
			auditor.follow(`form[action="/audit/person"] button`)
			auditor.check("", scheme, axe)
			if n := evaluate[int](auditor, `document.querySelectorAll('tbody tr').length`); n < 3 {
				t.Errorf("%d entries are found", n)
			}

			chief.check(at+"/file", scheme, axe)
			if lang := evaluate[string](chief, `document.documentElement.lang`); lang != code {
				t.Errorf("the file is in %s", lang)
			}
			if n := chief.sheets(); n < 1 {
				t.Error("the file cannot be printed")
			}
			chief.check(at+"/custody", scheme, axe)
			chief.do(chromedp.Click(chromedp.CSS(`[name=named][value="` + s.actors["officer0"].AccountID + `"]`)))
			chief.follow(`button[value=restrict]`)
			chief.check("", scheme, axe)
			if status := chief.open(at); status != http.StatusNotFound {
				t.Errorf("a supervisor who is not named sees the case: %d", status)
			}
			if status := officer.open(at); status != http.StatusForbidden {
				t.Errorf("the named officer is not asked for a reason: %d", status)
			}
			officer.check("", scheme, axe)
			officer.enter("reason", "I prepare the contact of Monday.")
			officer.follow("button.main")
			if officer.path() != at || !strings.Contains(evaluate[string](officer, `document.querySelector('h1').textContent`), person.Identity.Name) {
				t.Errorf("the reason leads to %s", officer.path())
			}
			chief.open(at + "/custody")
			chief.follow(`button[value=release]`)
		})
		// A look stays open for half an hour: the next language begins without it.
		must(t, s.scores.Restrict(s.Context(), s.actors["supervisor0"], id, false, nil))
		s.pass(scoring.LookTime)
	}
}
