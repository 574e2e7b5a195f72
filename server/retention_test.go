package server_test

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// An administrator sees what the rules would erase, with held people named as held and
// restricted cases as a count, and erases it from the page for a reason: no other list
// than the one shown, nothing without a reason, and each erasure in the log.
func TestRetentionPage(t *testing.T) {
	s := start(t)
	s.scores.Rules = scoring.Rules{scoring.Everything: 1}
	ended := []string{`"kind":"parole"`, `"to":"2026-07-01","kind":"parole"`}
	for _, id := range []string{"p-due", "p-held", "p-closed"} {
		s.call("PUT", "/api/v1/people/"+id+"/history", history(id, ended...)).want(http.StatusNoContent)
	}
	s.call("PUT", "/api/v1/people/p-runs/history", history("p-runs")).want(http.StatusNoContent)
	must(t, s.scores.Hold(t.Context(), scoring.Command(agency), "p-held", "a court asks"))
	head := actorOf(s.account(agency, "head", tarozi.Supervisor))
	must(t, s.scores.Restrict(t.Context(), head, "p-closed", true, []string{head.AccountID}))
	b := s.browser()
	b.signIn(string(tarozi.AgencyAdministrator)+"@"+agency, password).leads("/")
	page := b.do("GET", "/retention", "", "").want(http.StatusOK)
	for pattern, want := range map[string]bool{`p-due`: true, `p-held(?s:.*)<strong>`: true, `p-runs`: false, `p-closed`: false, `1 restricted`: true} {
		if regexp.MustCompile(pattern).Match(page.body) != want {
			t.Errorf("%s on the page: want %v", pattern, want)
		}
	}
	shown := regexp.MustCompile(`name="shown" value="([0-9a-f]{64})"`).FindSubmatch(page.body)
	if shown == nil {
		t.Fatalf("the page offers no run: %s", page.body)
	}
	post := func(shown, reason string) answer {
		return b.do("POST", "/retention", "application/x-www-form-urlencoded", url.Values{"shown": {shown}, "reason": {reason}}.Encode())
	}
	post(string(shown[1]), "short").want(http.StatusUnprocessableEntity)
	post("another list", "the yearly run of the rules").want(http.StatusConflict)
	if n := s.logged("retention.run") + s.logged("retention.applied"); n != 0 || s.stored().People != 4 {
		t.Fatalf("%d entries and %d people after what was refused", n, s.stored().People)
	}
	post(string(shown[1]), "the yearly run of the rules").want(http.StatusOK)
	if run, applied, left := s.logged("retention.run"), s.logged("retention.applied"), s.stored().People; run != 1 || applied != 2 || left != 2 {
		t.Errorf("%d runs, %d erasures, %d people left; want 1, 2 and 2", run, applied, left)
	}
	post(string(shown[1]), "the yearly run of the rules").want(http.StatusConflict)
}
