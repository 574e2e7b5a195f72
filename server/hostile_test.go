package server_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/server"
)

// What somebody writes on the wire who does not keep to what browsers send: nothing of it opens anything, changes where an answer leads to, or
// gets a fault out of the service.
func TestHostileRequests(t *testing.T) {
	s := start(t)
	host := strings.TrimPrefix(s.url, "http://")
	raw := func(text string) string {
		t.Helper()
		c, err := net.Dial("tcp", host)
		must(t, err)
		defer c.Close()
		must(t, c.SetDeadline(time.Now().Add(5*time.Second)))
		_, err = c.Write([]byte(text))
		must(t, err)
		response, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			return "closed"
		}
		defer response.Body.Close()
		return fmt.Sprint(response.StatusCode, " ", response.Header.Get("Location"))
	}
	for _, row := range []struct{ name, request, want string }{
		{"another host", "GET /caseload HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n\r\n", "303 /sign-in?back=%2Fcaseload"},
		{"an address with a host", "GET http://evil.example/caseload HTTP/1.1\r\nHost: evil.example\r\n\r\n", "303 /sign-in?back=%2Fcaseload"},
		{"no host", "GET /caseload HTTP/1.1\r\n\r\n", "400 "},
		{"TRACE", "TRACE / HTTP/1.1\r\nHost: x\r\nCookie: secret=1\r\n\r\n", "405 "},
		{"CONNECT", "CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n", "404 "},
		{"an unknown method", "DELETE /accounts HTTP/1.1\r\nHost: x\r\n\r\n", "405 "},
		{"a method in a header", "POST /healthz HTTP/1.1\r\nHost: x\r\nX-HTTP-Method-Override: GET\r\nContent-Length: 0\r\n\r\n", "405 "},
		{"up and out", "GET /static/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", "404 "},
		{"up and out, encoded", "GET /static/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", "404 "},
		{"two slashes", "GET //evil.example/caseload HTTP/1.1\r\nHost: x\r\n\r\n", "404 "},
		{"a page in other letters", "GET /CASELOAD HTTP/1.1\r\nHost: x\r\n\r\n", "404 "},
		{"a page behind an open one", "GET /sign-in/../accounts HTTP/1.1\r\nHost: x\r\n\r\n", "404 "},
		{"a call behind the files", "GET /static/..%2fapi/v1/models HTTP/1.1\r\nHost: x\r\n\r\n", "404 "},
		{"a zero byte", "GET /people/%00 HTTP/1.1\r\nHost: x\r\n\r\n", "303 /sign-in?back=%2Fpeople%2F%2500"},
		{"a header in an address", "GET /sign-in?back=/x%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: x\r\n\r\n", "200 "},
		{"a line break in a header", "GET / HTTP/1.1\r\nHost: x\r\nAccept-Language: en\r\n x\r\n\r\n", "303 /sign-in"},
		{"two lengths", "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na", "400 "},
		{"length and chunks", "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "501 "},
		{"a key in no scheme", "GET /api/v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: " + s.keys["system@"+agency] + "\r\n\r\n", "401 "},
	} {
		if got := raw(row.request); got != row.want {
			t.Errorf("%s: %q instead of %q", row.name, got, row.want)
		}
	}
}

// No address that a form or link carries leads to another site, and no other site makes a browser do anything here.
func TestNothingLeadsElsewhere(t *testing.T) {
	s := start(t)
	for _, back := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, `\\evil.example`, "/\t/evil.example", "/%09/evil.example\r\nX: y",
		"javascript:alert(1)", "///evil.example", "/\r\n/evil.example", " //evil.example", "http:evil.example", "/..//evil.example", "/./\\evil.example"} {
		b := s.browser()
		for where, got := range map[string]answer{
			"sign-in":  b.post("/sign-in", "login", "officer@"+agency, "password", password, "back", back),
			"language": b.get("/language?to=ru&back=" + url.QueryEscape(back)),
		} {
			to := got.want(http.StatusSeeOther).header.Get("Location")
			u, err := url.Parse(to)
			if err != nil || u.Host != "" || u.Scheme != "" || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") || !strings.HasPrefix(to, "/") {
				t.Errorf("%s with %q leads to %q", where, back, to)
			}
		}
	}
	b := s.signedIn(tarozi.AgencyAdministrator)
	const form = "application/x-www-form-urlencoded"
	for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
		for _, path := range []string{"/accounts", "/sign-out", "/account/sessions", "/sign-in", "/caseload", "/look"} {
			b.do("POST", path, form, "login=x&name=x&role=officer&agency="+agency, headers...).want(http.StatusForbidden)
		}
	}
	b.get("/accounts").want(http.StatusOK) // still signed in, and nobody new
	list, err := s.db.Accounts(t.Context(), tarozi.InAgency(agency))
	must(t, err)
	for _, a := range list {
		if a.Login == "x" {
			t.Error("another site made an account")
		}
	}
}

// An agency's administrator does not come by what is not theirs to give, nor by another agency's accounts and keys.
func TestHostileAdministrator(t *testing.T) {
	s := start(t)
	b := s.signedIn(tarozi.AgencyAdministrator)
	of := func(agencyID string, role tarozi.Role) tarozi.Account {
		t.Helper()
		list, err := s.db.Accounts(t.Context(), tarozi.InAgency(agencyID))
		must(t, err)
		for _, a := range list {
			if a.Role == role {
				return a
			}
		}
		t.Fatalf("%s has no %s", agencyID, role)
		return tarozi.Account{}
	}
	refused := func(what string, got answer) {
		t.Helper()
		if got.status < 400 || got.status >= 500 {
			t.Errorf("%s: status %d: %.200s", what, got.status, got.body)
		}
	}
	before, err := s.db.Accounts(t.Context(), tarozi.Scope{Reach: tarozi.Nation})
	must(t, err)
	for _, role := range []tarozi.Role{tarozi.Oversight, tarozi.DataScientist, tarozi.Auditor, tarozi.SystemAdministrator, tarozi.Operator, "", "root"} {
		refused("making a "+string(role), b.post("/accounts", "login", "z", "name", "Z", "role", string(role), "agency", agency))
		refused("raising an officer to "+string(role), b.post("/accounts/"+of(agency, tarozi.Officer).ID, "do", "change", "role", string(role)))
	}
	refused("an account of another agency", b.post("/accounts", "login", "z", "name", "Z", "role", "officer", "agency", otherAgency))
	refused("an account of no agency", b.post("/accounts", "login", "z", "name", "Z", "role", "officer", "agency", "nowhere"))
	refused("a login that is taken, in other letters", b.post("/accounts", "login", "OFFICER@"+agency, "name", "Z", "role", "officer", "agency", agency))
	foreign, machine := of(otherAgency, tarozi.Officer), of(otherAgency, tarozi.CaseSystem)
	for _, form := range [][]string{{"do", "change", "role", "officer", "closed", "yes"}, {"do", "reset"}, {"do", "reset", "factor", "yes"}} {
		refused("another agency's account", b.post("/accounts/"+foreign.ID, form...))
		for _, role := range []tarozi.Role{tarozi.Oversight, tarozi.SystemAdministrator, tarozi.Auditor} {
			refused("the account of a "+string(role), b.post("/accounts/"+of(agency, role).ID, form...))
		}
		refused("one's own account", b.post("/accounts/"+of(agency, tarozi.AgencyAdministrator).ID, form...))
	}
	keys, err := s.db.APIKeys(t.Context(), tarozi.Scope{Reach: tarozi.Nation}, machine.ID)
	must(t, err)
	own := of(agency, tarozi.CaseSystem)
	for _, form := range [][]string{{"do", "key", "days", "1"}, {"do", "rotate", "key", keys[0].ID, "days", "1"}, {"do", "revoke", "key", keys[0].ID}} {
		refused("a key of another agency", b.post("/accounts/"+machine.ID, form...))
		if form[1] != "key" {
			refused("a key of another agency, by way of an own account", b.post("/accounts/"+own.ID, form...))
		}
	}
	for _, action := range []string{"accounts:manage", "reviews:create", "reports:read", "people:erase", "*"} {
		refused("a key that may "+action, b.post("/accounts/"+own.ID, "do", "key", "days", "1", "actions", action))
	}
	refused("a key for an officer", b.post("/accounts/"+of(agency, tarozi.Officer).ID, "do", "key", "days", "1"))
	refused("a key that never ends", b.post("/accounts/"+own.ID, "do", "key", "days", "100000"))
	refused("a machine made a person", b.post("/accounts/"+own.ID, "do", "change", "role", "supervisor"))
	refused("a person made a machine", b.post("/accounts/"+of(agency, tarozi.Officer).ID, "do", "change", "role", "case_system"))
	after, err := s.db.Accounts(t.Context(), tarozi.Scope{Reach: tarozi.Nation})
	must(t, err)
	if len(after) != len(before) {
		t.Errorf("there are %d accounts and were %d", len(after), len(before))
	}
	for i := range after {
		if after[i] != before[i] {
			t.Errorf("an account has become %+v", after[i])
		}
	}
	s.call("GET", "/api/v1/models", "", s.as("system@"+otherAgency)...).want(http.StatusOK) // its key still holds
	b.get("/caseload").want(http.StatusForbidden)
	b.get("/metrics").want(http.StatusForbidden)
}

// Whoever tries out ids of people is stopped after a hundred that are not theirs, by single calls as by batches; others go on.
func TestProbingIsBounded(t *testing.T) {
	s := start(t, func(c *server.Config, _ string) {
		c.Rates = server.DefaultRates
		c.Rates.Missing = server.Rate{PerSecond: 0.001, Burst: 5}
	})
	s.call("PUT", "/api/v1/people/theirs/history", history("theirs", `"agency_id":"`+agency+`"`, `"agency_id":"`+otherAgency+`"`), s.as("system@"+otherAgency)...).want(http.StatusNoContent)
	before := s.logged("access.refused")
	for range 5 {
		s.call("PUT", "/api/v1/people/theirs/history", history("theirs")).want(http.StatusNotFound)
	}
	if n := s.logged("access.refused") - before; n != 5 {
		t.Errorf("%d of 5 refusals of somebody who is there are in the log", n)
	}
	over := s.call("PUT", "/api/v1/people/theirs/history", history("theirs")).want(http.StatusTooManyRequests)
	if over.header.Get("Retry-After") == "" {
		t.Error("it does not say how long to wait")
	}
	s.call("GET", "/api/v1/people/p-1/assessments", "", s.as("blind@"+agency)...).want(http.StatusTooManyRequests) // another key of the account
	s.call("GET", "/api/v1/models", "", s.as("system@"+otherAgency)...).want(http.StatusOK)
	s.signedIn(tarozi.Officer).get("/caseload").want(http.StatusOK)

	lines := ""
	for range 8 {
		lines += strings.ReplaceAll(request("theirs"), "\n", "") + "\n"
	}
	s2 := start(t, func(c *server.Config, _ string) {
		c.Rates = server.DefaultRates
		c.Rates.Missing = server.Rate{PerSecond: 0.001, Burst: 5}
	})
	s2.call("PUT", "/api/v1/people/theirs/history", history("theirs", `"agency_id":"`+agency+`"`, `"agency_id":"`+otherAgency+`"`), s2.as("system@"+otherAgency)...).want(http.StatusNoContent)
	got := s2.call("POST", "/api/v1/assessments/batch", lines, "Content-Type", "application/x-ndjson").want(http.StatusOK)
	if n := strings.Count(string(got.body), `"status":429`); n != 3 {
		t.Errorf("%d of 8 lines of a batch were stopped: %s", n, got.body)
	}
}

// A session ends when it is not used, and at its end however much it is used; a sign-in gives it a new token.
func TestSessionTimeouts(t *testing.T) {
	s := start(t, func(c *server.Config, _ string) { c.Idle, c.Lifetime = 600*time.Millisecond, 1500*time.Millisecond })
	token := func(b *browser) string {
		u, err := url.Parse(s.url)
		must(t, err)
		for _, c := range b.client.Jar.Cookies(u) {
			if strings.HasSuffix(c.Name, "tarozi_session") {
				return c.Value
			}
		}
		return ""
	}
	b := s.browser()
	b.signIn("officer@"+agency, password).leads("/")
	first := token(b)
	begun := time.Now()
	for time.Since(begun) < 1200*time.Millisecond {
		b.get("/account").want(http.StatusOK)
		time.Sleep(100 * time.Millisecond)
	}
	for time.Since(begun) < 1700*time.Millisecond {
		b.get("/account")
		time.Sleep(100 * time.Millisecond)
	}
	b.get("/account").leads("/sign-in?back=%2Faccount")
	b.signIn("officer@"+agency, password).leads("/")
	if again := token(b); again == first || len(again) < 40 {
		t.Errorf("the token was %q and is %q", first, again)
	}
	time.Sleep(800 * time.Millisecond)
	b.get("/account").leads("/sign-in?back=%2Faccount")

	// A token that somebody planted before the sign-in is not the one that holds after it.
	b = s.browser()
	b.get("/sign-in/sso")
	u, err := url.Parse(s.url)
	must(t, err)
	b.client.Jar.SetCookies(u, []*http.Cookie{{Name: "tarozi_session", Value: "planted-by-somebody-else", Path: "/"}})
	b.signIn("officer@"+agency, password).leads("/")
	if token(b) == "planted-by-somebody-else" {
		t.Error("the planted token is signed in")
	}
}
