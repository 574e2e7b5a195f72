package server_test

import (
	"strings"
	"testing"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/datasets"
	"github.com/tarozi/tarozi/server/reporting"
)

// Requests to which no score was given stand in the report as counts by reason; a few of them are hidden, and no row says about whom.
func TestReportCountsRefusals(t *testing.T) {
	s := start(t)
	who := actorOf(s.account(agency, "asks", tarozi.CaseSystem))
	var scorable *tarozi.CaseHistory
	for p := range (datasets.Population{People: 50, Seed: 5, Until: tarozi.DateOf(now).AddDays(-2), Agencies: 1}).All() {
		if len(p.History.Supervision) > 0 && !p.History.BirthDate.IsZero() {
			h := p.History
			scorable = &h
			break
		}
	}
	scorable.AgencyID = agency
	ask := func(times int, change func(*tarozi.CaseHistory)) {
		t.Helper()
		for range times {
			h := *scorable
			change(&h)
			_, err := s.scores.Create(t.Context(), who, &tarozi.Request{History: h}, nil)
			if tarozi.CodeOf(err) != tarozi.NotScorable {
				t.Fatalf("the request was answered with %v", err)
			}
		}
	}
	ask(12, func(h *tarozi.CaseHistory) { h.Supervision = nil })
	ask(3, func(h *tarozi.CaseHistory) { h.BirthDate, h.BirthYear = tarozi.Date{}, 0 })
	r, err := (&reporting.Reporter{Service: s.scores, Store: s.db, Replicates: 20}).Make(t.Context(), member(t, s), "2026-Q4")
	must(t, err)
	got := map[string]*int{}
	for _, w := range r.Service.Workflow {
		if strings.HasPrefix(w.What, "refused_") {
			got[w.What] = w.N
		}
	}
	for what, want := range map[string]int{"refused_no_supervision": 12, "refused_outside_model": 0} {
		if n := got[what]; n == nil || *n != want {
			t.Errorf("%s: %v, want %d", what, n, want)
		}
	}
	if n, listed := got["refused_required_input_missing"]; !listed || n != nil {
		t.Errorf("three refusals are not hidden: %v", n)
	}
	var csv strings.Builder
	must(t, r.WriteCSV(&csv))
	if !strings.Contains(csv.String(), "refused_no_supervision") {
		t.Error("the CSV has no count of refusals")
	}
}
