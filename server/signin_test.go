package server_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/server"
	"github.com/tarozi/tarozi/store"
)

// found is what a pattern finds first in the answer.
func (a answer) found(pattern string) string {
	a.Helper()
	at := regexp.MustCompile(pattern).FindStringSubmatch(string(a.body))
	if at == nil {
		a.Fatalf("nothing fits %s in %.2000s", pattern, a.body)
	}
	return at[len(at)-1]
}

// holder is the account of a role in the tests' agency.
func (s *service) holder(role tarozi.Role) tarozi.Account {
	s.Helper()
	list, err := s.db.Accounts(s.Context(), tarozi.InAgency(agency))
	must(s, err)
	return list[slices.IndexFunc(list, func(a tarozi.Account) bool { return a.Role == role })]
}

func TestFailedSignInsWaitLonger(t *testing.T) {
	s, c := startClock(t)
	login := "officer@" + agency
	for range 5 {
		s.browser().signIn(login, "wrong").want(http.StatusUnauthorized)
	}
	early := s.browser().signIn(login, password).want(http.StatusTooManyRequests)
	if early.header.Get("Retry-After") == "" {
		t.Error("it does not say how long to wait")
	}
	s.browser().signIn("supervisor@"+agency, password).leads("/") // others go on
	c.pass(2 * time.Second)
	s.browser().signIn(login, "wrong").want(http.StatusUnauthorized)
	c.pass(1500 * time.Millisecond)
	s.browser().signIn(login, password).want(http.StatusTooManyRequests) // the wait has doubled
	c.pass(time.Second)
	s.browser().signIn(login, password).leads("/")
	s.browser().signIn(login, "wrong").want(http.StatusUnauthorized) // counted from nothing again
}

func TestRatesAreBounded(t *testing.T) {
	s := start(t, func(c *server.Config, _ string) {
		c.Rates = server.Rates{Key: server.Rate{PerSecond: 0.01, Burst: 2}, Account: server.Rate{PerSecond: 0.01, Burst: 3},
			Address: server.Rate{PerSecond: 100, Burst: 100}, SignIn: server.Rate{PerSecond: 0.01, Burst: 2}}
	})
	b := s.signedIn(tarozi.Officer)
	s.browser().signIn("nobody", "wrong").want(http.StatusUnauthorized)
	s.browser().signIn("nobody", "wrong").want(http.StatusTooManyRequests)
	for _, ask := range []struct {
		name  string
		times int
		ask   func() answer
	}{
		{"a key", 2, func() answer { return s.call("GET", "/api/v1/models", "") }},
		{"an account", 3, func() answer { return b.get("/account") }},
	} {
		for range ask.times {
			ask.ask().want(http.StatusOK)
		}
		if over := ask.ask().want(http.StatusTooManyRequests); over.header.Get("Retry-After") == "" {
			t.Errorf("%s is not told how long to wait", ask.name)
		}
	}
	s.call("GET", "/api/v1/models", "", s.as("blind@"+agency)...).want(http.StatusForbidden) // another key has its own measure
}

func TestSecondFactorIsRequiredByRole(t *testing.T) {
	s, c := startClock(t, func(c *server.Config, _ string) { c.SecondFactorFor = []tarozi.Role{tarozi.Supervisor} })
	s.signedIn(tarozi.Officer).get("/").leads("/caseload")
	b := s.signedIn(tarozi.Supervisor)
	b.get("/caseload").leads("/account/second-factor")
	b.get("/api/v1/reassessments").want(http.StatusForbidden)
	secret := b.get("/account/second-factor").want(http.StatusOK).found(`[A-Z2-7]{32}`)
	code := func() string {
		made, err := totp.GenerateCode(secret, c.now())
		must(t, err)
		return made
	}
	b.post("/account/second-factor", "code", "000000").want(http.StatusBadRequest)
	spare := b.post("/account/second-factor", "code", code()).want(http.StatusOK).found(`(?:[a-z2-7]{4}-){5}[a-z2-7]{4}`)
	b.get("/caseload").want(http.StatusOK)

	half := func() *browser {
		t.Helper()
		b := s.browser()
		b.signIn("supervisor@"+agency, password).leads("/sign-in/code?back=%2F")
		b.get("/caseload").leads("/sign-in?back=%2Fcaseload") // the password alone opens nothing
		return b
	}
	half().post("/sign-in/code", "code", code()).want(http.StatusUnauthorized) // used when it was set up
	c.pass(time.Minute)
	fresh := half()
	fresh.post("/sign-in/code", "code", code(), "back", "/").leads("/")
	fresh.get("/caseload").want(http.StatusOK)
	half().post("/sign-in/code", "code", spare, "back", "/").leads("/")
	half().post("/sign-in/code", "code", spare).want(http.StatusUnauthorized) // once
	late := half()
	c.pass(6 * time.Minute)
	late.post("/sign-in/code", "code", code()).want(http.StatusSeeOther)
	late.get("/caseload").leads("/sign-in?back=%2Fcaseload")
}

func TestSessionsEnd(t *testing.T) {
	s := start(t)
	mine, other := s.signedIn(tarozi.Officer), s.signedIn(tarozi.Officer)
	shut := func(b *browser) { t.Helper(); b.get("/caseload").leads("/sign-in?back=%2Fcaseload") }
	mine.post("/account/sessions", "session", mine.get("/account").found(`name="session" value="([^"]+)"`))
	if first, second := mine.get("/caseload").status, other.get("/caseload").status; first+second != http.StatusOK+http.StatusSeeOther {
		t.Fatalf("the sessions answer %d and %d: one of them was ended", first, second)
	}
	chief := s.signedIn(tarozi.AgencyAdministrator)
	account := "/accounts/" + s.holder(tarozi.Officer).ID
	mine, other = s.signedIn(tarozi.Officer), s.signedIn(tarozi.Officer)
	chief.post(account, "do", "change", "role", "supervisor").leads(account)
	shut(mine)
	shut(other)
	mine = s.browser()
	mine.signIn("officer@"+agency, password).leads("/")
	chief.post(account, "do", "change", "role", "supervisor", "closed", "yes").leads(account)
	shut(mine)
	s.browser().signIn("officer@"+agency, password).want(http.StatusUnauthorized)
	chief.post("/accounts/"+s.holder(tarozi.AgencyAdministrator).ID, "do", "change", "role", "officer").want(http.StatusConflict)
}

func TestFirstPasswordIsChanged(t *testing.T) {
	s := start(t)
	chief := s.signedIn(tarozi.AgencyAdministrator)
	first := chief.post("/accounts", "login", "d.new", "name", "New Officer", "role", "officer", "agency", agency).want(http.StatusOK).found(`\b[a-z2-7]{16}\b`)
	chief.post("/accounts", "login", "d.high", "name", "Too High", "role", "system_administrator", "agency", agency).want(http.StatusForbidden)
	b := s.browser()
	b.signIn("d.new", first).leads("/")
	b.get("/caseload").leads("/account/password")
	b.get("/api/v1/reassessments").want(http.StatusForbidden)
	const next = "seven brown foxes dig"
	b.post("/account/password", "present", first, "password", "short", "again", "short").want(http.StatusBadRequest)
	b.post("/account/password", "present", first, "password", next, "again", next).leads("/account")
	b.get("/caseload").want(http.StatusOK)
	s.browser().signIn("d.new", first).want(http.StatusUnauthorized)
	s.browser().signIn("d.new", next).leads("/")
}

func TestKeysRotateAndExpire(t *testing.T) {
	s, c := startClock(t)
	chief := s.signedIn(tarozi.AgencyAdministrator)
	account := "/accounts/" + s.holder(tarozi.CaseSystem).ID
	const pattern = `tarozi_[A-Za-z0-9_-]{43}`
	chief.post(account, "do", "key", "days", "0").want(http.StatusBadRequest)
	first := chief.post(account, "do", "key", "days", "30", "actions", "models:read").want(http.StatusOK).found(pattern)
	holds := func(key string, status int) {
		t.Helper()
		s.call("GET", "/api/v1/models", "", "Authorization", "Bearer "+key).want(status)
	}
	holds(first, http.StatusOK)
	s.call("GET", "/api/v1/reassessments", "", "Authorization", "Bearer "+first).want(http.StatusForbidden) // not among its actions
	list := string(chief.get(account).body)
	if strings.Contains(list, first) {
		t.Error("the key is shown again")
	}
	keys, err := s.db.APIKeys(t.Context(), actorOf(s.holder(tarozi.AgencyAdministrator)).Scope(tarozi.ManageAccounts), s.holder(tarozi.CaseSystem).ID)
	must(t, err)
	at := slices.IndexFunc(keys, func(k store.APIKey) bool { return len(k.Actions) == 1 && k.Actions[0] == tarozi.ReadModels })
	second := chief.post(account, "do", "rotate", "key", keys[at].ID, "days", "30").want(http.StatusOK).found(pattern)
	holds(first, http.StatusOK)
	holds(second, http.StatusOK)
	c.pass(8 * 24 * time.Hour)
	holds(first, http.StatusUnauthorized)
	holds(second, http.StatusOK)
	c.pass(23 * 24 * time.Hour)
	holds(second, http.StatusUnauthorized)
}
