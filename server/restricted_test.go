package server_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// The restricted person of the tests, as nothing else says them.
const (
	closedPerson = "pinfl-50807991234567"
	closedName   = "Zulfiqor Yashirinov"
)

// A supervisor restricts a case and names one officer. That officer gives a reason first and then sees it for half an hour; everybody else,
// whether officer, supervisor, machine or oversight, finds nothing of it anywhere, and that they looked is in the log.
func TestRestrictedCase(t *testing.T) {
	s, c := startClock(t)
	made := s.call("POST", "/api/v1/assessments", request(closedPerson)).want(http.StatusCreated)
	assessment := strings.TrimPrefix(made.header.Get("Location"), "/api/v1/assessments/")
	_, err := s.scores.PutIdentities(t.Context(), scoring.Command(agency), []tarozi.Identity{{PersonID: closedPerson, Name: closedName}}, false)
	must(t, err)
	_, err = s.scores.CreateFromStored(t.Context(), actorOf(s.holder(tarozi.Officer)), closedPerson, tarozi.DateOf(now), tarozi.PurposeSupervision, "", nil)
	must(t, err)
	officer := s.holder(tarozi.Officer)
	colleague := s.account(agency, "colleague", tarozi.Officer)
	s.account(agency, "chief2", tarozi.Supervisor)
	enter := func(login string) *browser { b := s.browser(); b.signIn(login, password).leads("/"); return b }
	named, other, chief, chief2 := s.signedIn(tarozi.Officer), enter(colleague.Login), s.signedIn(tarozi.Supervisor), enter("chief2")
	committee, auditor := s.signedIn(tarozi.Oversight), s.signedIn(tarozi.Auditor)
	page := "/people/" + s.pageKey(closedPerson)

	// Before, the whole unit sees the person.
	for _, b := range []*browser{named, other, chief, chief2} {
		if got := b.get(page).want(http.StatusOK); !bytes.Contains(got.body, []byte(closedName)) {
			t.Fatal("the person is not shown: the test looks at the wrong place")
		}
	}

	// The flow of pages: from the person to who is responsible, where the supervisor ticks who may see.
	if got := chief.get(page); !bytes.Contains(got.body, []byte(page+"/custody")) {
		t.Error("the person's page does not lead to where a case is restricted")
	}
	form := chief.get(page + "/custody").want(http.StatusOK)
	if !bytes.Contains(form.body, []byte(`name="named" value="`+officer.ID+`"`)) {
		t.Fatal("the officer cannot be named")
	}
	other.post(page+"/custody", "do", "restrict", "named", colleague.ID).want(http.StatusForbidden)
	chief.post(page+"/custody", "do", "restrict", "named", officer.ID).leads(page + "/custody")

	// Pages and calls that must say nothing of the case now, to anybody but the named officer.
	addresses := []string{page, page + "/file", page + "/assess?purpose=supervision", "/assessments/" + assessment, "/assessments/" + assessment + "/print",
		"/assessments/" + assessment + "/letter", "/assessments/" + assessment + "/records?feature=age", "/caseload?show=all", "/caseload?show=needs_review", "/caseload",
		"/due", "/reviews", "/reports", "/audit", "/models",
		"/api/v1/assessments/" + assessment, "/api/v1/assessments/" + assessment + "/replay", "/api/v1/assessments/" + assessment + "/outlook",
		"/api/v1/assessments/" + assessment + "/differences", "/api/v1/assessments/" + assessment + "/reviews", "/api/v1/assessments", "/api/v1/reassessments",
		"/api/v1/people/" + closedPerson + "/assessments", "/api/v1/people/" + closedPerson + "/disputes", "/api/v1/reports/reviews",
		"/api/v1/reports/fairness?period=2026-11"}
	silent := func(who string, got answer, address string) {
		t.Helper()
		for _, secret := range []string{closedName, "Yashirinov", closedPerson, s.pageKey(closedPerson), assessment} {
			// What was asked for stands in the page's own links to other languages.
			body := bytes.ReplaceAll(got.body, []byte("back="+strings.NewReplacer("/", "%2F", "?", "%3F", "=", "%3D", "&amp;", "%26").Replace(address)), nil)
			if bytes.Contains(body, []byte(secret)) {
				at := bytes.Index(body, []byte(secret))
				t.Errorf("%s: %s says %q (%d): …%s…", who, address, secret, got.status, body[max(0, at-120):min(len(body), at+80)])
			}
		}
	}
	for who, b := range map[string]*browser{"colleague": other, "supervisor not named": chief, "another supervisor": chief2, "oversight": committee, "auditor": auditor} {
		before := s.logged("access.refused")
		for _, address := range addresses {
			silent(who, b.get(address), address)
		}
		for _, typed := range []string{closedName, "Yashirinov", closedPerson} {
			found := b.post("/caseload", "q", typed)
			if found.status == http.StatusSeeOther {
				got := b.get(found.header.Get("Location"))
				got.body = bytes.ReplaceAll(got.body, []byte(`value="`+typed+`"`), nil)   // what was typed
				got.body = bytes.ReplaceAll(got.body, []byte("“"+typed+"”"), nil)         // and is said not to be found
				got.body = bytes.ReplaceAll(got.body, []byte("&#34;"+typed+"&#34;"), nil) // in whatever quotes
				if rows := bytes.Count(got.body, []byte(`<th scope="row">`)); rows != 0 {
					t.Errorf("%s: a search for %q finds %d people", who, typed, rows)
				}
			}
		}
		b.post("/look", "person", closedPerson, "reason", "I would like to see what there is.").want(map[bool]int{true: http.StatusNotFound, false: http.StatusForbidden}[who != "oversight" && who != "auditor"])
		if who != "oversight" && who != "auditor" && s.logged("access.refused") < before+5 {
			t.Errorf("%s: only %d refused looks are in the log", who, s.logged("access.refused")-before)
		}
	}
	for _, holder := range []string{"system@" + agency, "blind@" + agency, "system@" + otherAgency} {
		before := s.logged("access.refused")
		for _, address := range addresses {
			if strings.HasPrefix(address, "/api/") {
				got := s.call("GET", address, "", s.as(holder)...)
				silent(holder, got, address)
				if strings.Contains(address, closedPerson) || strings.Contains(address, assessment) {
					got.want(http.StatusNotFound)
				}
			}
		}
		if s.logged("access.refused") == before {
			t.Errorf("%s: no refused look is in the log", holder)
		}
	}
	// A register goes on sending what it knows, and is told nothing.
	s.call("POST", "/api/v1/people/"+closedPerson+"/events", events("e-later")).want(http.StatusNoContent)
	s.call("POST", "/api/v1/assessments", request(closedPerson)).want(http.StatusNotFound)

	// The named officer's lists show that there is somebody, without name and score, and ask for a reason.
	list := named.get("/caseload?show=all").want(http.StatusOK)
	if !bytes.Contains(list.body, []byte("restricted")) || bytes.Contains(list.body, []byte(closedName)) {
		t.Error("the named officer's caseload lacks the case, or names it before a reason is given")
	}
	asks := func(address string) {
		t.Helper()
		got := named.get(address).want(http.StatusForbidden)
		if !bytes.Contains(got.body, []byte(`action="/look"`)) || bytes.Contains(got.body, []byte(closedName)) {
			t.Errorf("%s does not ask for a reason, or says the name: %.300s", address, got.body)
		}
	}
	for _, address := range addresses[2:5] {
		asks(address)
	}
	asks(page)
	named.get("/api/v1/assessments/" + assessment).want(http.StatusForbidden)
	named.post("/look", "person", closedPerson, "reason", "short", "back", page).leads(page) // asked again there
	asks(page)
	named.post("/look", "person", closedPerson, "reason", "I prepare the contact of Monday.", "back", page).leads(page)
	if got := named.get(page).want(http.StatusOK); !bytes.Contains(got.body, []byte(closedName)) {
		t.Error("the case is not shown to the named officer after a reason was given")
	}
	if n := s.logged("restricted.looked"); n != 1 {
		t.Errorf("%d looks with a reason are in the log", n)
	}
	named.post("/look", "person", closedPerson, "reason", "Back to somewhere else, please.", "back", "//evil.example/").leads("/")
	other.get(page).want(http.StatusNotFound)
	c.pass(scoring.LookTime)
	asks(page)

	// A supervisor who is not named finds the way back by the list of restricted cases, which names nobody.
	if found := chief2.get("/restricted").want(http.StatusOK); !bytes.Contains(found.body, []byte(page+"/custody")) || bytes.Contains(found.body, []byte("Yashirinov")) {
		t.Errorf("the list of restricted cases lacks the case, or says whose it is: %.2000s", found.body)
	}
	if tabs := chief2.get("/caseload"); !bytes.Contains(tabs.body, []byte(`href="/restricted"`)) {
		t.Error("the caseload does not lead to the list")
	}
	other.get("/restricted").want(http.StatusForbidden)

	// Opened again by the supervisor, it is everybody's as before.
	chief.post(page+"/custody", "do", "release").leads(page + "/custody")
	other.get(page).want(http.StatusOK)
}
