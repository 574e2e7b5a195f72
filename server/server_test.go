package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// signIn signs somebody in and returns the session's cookie.
func (s *service) signIn(login, password string) (answer, string) {
	s.Helper()
	form := url.Values{"login": {login}, "password": {password}}.Encode()
	a := s.call("POST", "/sign-in", form, "Content-Type", "application/x-www-form-urlencoded", "Authorization", "")
	cookie, _, _ := strings.Cut(a.header.Get("Set-Cookie"), ";")
	return a, cookie
}

func TestSignInAndOut(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		name, login, password string
		status                int
	}{
		{"wrong password", "officer@" + agency, "wrong", http.StatusUnauthorized},
		{"unknown login", "nobody", password, http.StatusUnauthorized},
		{"empty", "", "", http.StatusUnauthorized},
		{"very long password", "officer@" + agency, strings.Repeat("x", 100_000), http.StatusUnauthorized},
		{"right", "officer@" + agency, password, http.StatusSeeOther},
		{"login in capitals", strings.ToUpper("officer@" + agency), password, http.StatusSeeOther},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := s.with(t)
			a, cookie := s.signIn(c.login, c.password)
			a.want(c.status)
			if signedIn := cookie != ""; signedIn != (c.status == http.StatusSeeOther) {
				t.Errorf("cookie %q", cookie)
			}
		})
	}

	a, cookie := s.signIn("officer@"+agency, password)
	full := a.header.Get("Set-Cookie")
	for _, want := range []string{"tarozi_session=", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(full, want) {
			t.Errorf("the cookie %q lacks %s", full, want)
		}
	}
	session := []string{"Authorization", "", "Cookie", cookie}
	s.call("GET", "/api/v1/models", "", session...).want(http.StatusOK)
	s.call("PUT", "/api/v1/people/p-1/history", history("p-1"), session...).want(http.StatusNoContent)
	s.call("PUT", "/api/v1/people/p-1/protected", `{"attributes":{"sex":"male"}}`, session...).want(http.StatusForbidden)
	s.call("GET", "/api/v1/models", "", "Cookie", cookie, "Authorization", "Bearer wrong").want(http.StatusUnauthorized)
	s.call("POST", "/sign-out", "", session...).want(http.StatusSeeOther)
	s.call("GET", "/api/v1/models", "", session...).want(http.StatusUnauthorized)
}

func TestWhatAnotherSiteSendsIsRefused(t *testing.T) {
	s := start(t)
	_, cookie := s.signIn("officer@"+agency, password)
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://elsewhere.example"}} {
		s.call("PUT", "/api/v1/people/p-1/history", history("p-1"), append(header, "Authorization", "", "Cookie", cookie)...).
			want(http.StatusForbidden).isProblem("", "forbidden", "another site")
	}
	if c := s.stored(); c.People != 0 {
		t.Errorf("stored %+v", c)
	}
}

// Nothing but health, sign-in and the files of the pages is open to whoever is not signed in.
func TestNothingIsOpenWithoutSignIn(t *testing.T) {
	s := start(t)
	for _, path := range []string{
		"/metrics", "/docs", "/docs.css", "/openapi.yaml", "/schema/assessment-request.json", "/reports/schema.json", "/api/v1/models", "/api/v1/assessments",
		"/api/v1/people/p-1/assessments",
	} {
		s.call("GET", path, "", "Authorization", "").want(http.StatusUnauthorized).isProblem("", "unauthorised", "nobody is signed in")
		if strings.HasPrefix(path, "/api/") {
			s.call("GET", path, "", "Authorization", "", "Accept", "text/html").want(http.StatusUnauthorized)
			continue
		}
		a := s.call("GET", path, "", "Authorization", "", "Accept", "text/html").want(http.StatusSeeOther)
		if got := a.header.Get("Location"); got != "/sign-in?back="+path {
			t.Errorf("a browser that asks for %s is led to %s", path, got)
		}
	}
	for _, path := range []string{"/", "/caseload", "/people/p-1", "/models"} {
		s.call("GET", path, "", "Authorization", "").want(http.StatusSeeOther)
	}
	for _, path := range []string{"/healthz", "/readyz", "/sign-in"} {
		s.call("GET", path, "", "Authorization", "").want(http.StatusOK)
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	s := start(t)
	for _, path := range []string{"/healthz", "/sign-in", "/docs", "/api/v1/models", "/api/v1/nothing", "/nothing"} {
		a := s.call("GET", path, "")
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Cache-Control": "no-store", "X-Request-Id": "019aac00",
		} {
			if got := a.header.Get(name); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
}

func TestLogHasNoCaseData(t *testing.T) {
	s := start(t)
	s.call("POST", "/api/v1/assessments", request("person-in-the-log")).want(http.StatusCreated)
	s.call("GET", "/api/v1/people/person-in-the-log/assessments", "").want(http.StatusOK)
	s.call("GET", "/api/v1/people/nobody-in-the-log/assessments", "").want(http.StatusNotFound)
	s.call("POST", "/api/v1/assessments", request("person-in-the-log", "1991-04-17", "1991-02-30")).want(http.StatusBadRequest)
	s.signIn("officer@"+agency, "secret-in-the-log")
	text := s.log.String()
	for _, unwanted := range []string{"in-the-log", "1991", s.keys["system@"+agency]} {
		if strings.Contains(text, unwanted) {
			t.Errorf("the log has %s", unwanted)
		}
	}
	for _, want := range []string{"route=/api/v1/people/:person_id/assessments", "status=201", "request=019aac00"} {
		if !strings.Contains(text, want) {
			t.Errorf("the log lacks %s:\n%s", want, text)
		}
	}
}

func TestMetrics(t *testing.T) {
	s := start(t)
	s.call("POST", "/api/v1/assessments", request("person-in-metrics")).want(http.StatusCreated)
	s.call("GET", "/api/v1/people/person-in-metrics/assessments", "").want(http.StatusOK)
	text := string(s.call("GET", "/metrics", "", s.as("metrics@"+agency)...).want(http.StatusOK).body)
	for _, want := range []string{
		`tarozi_http_requests_total{method="POST",route="/api/v1/assessments",status="201"} 1`,
		`tarozi_contribution_checks_passed_total 1`, `tarozi_contribution_checks_failed_total 0`,
		`tarozi_http_requests_total{method="GET",route="/api/v1/people/:person_id/assessments",status="200"} 1`,
		`tarozi_build_info{version="test"} 1`, "go_goroutines",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if strings.Contains(text, "in-metrics") {
		t.Error("the metrics name a person")
	}
}

func TestHeadIsGetWithoutABody(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		path   string
		status int
	}{
		{"/healthz", 200}, {"/readyz", 200}, {"/sign-in", 303}, {"/static/style.css", 200}, {"/docs", 200}, {"/caseload", 200},
		{"/nothing", 404}, {"/sign-out", 405},
	} {
		got := s.call("GET", c.path, "").want(c.status)
		head := s.call("HEAD", c.path, "").want(c.status)
		if len(head.body) != 0 || head.header.Get("Content-Type") != got.header.Get("Content-Type") {
			t.Errorf("%s: %q with %v", c.path, head.body, head.header)
		}
	}
}

func TestNoFolderIsListed(t *testing.T) {
	s := start(t)
	for _, path := range []string{"/static/", "/static//", "/static/nothing"} {
		s.call("GET", path, "", "Authorization", "").want(http.StatusNotFound)
	}
}
