package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
)

// named stores identities, and so creates the people.
func named(t testing.TB, s Store, m *Maker, names map[string]string) {
	t.Helper()
	var batch []tarozi.Identity
	for id, name := range names {
		batch = append(batch, tarozi.Identity{PersonID: id, Name: name})
	}
	_, err := s.PutIdentities(t.Context(), m.Write("identities.imported", "b"), batch, false)
	must(t, "storing identities", err)
}

// caseload reads one of an agency, or of a scope that is given instead.
func caseload(t testing.TB, s Store, agency string, q store.CaseloadQuery, scopes ...tarozi.Scope) []store.CaseloadRow {
	t.Helper()
	of := tarozi.InAgency(agency)
	if len(scopes) > 0 {
		of = scopes[0]
	}
	found, err := s.Caseload(t.Context(), of, q)
	must(t, fmt.Sprintf("reading caseload %+v", q), err)
	if found.Total < len(found.Rows) {
		t.Errorf("caseload %+v has %d rows of %d", q, len(found.Rows), found.Total)
	}
	return found.Rows
}

func ids(rows []store.CaseloadRow) string {
	var all []string
	for _, row := range rows {
		all = append(all, row.PersonID)
	}
	return strings.Join(all, " ")
}

func testCaseload(t *testing.T, s Store) {
	ctx, m, south := t.Context(), NewMaker("north", "n"), NewMaker("south", "s")
	m.AddAgency(t, s)
	south.AddAgency(t, s)
	known(t, s, south, "theirs")
	known(t, s, m, "assessed", "new", "reviewed")
	named(t, s, m, map[string]string{"assessed": "Karim", "reviewed": "Botir", "bare": "Anvar"})

	first := m.Record("assessed", 10)
	first.Assessment.CreatedAt = Start
	save(t, s, m, first)
	latest := m.Record("assessed", 10)
	latest.Assessment.CreatedAt = Start.Add(time.Hour)
	save(t, s, m, latest)
	earlier := m.Record("assessed", 10) // stored later, made earlier
	earlier.Assessment.CreatedAt = Start.Add(time.Minute)
	save(t, s, m, earlier)
	done := m.Record("reviewed", 10)
	done.Assessment.CreatedAt = Start.Add(2 * time.Hour)
	save(t, s, m, done)
	must(t, "reviewing", m.AddReview(ctx, s, m.Review(done.Assessment.ID)))
	must(t, "adding events", s.AddEvents(ctx, m.Write("events.added", "w"), "assessed", []tarozi.Event{
		Event("before", Start), // received at the moment of the assessment: not newer
		Event("after1", Start.Add(time.Minute)), Event("after2", Start.Add(2*time.Minute)),
	}))

	horizon := 12
	scores := []scoring.ScoreSummary{{Outcome: tarozi.Recidivism, HorizonMonths: &horizon, Probability: 0.3125, Band: tarozi.Medium}}
	asOf := tarozi.Date{Year: 2026, Month: time.November, Day: 24}
	want := []store.CaseloadRow{
		{PersonID: "bare", Name: "Anvar"},
		{PersonID: "reviewed", Name: "Botir", LastEventAt: Start.Add(-23 * time.Hour), Latest: &store.LatestAssessment{
			ID: done.Assessment.ID, Model: done.Assessment.Model, AsOf: asOf, CreatedAt: done.Assessment.CreatedAt, Scores: scores, ReviewState: tarozi.ReviewDone,
			DecidedBand: tarozi.Medium}},
		{PersonID: "assessed", Name: "Karim", LastEventAt: Start.Add(time.Hour + 2*time.Minute), NewEvents: 2, Latest: &store.LatestAssessment{
			ID: latest.Assessment.ID, Model: latest.Assessment.Model, AsOf: asOf, CreatedAt: latest.Assessment.CreatedAt, Scores: scores, ReviewState: tarozi.ReviewPending}},
		{PersonID: "new", LastEventAt: Start.Add(-23 * time.Hour), NewEvents: 2},
	}
	got := caseload(t, s, "north", store.CaseloadQuery{})
	for i := range got { // keys are random: they lead to whom they are of, and say nothing
		key := got[i].PageKey
		id, err := s.PersonByPageKey(ctx, key)
		must(t, "finding a person by page key", err)
		if again, err := s.PageKey(ctx, id); id != got[i].PersonID || again != key || err != nil || len(key) != 32 {
			t.Errorf("the key %q of %s leads to %s and back to %q (%v)", key, got[i].PersonID, id, again, err)
		}
		got[i].PageKey = ""
	}
	same(t, "caseload", got, want)

	for _, row := range []struct {
		name string
		q    store.CaseloadQuery
		want string
	}{
		{"needs review", store.CaseloadQuery{Filter: store.NeedsReview}, "assessed"},
		{"never assessed", store.CaseloadQuery{Filter: store.NeverAssessed}, "bare new"},
		{"latest assessed first", store.CaseloadQuery{Sort: store.ByAssessed}, "reviewed assessed bare new"},
		{"most new events first", store.CaseloadQuery{Sort: store.ByNewEvents}, "assessed new bare reviewed"},
		{"by id", store.CaseloadQuery{Search: "ASSESS"}, "assessed"},
		{"nobody", store.CaseloadQuery{Search: "theirs"}, ""},
	} {
		same(t, row.name, ids(caseload(t, s, "north", row.q)), row.want)
	}

	// The newest by another model hides nothing: what the first model said last waits for its review, and stands beside it.
	other := m.Record("assessed", 10)
	other.Assessment.CreatedAt, other.Assessment.Model.ID = Start.Add(time.Hour), "other" // of the same moment, stored last
	save(t, s, m, other)
	must(t, "reviewing the other", m.AddReview(ctx, s, m.Review(other.Assessment.ID)))
	both := caseload(t, s, "north", store.CaseloadQuery{Filter: store.NeedsReview})
	same(t, "people one of whose models waits", ids(both), "assessed")
	same(t, "the newest", both[0].Latest.ID, other.Assessment.ID)
	same(t, "by the other model", both[0].Others, []store.LatestAssessment{{ID: latest.Assessment.ID, Model: latest.Assessment.Model, AsOf: asOf,
		CreatedAt: latest.Assessment.CreatedAt, Scores: scores, ReviewState: tarozi.ReviewPending}})
	must(t, "reviewing the first", m.AddReview(ctx, s, m.Review(latest.Assessment.ID)))
	same(t, "nobody waits", ids(caseload(t, s, "north", store.CaseloadQuery{Filter: store.NeedsReview})), "")

	// An assessment settles the events received by its moment, that moment included.
	between := m.Record("assessed", 10)
	between.Assessment.CreatedAt = Start.Add(time.Hour + time.Minute) // when after1 was received
	save(t, s, m, between)
	same(t, "new events after an assessment between them", caseload(t, s, "north", store.CaseloadQuery{Search: "karim"})[0].NewEvents, 1)

	// A new history counts its events anew.
	history := m.History("assessed")
	history.Events = append(history.Events, Event("after3", Start.Add(3*time.Hour)))
	must(t, "putting a history", s.PutHistory(ctx, m.Write("history.put", "w"), history))
	same(t, "new events of the new history", caseload(t, s, "north", store.CaseloadQuery{Search: "karim"})[0].NewEvents, 1)
	settled := m.Record("assessed", 10)
	settled.Assessment.CreatedAt = Start.Add(4 * time.Hour)
	save(t, s, m, settled)
	same(t, "new events once assessed", caseload(t, s, "north", store.CaseloadQuery{Search: "karim"})[0].NewEvents, 0)

	for _, q := range []store.CaseloadQuery{
		{Sort: "height"}, {Filter: "tall"}, {Search: strings.Repeat("x", 1000)}, {Page: scoring.Page{Cursor: "theirs"}},
	} {
		_, err := s.Caseload(ctx, tarozi.InAgency("north"), q)
		wantCode(t, fmt.Sprintf("query %.40v", q), err, tarozi.Malformed)
	}
}

func testCaseloadPages(t *testing.T, s Store) {
	m := NewMaker("north", "n")
	m.AddAgency(t, s)
	names := map[string]string{"unnamed-not": "Same", "unnamed-yes": "Same"}
	for i, name := range []string{"Zafar", "Oʻrol", "Olim", "Gʻayrat", "Shavkat", "Sanjar", "Chori", "Ҳамид", "Ўткир", "Ғани", "Қодир", "Яна", "Ёқуб", "Ева"} {
		names[fmt.Sprintf("p%02d", i)] = name
	}
	named(t, s, m, names)
	known(t, s, m, "x1", "x2", "p00", "p01", "p02")
	for _, id := range []string{"x1", "p00", "p01"} {
		save(t, s, m, m.Record(id, 10))
	}
	for _, sort := range []store.CaseloadSort{store.ByName, store.ByAssessed, store.ByNewEvents} {
		whole := caseload(t, s, "north", store.CaseloadQuery{Sort: sort})
		if sort == store.ByName {
			var order []string
			for _, row := range whole {
				order = append(order, row.Name)
			}
			same(t, "order of names", strings.Join(order, " "),
				"Olim Same Same Sanjar Zafar Oʻrol Gʻayrat Shavkat Chori Ева Ёқуб Яна Ўткир Қодир Ғани Ҳамид  ")
		}
		var pages []store.CaseloadRow
		cursor := ""
		for range len(whole) + 1 {
			page, err := s.Caseload(t.Context(), tarozi.InAgency("north"), store.CaseloadQuery{Sort: sort, Page: scoring.Page{Limit: 3, Cursor: cursor}})
			must(t, "reading a page", err)
			same(t, "total", page.Total, len(whole))
			pages = append(pages, page.Rows...)
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		same(t, "pages by "+string(sort), ids(pages), ids(whole))
		if !slices.Equal(strings.Fields(ids(pages)), strings.Fields(ids(whole))) || len(whole) != 18 {
			t.Errorf("%d rows by %s, want 18", len(whole), sort)
		}
	}
}

func testSearch(t *testing.T, s Store) {
	m := NewMaker("north", "n")
	m.AddAgency(t, s)
	named(t, s, m, map[string]string{
		"p1": "Oʻtkir Gʻulomov", "p2": "Ўткир Ғуломов", "p3": "Фёдор ЩЕРБАКОВ", "p4": "Isʼhoq 100%_son", "p5": "Йулдуз",
	})
	for _, row := range []struct{ name, search, want string }{
		{"case, Latin", "o'TKIR", "p1"},
		{"turned comma", "Oʻtkir", "p1"},
		{"modifier apostrophe", "Oʼtkir", "p1"},
		{"left quotation mark", "O‘tkir", "p1"},
		{"right quotation mark", "O’tkir", "p1"},
		{"backtick", "O`tkir", "p1"},
		{"left out", "otkir", "p1"},
		{"case, Uzbek Cyrillic", "ғУЛОМОВ ўткир", "p2"},
		{"case, Russian", "щербаков", "p3"},
		{"yo and ye", "федор", "p3"},
		{"part of a word", "улом", "p2"},
		{"letters put together", "Йулдуз", "p5"},
		{"per cent is no wildcard", "1%", ""},
		{"per cent itself", "0%", "p4"},
		{"underscore is no wildcard", "i_hoq", ""},
		{"all words must stand", "oʻtkir karimov", ""},
		{"only spaces", "   ", "p4 p1 p5 p3 p2"},
		{"a stray quote", "' OR 1=1 --", ""},
	} {
		same(t, row.name, ids(caseload(t, s, "north", store.CaseloadQuery{Search: row.search})), row.want)
	}
}
