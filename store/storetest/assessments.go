package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// known stores a history of each person.
func known(t testing.TB, s Store, m *Maker, people ...string) {
	t.Helper()
	for _, id := range people {
		must(t, "putting the history of "+id, s.PutHistory(t.Context(), m.Write("history.put", "h-"+id), m.History(id)))
	}
}

// save stores a record and fails the test where that fails.
func save(t testing.TB, s Store, m *Maker, r *scoring.Record) string {
	t.Helper()
	id, err := s.SaveAssessment(t.Context(), m.Write("assessment.created", r.Assessment.ID), r)
	must(t, "saving an assessment", err)
	return id
}

func testAssessment(t *testing.T, s Store) {
	ctx, m := t.Context(), NewMaker("north", "n")
	m.AddAgency(t, s)
	known(t, s, m, "p1")
	r := m.Record("p1", 500)
	r.Assessment.ReviewState = tarozi.ReviewDone // what a caller claims does not count
	same(t, "id", save(t, s, m, r), r.Assessment.ID)

	got, err := s.Assessment(ctx, tarozi.InAgency("north"), r.Assessment.ID)
	must(t, "reading it", err)
	r.Assessment.ReviewState = tarozi.ReviewPending
	same(t, "record", got, r)

	_, err = s.SaveAssessment(ctx, m.Write("assessment.created", r.Assessment.ID), r)
	wantCode(t, "the same id again", err, tarozi.Conflict)

	unknown := m.Record("p9", 10)
	_, err = s.SaveAssessment(ctx, m.Write("assessment.created", unknown.Assessment.ID), unknown)
	wantCode(t, "an assessment of nobody", err, tarozi.NotFound)

	entries := Entries(t, s)
	last := entries[len(entries)-1]
	if last.SubjectID != r.Assessment.ID || last.Action != "assessment.created" || len(last.Salt) != 32 {
		t.Errorf("the last audit entry is %+v, want one of assessment %s", last, r.Assessment.ID)
	}
}

func testAssessmentHistory(t *testing.T, s Store) {
	ctx, m := t.Context(), NewMaker("north", "n")
	m.AddAgency(t, s)
	r := m.Record("p1", 10)
	r.History = m.History("p1")
	save(t, s, m, r)
	got, err := s.History(ctx, tarozi.InAgency("north"), "p1")
	must(t, "reading the history", err)
	same(t, "history", got, r.History)
	stored, err := s.Assessment(ctx, tarozi.InAgency("north"), r.Assessment.ID)
	must(t, "reading the record", err)
	if stored.History != nil {
		t.Error("the history is read back with the record")
	}

	other := m.Record("p2", 10)
	other.History = m.History("p3")
	_, err = s.SaveAssessment(ctx, m.Write("assessment.created", other.Assessment.ID), other)
	wantCode(t, "a history of somebody else", err, tarozi.NotFound)

	again := m.Record("p4", 10)
	again.Assessment.ID = r.Assessment.ID
	again.History = m.History("p4")
	_, err = s.SaveAssessment(ctx, m.Write("assessment.created", again.Assessment.ID), again)
	wantCode(t, "an id that is taken", err, tarozi.Conflict)
	_, err = s.History(ctx, tarozi.InAgency("north"), "p4")
	wantCode(t, "the history of the refused record", err, tarozi.NotFound)
}

func testAssessmentScope(t *testing.T, s Store) {
	ctx, north, south := t.Context(), NewMaker("north", "n"), NewMaker("south", "s")
	north.AddAgency(t, s)
	south.AddAgency(t, s)
	known(t, s, north, "p1")
	r := north.Record("p1", 10)
	save(t, s, north, r)

	_, err := s.Assessment(ctx, tarozi.InAgency("south"), r.Assessment.ID)
	wantCode(t, "reading another agency's assessment", err, tarozi.NotFound)
	_, err = s.AssessmentsOf(ctx, tarozi.InAgency("south"), "p1", scoring.Page{})
	wantCode(t, "listing another agency's person", err, tarozi.NotFound)
	theirs := south.Record("p1", 10)
	_, err = s.SaveAssessment(ctx, south.Write("assessment.created", theirs.Assessment.ID), theirs)
	wantCode(t, "assessing another agency's person", err, tarozi.NotFound)
	theirs.History = south.History("p1")
	_, err = s.SaveAssessment(ctx, south.Write("assessment.created", theirs.Assessment.ID), theirs)
	wantCode(t, "assessing another agency's person with a history", err, tarozi.NotFound)
	posed := north.Record("p1", 10)
	_, err = s.SaveAssessment(ctx, south.Write("assessment.created", posed.Assessment.ID), posed)
	wantCode(t, "assessing in another agency's name", err, tarozi.NotFound)
	changes, _, err := s.ChangedSince(ctx, tarozi.InAgency("south"), "", 10)
	must(t, "reading the other agency's changes", err)
	same(t, "changes of the other agency", len(changes), 0)
}

func testIdempotency(t *testing.T, s Store) {
	ctx, m := t.Context(), NewMaker("north", "n")
	m.AddAgency(t, s)
	known(t, s, m, "p1")
	first, second, third := m.Record("p1", 10), m.Record("p1", 10), m.Record("p1", 10)

	id, err := s.SaveAssessment(ctx, Once(m.Write("assessment.created", first.Assessment.ID), "k", "request"), first)
	must(t, "the first use", err)
	same(t, "id of the first", id, first.Assessment.ID)
	id, err = s.SaveAssessment(ctx, Once(m.Write("assessment.created", second.Assessment.ID), "k", "request"), second)
	must(t, "the same request again", err)
	same(t, "id of the earlier", id, first.Assessment.ID)
	_, err = s.SaveAssessment(ctx, Once(m.Write("assessment.created", third.Assessment.ID), "k", "another"), third)
	wantCode(t, "another request under the key", err, tarozi.Conflict)
	wantCode(t, "another action under the key",
		s.PutHistory(ctx, Once(m.Write("history.put", "w"), "k", "request"), m.History("p1")), tarozi.Conflict)

	list, err := s.AssessmentsOf(ctx, tarozi.InAgency("north"), "p1", scoring.Page{})
	must(t, "listing", err)
	same(t, "number stored", len(list), 1)
	same(t, "number of audit entries", len(Entries(t, s)), 3)

	// A request that was refused leaves its key free.
	broken := m.Record("p9", 10)
	_, err = s.SaveAssessment(ctx, Once(m.Write("assessment.created", broken.Assessment.ID), "k2", "r"), broken)
	wantCode(t, "a refused request", err, tarozi.NotFound)
	_, err = s.SaveAssessment(ctx, Once(m.Write("assessment.created", second.Assessment.ID), "k2", "mended"), second)
	must(t, "the key of a refused request", err)
}

func testAssessmentPages(t *testing.T, s Store) {
	ctx, m := t.Context(), NewMaker("north", "n")
	m.AddAgency(t, s)
	known(t, s, m, "p1", "p2")
	list, err := s.AssessmentsOf(ctx, tarozi.InAgency("north"), "p1", scoring.Page{Limit: 2})
	must(t, "listing none", err)
	same(t, "length of an empty list", len(list), 0)

	var want []string
	moment := m.Tick()
	for i := range 5 {
		r := m.Record("p1", 10)
		if i > 1 {
			r.Assessment.CreatedAt = moment // several of one moment
		} else {
			r.Assessment.CreatedAt = moment.Add(-time.Hour)
		}
		want = append([]string{save(t, s, m, r)}, want...)
		save(t, s, m, m.Record("p2", 10))
	}
	var got []string
	for page := (scoring.Page{Limit: 2}); ; page.Cursor = got[len(got)-1] {
		list, err := s.AssessmentsOf(ctx, tarozi.InAgency("north"), "p1", page)
		must(t, "listing a page", err)
		if len(list) == 0 {
			break
		}
		for _, a := range list {
			got = append(got, a.ID)
		}
	}
	same(t, "ids over the pages", got, want)
	_, err = s.AssessmentsOf(ctx, tarozi.InAgency("north"), "p1", scoring.Page{Cursor: "nonsense"})
	wantCode(t, "a cursor of one's own making", err, tarozi.Malformed)
}

func testChanges(t *testing.T, s Store) {
	ctx, m := t.Context(), NewMaker("north", "n")
	m.AddAgency(t, s)
	known(t, s, m, "p1")
	changes, cursor, err := s.ChangedSince(ctx, tarozi.InAgency("north"), "", 10)
	must(t, "reading no changes", err)
	same(t, "no changes", len(changes), 0)

	var ids []string
	for range 3 {
		ids = append(ids, save(t, s, m, m.Record("p1", 10)))
	}
	must(t, "reviewing", m.AddReview(ctx, s, m.Review(ids[1])))

	var got []string
	for {
		changes, next, err := s.ChangedSince(ctx, tarozi.InAgency("north"), cursor, 2)
		must(t, "reading changes", err)
		for _, c := range changes {
			got = append(got, fmt.Sprint(c.AssessmentID, " ", c.PersonID, " ", c.What, " ", c.ReviewState))
		}
		if len(changes) == 0 {
			same(t, "the cursor at the end", next, cursor)
			break
		}
		cursor = next
	}
	same(t, "changes", got, []string{
		ids[0] + " p1 created pending", ids[1] + " p1 created done", ids[2] + " p1 created pending", ids[1] + " p1 reviewed done",
	})
	_, _, err = s.ChangedSince(ctx, tarozi.InAgency("north"), "-1", 2)
	wantCode(t, "a cursor of one's own making", err, tarozi.Malformed)
}
