package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/oauth2-proxy/mockoidc"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/server"
)

// employee is somebody whom the ministry's sign-on knows.
type employee struct {
	subject, login, name, agency string
	groups                       []string
}

type employeeClaims struct {
	*mockoidc.IDTokenClaims
	Login  string   `json:"preferred_username"`
	Name   string   `json:"name"`
	Agency string   `json:"agency"`
	Groups []string `json:"groups"`
}

func (e employee) ID() string { return e.subject }

func (e employee) Userinfo([]string) ([]byte, error) { return []byte(`{}`), nil }

func (e employee) Claims(_ []string, base *mockoidc.IDTokenClaims) (jwt.Claims, error) {
	return employeeClaims{base, e.login, e.name, e.agency, e.groups}, nil
}

// ministry starts a real OpenID Connect provider and a server that trusts it.
func ministry(t *testing.T) (*service, *mockoidc.MockOIDC) {
	t.Helper()
	provider, err := mockoidc.Run()
	must(t, err)
	t.Cleanup(func() { must(t, provider.Shutdown()) })
	return start(t, func(c *server.Config, url string) {
		c.SecondFactorFor = []tarozi.Role{tarozi.Officer} // the ministry asks for its own
		c.SSO = &server.SSO{Name: "Ministry", Issuer: provider.Issuer(), ClientID: provider.ClientID, ClientSecret: provider.ClientSecret,
			Redirect: url + "/sign-in/sso/callback", Scopes: []string{"profile"}, RoleClaim: "groups", AgencyClaim: "agency",
			Roles: map[string]tarozi.Role{"inspectors": tarozi.Officer, "chiefs": tarozi.Supervisor, "machines": tarozi.CaseSystem}}
	}), provider
}

// through goes to the provider and back as far as the callback; change alters the request to the provider.
func (b *browser) through(provider *mockoidc.MockOIDC, e employee, change func(url.Values)) (callback string) {
	b.Helper()
	provider.QueueUser(e)
	to, err := url.Parse(b.get("/sign-in/sso").want(http.StatusSeeOther).header.Get("Location"))
	must(b, err)
	asked := to.Query()
	if asked.Get("code_challenge_method") != "S256" || asked.Get("nonce") == "" || asked.Get("state") == "" {
		b.Fatalf("the request has no challenge, nonce or state: %v", asked)
	}
	if change != nil {
		change(asked)
		to.RawQuery = asked.Encode()
	}
	return b.get(to.String()).want(http.StatusFound).header.Get("Location")
}

func TestSingleSignOn(t *testing.T) {
	s, provider := ministry(t)
	if page := s.browser().get("/sign-in"); !strings.Contains(string(page.body), "Ministry") {
		t.Error("the sign-in page does not offer the ministry's")
	}
	officer := employee{"17", "d.karimova", "Dilnoza Karimova", agency, []string{"staff", "inspectors"}}

	b := s.browser()
	callback := b.through(provider, officer, nil)
	b.get(callback).leads("/")
	b.get("/").leads("/caseload") // with no second factor of ours
	if page := string(b.get("/account").want(http.StatusOK).body); !strings.Contains(page, officer.name) || !strings.Contains(page, officer.login) {
		t.Error("the account does not bear the ministry's name and login")
	}
	if again := s.browser().get(callback); again.status != http.StatusUnauthorized {
		t.Errorf("somebody else's callback answers %d", again.status)
	}

	chief := officer
	chief.groups = []string{"inspectors", "chiefs"} // of several the first of tarozi.Roles counts
	other := s.browser()
	other.get(other.through(provider, chief, nil)).leads("/")
	b.get("/caseload").want(http.StatusOK)
	chief.groups = []string{"chiefs"}
	other = s.browser()
	other.get(other.through(provider, chief, nil)).leads("/")
	b.get("/caseload").leads("/sign-in?back=%2Fcaseload") // the role changed: the earlier sessions have ended
	other.get("/due").want(http.StatusOK)
}

func TestSingleSignOnRefuses(t *testing.T) {
	s, provider := ministry(t)
	fits := employee{"18", "a.aliyev", "Aziz Aliyev", agency, []string{"inspectors"}}
	for _, row := range []struct {
		name   string
		who    func(e *employee)
		ask    func(url.Values)
		come   func(url.Values)
		status int
	}{
		{name: "no group is mapped", who: func(e *employee) { e.groups = []string{"staff"} }, status: http.StatusForbidden},
		{name: "no group", who: func(e *employee) { e.groups = nil }, status: http.StatusForbidden},
		{name: "a machine's role", who: func(e *employee) { e.groups = []string{"machines"} }, status: http.StatusForbidden},
		{name: "no such agency", who: func(e *employee) { e.agency = "nowhere" }, status: http.StatusNotFound},
		{name: "another state", come: func(q url.Values) { q.Set("state", "another") }, status: http.StatusUnauthorized},
		{name: "no state", come: func(q url.Values) { q.Del("state") }, status: http.StatusUnauthorized},
		{name: "another nonce", ask: func(q url.Values) { q.Set("nonce", "another") }, status: http.StatusUnauthorized},
		{name: "another challenge", ask: func(q url.Values) { q.Set("code_challenge", strings.Repeat("A", 43)) }, status: http.StatusUnauthorized},
		{name: "another code", come: func(q url.Values) { q.Set("code", "another") }, status: http.StatusUnauthorized},
		{name: "refused there", come: func(q url.Values) { q.Del("code"); q.Set("error", "access_denied") }, status: http.StatusUnauthorized},
	} {
		t.Run(row.name, func(t *testing.T) {
			who := fits
			if row.who != nil {
				row.who(&who)
			}
			b := s.browser()
			b.T = t
			to, err := url.Parse(b.through(provider, who, row.ask))
			must(t, err)
			if row.come != nil {
				q := to.Query()
				row.come(q)
				to.RawQuery = q.Encode()
			}
			b.get(to.String()).want(row.status)
			b.get("/account").leads("/sign-in?back=%2Faccount")
		})
	}
}

// A page of somebody else's begins no session here: the sign-on begins by our own button alone.
func TestSignInBeginsHere(t *testing.T) {
	s, provider := ministry(t)
	for site, elsewhere := range map[string]bool{"cross-site": true, "same-origin": false, "none": false} {
		to := s.browser().do("GET", "/sign-in/sso", "", "", "Sec-Fetch-Site", site).want(http.StatusSeeOther).header.Get("Location")
		if elsewhere != (to == "/sign-in") || elsewhere == strings.HasPrefix(to, provider.Issuer()) {
			t.Errorf("from a page that is %s it leads to %s", site, to)
		}
	}
}
