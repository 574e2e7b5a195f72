package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/server"
)

// Who a route is for, beside those who may do one of its actions.
const (
	anybody  = "anybody"  // also somebody who has not signed in
	signedIn = "signedIn" // any account
	people   = "people"   // any account but by a key
)

// route is one request of the matrix. PERSON, ASSESSMENT and ACCOUNT in an address stand for ids of the place that is asked about.
type route struct {
	method, path string // as server.Routes names it
	address      string // empty: the path itself
	body         string
	open         string
	any          []tarozi.Action // one of these is enough
	hidden       bool            // says nothing of an unreviewed score to those who decide and have not said what they think
}

func needs(method, path, address, body string, any ...tarozi.Action) route {
	return route{method: method, path: path, address: address, body: body, any: any}
}

func opened(to, method, path string) route { return route{method: method, path: path, open: to} }

// matrix names every route of the server with the actions that it asks for.
var matrix = []route{
	opened(anybody, "GET", "/healthz"), opened(anybody, "GET", "/readyz"), opened(anybody, "GET", "/language"),
	{method: "GET", path: "/static/*file", address: "/static/style.css", open: anybody},
	opened(anybody, "GET", "/sign-in"), opened(anybody, "POST", "/sign-out"), opened(anybody, "GET", "/sign-in/code"),
	opened(anybody, "GET", "/sign-in/sso"), opened(anybody, "GET", "/sign-in/sso/callback"),
	{method: "POST", path: "/sign-in", open: "wrong password"}, {method: "POST", path: "/sign-in/code", open: "no password yet"},

	opened(signedIn, "GET", "/"), opened(signedIn, "GET", "/about"), opened(signedIn, "GET", "/docs"), opened(signedIn, "GET", "/docs.css"),
	opened(signedIn, "GET", "/openapi.yaml"), opened(signedIn, "GET", "/schema/assessment-request.json"),
	opened(signedIn, "GET", "/reports/schema.json"),
	opened(people, "GET", "/account"), opened(people, "GET", "/account/password"), opened(people, "POST", "/account/password"),
	opened(people, "GET", "/account/second-factor"), opened(people, "POST", "/account/second-factor"),
	{method: "POST", path: "/account/sessions", body: "session=none", open: people},

	needs("GET", "/accounts", "", "", tarozi.ManageAccounts), needs("POST", "/accounts", "", "role=officer", tarozi.ManageAccounts),
	needs("GET", "/accounts/:account", "/accounts/ACCOUNT", "", tarozi.ManageAccounts),
	needs("POST", "/accounts/:account", "/accounts/ACCOUNT", "do=change&role=officer", tarozi.ManageAccounts),
	needs("GET", "/agencies", "", "", tarozi.ManageAgencies),
	needs("GET", "/retention", "", "", tarozi.ApplyRetention), needs("POST", "/retention", "", "reason=", tarozi.ApplyRetention),
	needs("GET", "/agencies/:agency", "/agencies/AGENCY", "", tarozi.ManageAgencies),
	needs("POST", "/agencies/:agency", "/agencies/AGENCY", "objection_days=30&answer_days=15", tarozi.ManageAgencies),
	needs("GET", "/metrics", "", "", tarozi.WatchService),

	needs("GET", "/caseload", "", "", tarozi.ReadPeople), needs("POST", "/caseload", "", "q=somebody", tarozi.ReadPeople), needs("GET", "/due", "", "", tarozi.ReadAssessments),
	needs("GET", "/reviews", "", "", tarozi.ReadReports, tarozi.CountersignOther, tarozi.Decide),
	needs("GET", "/restricted", "", "", tarozi.RestrictPeople),
	needs("POST", "/look", "", "person=nobody&reason=because+it+is+asked", tarozi.ReadPeople),
	needs("GET", "/people/:person", "/people/PERSON", "", tarozi.ReadPeople),
	needs("GET", "/people/:person/file", "/people/PERSON/file", "", tarozi.ReadSubject),
	needs("GET", "/people/:person/custody", "/people/PERSON/custody", "", tarozi.AssignPeople, tarozi.TransferPeople, tarozi.RestrictPeople, tarozi.ReadPeople),
	needs("POST", "/people/:person/custody", "/people/PERSON/custody", "do=assign", tarozi.AssignPeople),
	needs("POST", "/people/:person/custody", "/people/PERSON/custody", "do=transfer&sure=yes&agency=nowhere", tarozi.TransferPeople),
	needs("POST", "/people/:person/custody", "/people/PERSON/custody", "do=release", tarozi.RestrictPeople),
	needs("GET", "/people/:person/assess", "/people/PERSON/assess", "", tarozi.Assess),
	needs("POST", "/people/:person/assess", "/people/PERSON/assess", "", tarozi.Assess),
	needs("GET", "/assess", "", "", tarozi.Assess), needs("POST", "/assess", "", "", tarozi.Assess),
	needs("GET", "/assessments/:id", "/assessments/ASSESSMENT", "", tarozi.ReadAssessments),
	needs("GET", "/assessments/:id/print", "/assessments/ASSESSMENT/print", "", tarozi.ReadAssessments),
	{method: "GET", path: "/assessments/:id/records", address: "/assessments/ASSESSMENT/records", any: []tarozi.Action{tarozi.ReadAssessments}, hidden: true},
	needs("GET", "/assessments/:id/letter", "/assessments/ASSESSMENT/letter", "", tarozi.ReadAssessments),
	needs("POST", "/assessments/:id/dispute", "/assessments/ASSESSMENT/dispute", "", tarozi.Object),
	needs("POST", "/assessments/:id/rescore", "/assessments/ASSESSMENT/rescore", "", tarozi.Assess),
	needs("POST", "/people/:person/disputes/:dispute/decision", "/people/PERSON/disputes/none/decision", "", tarozi.Decide),
	needs("POST", "/assessments/:id/:step", "/assessments/ASSESSMENT/decision", "", tarozi.Decide),
	needs("POST", "/assessments/:id/:step", "/assessments/ASSESSMENT/countersignature", "", tarozi.CountersignOther),
	needs("POST", "/assessments/:id/:step", "/assessments/ASSESSMENT/challenge", "", tarozi.Object),

	needs("GET", "/audit", "", "", tarozi.ReadAudit), needs("POST", "/audit/person", "", "", tarozi.ReadAudit),
	needs("GET", "/models", "", "", tarozi.ReadModels), needs("GET", "/models/:model", "/models/"+scoring.DefaultModel, "", tarozi.ReadModels),
	needs("GET", "/models/:model/decisions", "/models/"+scoring.DefaultModel+"/decisions", "", tarozi.ReadModels),
	needs("POST", "/models/:model/decisions", "/models/"+scoring.DefaultModel+"/decisions", "", tarozi.ProposeLevers),
	needs("POST", "/models/:model/decisions/:lever/sign", "/models/"+scoring.DefaultModel+"/decisions/none/sign", "", tarozi.SignLevers),
	needs("GET", "/reports", "", "", tarozi.ReadReports), needs("POST", "/reports", "", "", tarozi.ReadReports),
	needs("GET", "/reports/:report", "/reports/none", "", tarozi.ReadReports),

	needs("GET", "/api/v1/assessments", "", "", tarozi.ReadAssessments), needs("POST", "/api/v1/assessments", "", "{}", tarozi.Assess),
	needs("POST", "/api/v1/assessments/batch", "", "{}", tarozi.Assess),
	needs("GET", "/api/v1/assessments/:assessment_id", "/api/v1/assessments/ASSESSMENT", "", tarozi.ReadAssessments),
	needs("GET", "/api/v1/assessments/:assessment_id/replay", "/api/v1/assessments/ASSESSMENT/replay", "", tarozi.ReadAssessments),
	{method: "GET", path: "/api/v1/assessments/:assessment_id/outlook", address: "/api/v1/assessments/ASSESSMENT/outlook", any: []tarozi.Action{tarozi.ReadAssessments}, hidden: true},
	{method: "GET", path: "/api/v1/assessments/:assessment_id/differences", address: "/api/v1/assessments/ASSESSMENT/differences?since=ASSESSMENT", any: []tarozi.Action{tarozi.ReadAssessments}, hidden: true},
	needs("GET", "/api/v1/assessments/:assessment_id/reviews", "/api/v1/assessments/ASSESSMENT/reviews", "", tarozi.ReadAssessments),
	needs("POST", "/api/v1/assessments/:assessment_id/own-views", "/api/v1/assessments/ASSESSMENT/own-views", "{}", tarozi.Decide),
	needs("POST", "/api/v1/assessments/:assessment_id/bypasses", "/api/v1/assessments/ASSESSMENT/bypasses", "{}", tarozi.Decide),
	needs("POST", "/api/v1/assessments/:assessment_id/reviews", "/api/v1/assessments/ASSESSMENT/reviews", "{}", tarozi.Decide),
	needs("POST", "/api/v1/assessments/:assessment_id/countersignatures", "/api/v1/assessments/ASSESSMENT/countersignatures", "{}", tarozi.CountersignOther),
	needs("POST", "/api/v1/assessments/:assessment_id/challenges", "/api/v1/assessments/ASSESSMENT/challenges", "{}", tarozi.Object),
	needs("POST", "/api/v1/assessments/:assessment_id/challenges/:challenge_id/answers", "/api/v1/assessments/ASSESSMENT/challenges/ASSESSMENT/answers", "{}", tarozi.Decide),
	needs("GET", "/api/v1/reassessments", "", "", tarozi.ReadAssessments),
	needs("GET", "/api/v1/reports/reviews", "", "", tarozi.ReadReports, tarozi.CountersignOther, tarozi.Decide),
	needs("GET", "/api/v1/reports/fairness", "/api/v1/reports/fairness?period=2026-01", "", tarozi.ReadReports),
	needs("POST", "/api/v1/reports/fairness", "", "{}", tarozi.ReadReports),
	needs("GET", "/api/v1/people/:person_id/assessments", "/api/v1/people/PERSON/assessments", "", tarozi.ReadAssessments),
	needs("PUT", "/api/v1/people/:person_id/history", "/api/v1/people/PERSON/history", "{}", tarozi.WriteHistory),
	needs("POST", "/api/v1/people/:person_id/events", "/api/v1/people/PERSON/events", "{}", tarozi.WriteHistory),
	needs("GET", "/api/v1/people/:person_id/disputes", "/api/v1/people/PERSON/disputes", "", tarozi.ReadPeople),
	needs("POST", "/api/v1/people/:person_id/disputes", "/api/v1/people/PERSON/disputes", "{}", tarozi.Object),
	needs("POST", "/api/v1/people/:person_id/disputes/:dispute_id/decisions", "/api/v1/people/PERSON/disputes/ASSESSMENT/decisions", "{}", tarozi.Decide),
	needs("PUT", "/api/v1/people/:person_id/protected", "/api/v1/people/PERSON/protected", "{}", tarozi.WriteProtected),
	needs("POST", "/api/v1/outcomes", "", "{}", tarozi.WriteOutcomes),
	needs("POST", "/api/v1/protected", "", "{}", tarozi.WriteProtected),
	needs("GET", "/api/v1/audit/checkpoint", "", "", tarozi.ReadAudit),
	needs("GET", "/api/v1/audit/proof", "/api/v1/audit/proof?entry=ASSESSMENT", "", tarozi.ReadAudit),
	needs("GET", "/api/v1/models", "", "", tarozi.ReadModels),
	needs("GET", "/api/v1/models/:model_id/decisions", "/api/v1/models/"+scoring.DefaultModel+"/decisions", "", tarozi.ReadModels),
	needs("POST", "/api/v1/models/:model_id/decisions", "/api/v1/models/"+scoring.DefaultModel+"/decisions", "{}", tarozi.ProposeLevers),
	needs("POST", "/api/v1/models/:model_id/decisions/:lever_id/signatures", "/api/v1/models/"+scoring.DefaultModel+"/decisions/none/signatures", "", tarozi.SignLevers),
	needs("GET", "/api/v1/models/:model_id/card", "/api/v1/models/"+scoring.DefaultModel+"/card", "", tarozi.ReadModels),
}

// place is where a person stands, seen from the accounts of the tests' agency.
type place struct {
	name               string
	person, assessment string
	within             []tarozi.Reach
}

// asking is one column of the matrix.
type asking struct {
	name string
	role tarozi.Role
	may  []tarozi.Action
	key  string // empty: a session
	*browser
}

// world is the tests' service with people in four places, and a browser for each column.
func world(t *testing.T) (*service, []asking, []place) {
	t.Helper()
	s := start(t, func(c *server.Config, _ string) {
		c.Rates = server.Rates{Key: server.Rate{PerSecond: 1e6, Burst: 1e6}, Account: server.Rate{PerSecond: 1e6, Burst: 1e6},
			Address: server.Rate{PerSecond: 1e6, Burst: 1e6}, SignIn: server.Rate{PerSecond: 1e6, Burst: 1e6}, Missing: server.Rate{PerSecond: 1e6, Burst: 1e6}}
	})
	const below = "toshkent-yunusobod"
	w, err := s.scores.Administer(below, "agency.created", below)
	must(t, err)
	must(t, s.db.PutAgency(t.Context(), w, tarozi.Agency{ID: below, ParentID: agency, Name: below}))
	machine := s.account(below, "machine", tarozi.CaseSystem)
	s.addKey(t.Context(), s.scores, "system@"+below, machine, tarozi.ActionsOf(tarozi.CaseSystem))
	colleague := s.account(agency, "colleague", tarozi.Officer)

	every := []tarozi.Reach{tarozi.OwnCaseload, tarozi.OwnAgency, tarozi.AgenciesBelow, tarozi.Nation}
	places := []place{{name: "own", within: every}, {name: "colleague", within: every[1:]}, {name: "below", within: every[2:]}, {name: "other", within: every[3:]}}
	for i, of := range []string{agency, agency, below, otherAgency} {
		p := &places[i]
		p.person = "m-" + p.name
		body := request(p.person, `"agency_id":"`+agency+`"`, `"agency_id":"`+of+`"`)
		var made struct {
			ID string `json:"id"`
		}
		s.call("PUT", "/api/v1/people/"+p.person+"/history", history(p.person, `"agency_id":"`+agency+`"`, `"agency_id":"`+of+`"`), s.as("system@"+of)...)
		s.call("POST", "/api/v1/assessments", body, s.as("system@"+of)...).want(http.StatusCreated).into(&made)
		p.assessment = made.ID
	}
	chief, err := s.db.Accounts(t.Context(), tarozi.InAgency(agency))
	must(t, err)
	at := slices.IndexFunc(chief, func(a tarozi.Account) bool { return a.Role == tarozi.Supervisor })
	must(t, s.scores.Assign(t.Context(), actorOf(chief[at]), []string{places[1].person}, colleague.ID))

	columns := []asking{{name: "nobody", browser: s.browser()}, {name: "key without actions", role: tarozi.CaseSystem, key: "watch@" + agency, browser: s.browser()}}
	for _, role := range tarozi.Roles {
		a := asking{name: string(role), role: role, may: tarozi.ActionsOf(role), browser: s.browser()}
		if role == tarozi.CaseSystem {
			a.key = "system@" + agency
		} else {
			a.signIn(string(role)+"@"+agency, password).leads("/")
		}
		columns = append(columns, a)
	}
	return s, columns, places
}

func actorOf(a tarozi.Account) tarozi.Actor {
	return tarozi.Actor{AccountID: a.ID, AgencyID: a.AgencyID, Role: a.Role, Actions: tarozi.ActionsOf(a.Role), At: now}
}

// account makes one that signs in with the tests' password.
func (s *service) account(agencyID, login string, role tarozi.Role) tarozi.Account {
	s.Helper()
	hash, err := argon2id.CreateHash(password, cheap)
	must(s, err)
	a := tarozi.Account{ID: s.scores.NewID(), AgencyID: agencyID, Login: login, Name: "Test " + login, Role: role, Created: now}
	w, err := s.scores.Administer(agencyID, "account.created", a.ID)
	must(s, err)
	must(s, s.db.CreateAccount(s.Context(), w, a, hash))
	return a
}

// pageKey stands for a person in addresses of pages.
func (s *service) pageKey(personID string) string {
	s.Helper()
	key, err := s.db.PageKey(s.Context(), personID)
	must(s, err)
	return key
}

// ask makes the request of a route about a place.
func (a *asking) ask(r *route, at *place, accountID string) answer {
	a.Helper()
	address := r.address
	if address == "" {
		address = r.path
	}
	person := at.person
	if !strings.HasPrefix(address, "/api/") { // pages name people by keys of the service's own
		person = a.pageKey(person)
	}
	address = strings.NewReplacer("PERSON", person, "ASSESSMENT", at.assessment, "ACCOUNT", accountID, "AGENCY", agency).Replace(address)
	kind := ""
	switch {
	case strings.HasSuffix(r.path, "/batch"):
		kind = "application/x-ndjson"
	case strings.HasPrefix(r.path, "/api/") && r.body != "":
		kind = "application/json"
	case r.method == http.MethodPost:
		kind = "application/x-www-form-urlencoded"
	}
	if a.key != "" {
		return a.do(r.method, address, kind, r.body, "Authorization", "Bearer "+a.keys[a.key])
	}
	return a.do(r.method, address, kind, r.body)
}

// may reports whether the table lets the column in, and how far.
func (r *route) may(a *asking) (allowed bool, reaches []tarozi.Reach) {
	switch r.open {
	case "":
	case anybody:
		return true, nil
	case signedIn:
		return a.role != "", nil
	case people:
		return a.role != "" && a.key == "", nil
	}
	for _, action := range r.any {
		if slices.Contains(a.may, action) {
			allowed, reaches = true, append(reaches, tarozi.Permissions[action][a.role])
		}
	}
	return allowed, reaches
}

// TestMatrix asks every route of a running server as every role, as nobody and with keys, about people of the own caseload, a
// colleague's, an agency below and another one, and compares what comes back with tarozi.Permissions.
func TestMatrix(t *testing.T) {
	began := time.Now()
	s, columns, places := world(t)
	named := map[server.Route]bool{}
	asked, refused := 0, 0
	target := s.account(agency, "target", tarozi.Officer)
	for i := range matrix {
		r := &matrix[i]
		named[server.Route{Method: r.method, Path: r.path}] = true
		if r.open != "" && r.open != anybody && r.open != signedIn && r.open != people {
			continue // what they let through is what TestSignIn and its like look at
		}
		for j := range columns {
			a := &columns[j]
			if r.path == "/sign-out" && a.key == "" && a.role != "" {
				continue // it would end the column
			}
			allowed, reaches := r.may(a)
			for k := range places {
				at := &places[k]
				about := strings.Contains(r.address, "PERSON") || strings.Contains(r.address, "ASSESSMENT") && !strings.Contains(r.address, "/proof")
				if k > 0 && (!about || r.method != http.MethodGet) {
					break // what a body asks for is checked before whose it is
				}
				got := a.ask(r, at, target.ID)
				asked++
				cell := fmt.Sprintf("%s %s by %s about %s: status %d", r.method, r.path, a.name, at.name, got.status)
				reached := !about || slices.ContainsFunc(reaches, func(reach tarozi.Reach) bool { return slices.Contains(at.within, reach) })
				shut := got.status == http.StatusForbidden || got.status == http.StatusUnauthorized ||
					a.role == "" && strings.HasPrefix(got.header.Get("Location"), "/sign-in")
				switch {
				case r.open == anybody && a.role == "": // sign-in pages lead to one another
					if got.status >= 500 || got.status == http.StatusForbidden {
						t.Error(cell)
					}
				case got.status >= 500:
					t.Error(cell)
				case !allowed && !shut:
					t.Errorf("%s, and the table refuses it", cell)
				case !allowed:
					refused++
				case r.hidden && (shut || got.status == http.StatusNotFound):
				case shut:
					t.Errorf("%s, and the table allows it: %.300s", cell, got.body)
				case !reached && got.status != http.StatusNotFound:
					t.Errorf("%s, and it is out of reach", cell)
				case reached && about && r.method == http.MethodGet && got.status == http.StatusNotFound:
					t.Errorf("%s, and it is within reach", cell)
				}
			}
		}
	}
	for _, r := range s.server.Routes() {
		if !named[r] {
			t.Errorf("the matrix does not name %s %s", r.Method, r.Path)
		}
		delete(named, r)
	}
	for r := range named {
		t.Errorf("the matrix names %s %s, which is not there", r.Method, r.Path)
	}
	t.Logf("%d routes, %d columns: %d requests, %d refused, in %s", len(s.server.Routes()), len(columns), asked, refused, time.Since(began).Round(time.Millisecond))
}
