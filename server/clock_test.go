package server_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/tarozi/tarozi/store"
)

// A clock that goes back: nothing is stored with a wrong time, the message and health say what to do, reading goes on, and the service
// goes on by itself once the clock is right. A step of seconds, as setting it by the network makes, is nothing.
func TestClockThatGoesBack(t *testing.T) {
	s, c := startClock(t)
	must(t, s.db.GuardClock(t.Context(), c.now))
	s.call("POST", "/api/v1/assessments", request("p-1")).want(http.StatusCreated)
	c.pass(-30 * time.Second)
	s.call("POST", "/api/v1/assessments", request("p-2")).want(http.StatusCreated)
	s.call("GET", "/readyz", "").want(http.StatusOK)

	before := s.stored()
	c.pass(-3 * time.Hour)
	for _, call := range [][3]string{
		{"POST", "/api/v1/assessments", request("p-3")}, {"PUT", "/api/v1/people/p-1/history", history("p-1")}, {"POST", "/api/v1/people/p-1/events", events("e-new")},
	} {
		s.call(call[0], call[1], call[2]).want(http.StatusServiceUnavailable).isProblem("", "unavailable", "Set the clock right")
	}
	if a, _ := s.signIn("officer@"+agency, password); a.status < 500 {
		t.Errorf("signing in answers %d", a.status)
	}
	s.call("GET", "/readyz", "").want(http.StatusServiceUnavailable).isProblem("", "unavailable", "clock of this machine")
	s.call("GET", "/healthz", "").want(http.StatusOK)
	s.call("GET", "/api/v1/models", "").want(http.StatusOK)
	if after := s.stored(); after != before {
		t.Errorf("stored %+v where there was %+v", after, before)
	}
	c.pass(3 * time.Hour)
	s.call("GET", "/readyz", "").want(http.StatusOK)
	s.call("POST", "/api/v1/assessments", request("p-3")).want(http.StatusCreated)

	// The clock was ahead, and is right now: an entry made on purpose lets the service go on, and one after a restart as well.
	c.pass(48 * time.Hour)
	s.call("POST", "/api/v1/assessments", request("p-4")).want(http.StatusCreated)
	c.pass(-48 * time.Hour)
	must(t, s.db.GuardClock(t.Context(), c.now))
	s.call("POST", "/api/v1/assessments", request("p-5")).want(http.StatusServiceUnavailable)
	w, err := s.scores.Administer("", "clock.accepted", "")
	must(t, err)
	unguarded, err := store.Open(t.Context(), s.path, store.Options{}) // as 'tarozi serve --accept-clock' does before it guards the clock
	must(t, err)
	must(t, unguarded.Note(t.Context(), w))
	must(t, unguarded.Close())
	must(t, s.db.GuardClock(t.Context(), c.now))
	s.call("POST", "/api/v1/assessments", request("p-5")).want(http.StatusCreated)
}
