package storetest

import (
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
)

// tree stores a nation with two regions, one of them with a district, an officer in each, and one person p-AGENCY in each agency.
func tree(t *testing.T, s Store) map[string]*Maker {
	t.Helper()
	makers := map[string]*Maker{}
	for _, a := range []tarozi.Agency{
		{ID: "nation", Name: "Nation"}, {ID: "north", ParentID: "nation", Name: "North"}, {ID: "south", ParentID: "nation", Name: "South"},
		{ID: "district", ParentID: "north", Name: "District"},
	} {
		m := NewMaker(a.ID, a.ID)
		makers[a.ID] = m
		must(t, "storing "+a.ID, s.PutAgency(t.Context(), m.Write("agency.put", a.ID), a))
		for _, officer := range []string{"o1-", "o2-"} {
			must(t, "an officer", s.CreateAccount(t.Context(), m.Write("account.created", officer+a.ID), tarozi.Account{
				ID: officer + a.ID, AgencyID: a.ID, Login: officer + a.ID, Role: tarozi.Officer, Created: Start}, ""))
		}
		known(t, s, m, "p-"+a.ID)
	}
	return makers
}

func scope(reach tarozi.Reach, agency, account string) tarozi.Scope {
	return tarozi.Scope{Reach: reach, AgencyID: agency, AccountID: account, At: Start.Add(time.Hour)}
}

// finds is what the scope finds of the people: through their history and in a caseload, which must agree.
func finds(t *testing.T, s Store, sc tarozi.Scope) string {
	t.Helper()
	rows := caseload(t, s, "", store.CaseloadQuery{}, sc)
	listed := map[string]bool{}
	for _, row := range rows {
		listed[row.PersonID] = true
	}
	for _, id := range []string{"p-nation", "p-north", "p-south", "p-district", "p-mine"} {
		_, err := s.History(t.Context(), sc, id)
		if (err == nil) != listed[id] {
			t.Errorf("%+v: %s is listed %v and read with %v", sc, id, listed[id], err)
		}
	}
	return ids(rows)
}

func testScopes(t *testing.T, s Store) {
	ctx, makers := t.Context(), tree(t, s)
	north := makers["north"]
	known(t, s, north, "p-mine")
	must(t, "assigning", s.Assign(ctx, north.Write("people.assigned", ""), []string{"p-mine"}, "o1-north"))
	for _, row := range []struct {
		name string
		of   tarozi.Scope
		want string
	}{
		{"nobody", tarozi.Scope{}, ""},
		{"nobody of an agency", tarozi.Scope{AgencyID: "north", AccountID: "o1-north"}, ""},
		{"officer: own and nobody's", scope(tarozi.OwnCaseload, "north", "o1-north"), "p-mine p-north"},
		{"officer of the same agency: nobody's alone", scope(tarozi.OwnCaseload, "north", "o2-north"), "p-north"},
		{"agency", scope(tarozi.OwnAgency, "north", "x"), "p-mine p-north"},
		{"agency with those below", scope(tarozi.AgenciesBelow, "north", "x"), "p-district p-mine p-north"},
		{"district has nothing below", scope(tarozi.AgenciesBelow, "district", "x"), "p-district"},
		{"top of the tree", scope(tarozi.AgenciesBelow, "nation", "x"), "p-district p-mine p-nation p-north p-south"},
		{"nation, from anywhere", scope(tarozi.Nation, "south", "x"), "p-district p-mine p-nation p-north p-south"},
	} {
		same(t, row.name, finds(t, s, row.of), row.want)
	}
	_, err := s.Custody(ctx, scope(tarozi.OwnCaseload, "north", "o2-north"), "p-mine")
	wantCode(t, "a colleague's person", err, tarozi.NotFound)
	wantCode(t, "an officer of another agency", s.Assign(ctx, north.Write("people.assigned", ""), []string{"p-mine"}, "o1-south"), tarozi.Conflict)
	wantCode(t, "a person of another agency", s.Assign(ctx, north.Write("people.assigned", ""), []string{"p-mine", "p-south"}, ""), tarozi.NotFound)
	c, err := s.Custody(ctx, scope(tarozi.OwnAgency, "north", ""), "p-mine")
	must(t, "reading who is responsible", err)
	if len(c.History) != 2 || c.History[0].OfficerID != "o1-north" || !c.History[0].Until.IsZero() || !c.History[0].From.Equal(c.History[1].Until) {
		t.Errorf("responsibilities %+v", c.History)
	}
	wantCode(t, "a loop of agencies", s.PutAgency(ctx, north.Write("agency.put", "nation"),
		tarozi.Agency{ID: "nation", ParentID: "district", Name: "Nation"}), tarozi.Conflict)
	same(t, "after the loop", finds(t, s, scope(tarozi.AgenciesBelow, "district", "x")), "p-district")
	must(t, "moving a district", s.PutAgency(ctx, north.Write("agency.put", "district"), tarozi.Agency{ID: "district", ParentID: "south", Name: "District"}))
	same(t, "north without it", finds(t, s, scope(tarozi.AgenciesBelow, "north", "x")), "p-mine p-north")
	same(t, "south with it", finds(t, s, scope(tarozi.AgenciesBelow, "south", "x")), "p-district p-south")
}

// A former agency reads what it wrote and no more; the new one reads everything.
func testTransfer(t *testing.T, s Store) {
	ctx, makers := t.Context(), tree(t, s)
	north, south := makers["north"], makers["south"]
	must(t, "assigning", s.Assign(ctx, north.Write("people.assigned", ""), []string{"p-north"}, "o1-north"))
	theirs := north.Record("p-north", 10)
	save(t, s, north, theirs)
	wantCode(t, "taking a person", s.Transfer(ctx, south.Write("person.transferred", "south"), "p-north", "south"), tarozi.NotFound)
	wantCode(t, "handing over to nobody", s.Transfer(ctx, north.Write("person.transferred", "x"), "p-north", "x"), tarozi.NotFound)
	wantCode(t, "handing over to itself", s.Transfer(ctx, north.Write("person.transferred", "north"), "p-north", "north"), tarozi.Conflict)
	must(t, "handing over", s.Transfer(ctx, north.Write("person.transferred", "south"), "p-north", "south"))

	before := north.History("p-north")
	must(t, "the new agency's events", s.AddEvents(ctx, south.Write("events.added", ""), "p-north", []tarozi.Event{Event("new", Start)}))
	ours := south.Record("p-north", 10)
	save(t, s, south, ours)
	must(t, "the new agency reviews the former's", south.AddReview(ctx, s, south.Review(theirs.Assessment.ID)))
	// The state of what it wrote is for the former agency that of the day of leaving; for the new one it is today's.
	for _, row := range []struct {
		of   string
		want tarozi.ReviewState
	}{{"north", tarozi.ReviewPending}, {"south", tarozi.ReviewDone}} {
		own := scope(tarozi.OwnAgency, row.of, "x")
		r, err := s.Assessment(ctx, own, theirs.Assessment.ID)
		must(t, "reading the former agency's assessment", err)
		list, err := s.AssessmentsOf(ctx, own, "p-north", scoring.Page{})
		must(t, "listing the person's assessments", err)
		changes, _, err := s.ChangedSince(ctx, own, "", 100)
		must(t, "listing the changes", err)
		last := list[len(list)-1] // the first that was made
		same(t, row.of+": state", []tarozi.ReviewState{r.Assessment.ReviewState, last.ReviewState}, []tarozi.ReviewState{row.want, row.want})
		same(t, row.of+": band", (r.Assessment.DecidedBand == "") == (row.want == tarozi.ReviewPending), true)
		for _, c := range changes {
			if c.AssessmentID == theirs.Assessment.ID && c.ReviewState != row.want {
				t.Errorf("%s: the list of changes says %s", row.of, c.ReviewState)
			}
		}
	}
	for _, row := range []struct {
		name                string
		of                  tarozi.Scope
		events, assessments int // -1: NotFound
		steps               int // of the former agency's assessment
		own                 bool
	}{
		{"former agency", scope(tarozi.OwnAgency, "north", "x"), 2, 1, 0, false},
		{"officer who was responsible", scope(tarozi.OwnCaseload, "north", "o1-north"), 2, 1, 0, false},
		{"officer who was not", scope(tarozi.OwnCaseload, "north", "o2-north"), 2, 1, 0, false}, // was everybody's at first
		{"region above neither", scope(tarozi.OwnAgency, "nation", "x"), -1, -1, -1, false},
		{"new agency", scope(tarozi.OwnAgency, "south", "x"), 3, 2, 1, true},
		{"above both", scope(tarozi.AgenciesBelow, "nation", "x"), 3, 2, 1, true},
		{"a third", scope(tarozi.OwnAgency, "district", "x"), -1, -1, -1, false},
	} {
		h, err := s.History(ctx, row.of, "p-north")
		list, listed := s.AssessmentsOf(ctx, row.of, "p-north", scoring.Page{})
		steps, stepped := s.Steps(ctx, row.of, theirs.Assessment.ID)
		if row.events < 0 {
			wantCode(t, row.name+": history", err, tarozi.NotFound)
			wantCode(t, row.name+": assessments", listed, tarozi.NotFound)
			wantCode(t, row.name+": steps", stepped, tarozi.NotFound)
		} else {
			must(t, row.name+": history", err)
			must(t, row.name+": assessments", listed)
			must(t, row.name+": steps", stepped)
			same(t, row.name+": events", len(h.Events), row.events)
			same(t, row.name+": assessments", len(list), row.assessments)
			same(t, row.name+": steps", len(steps), row.steps)
		}
		_, err = s.Assessment(ctx, row.of, ours.Assessment.ID)
		if row.own {
			must(t, row.name+": the new agency's assessment", err)
		} else {
			wantCode(t, row.name+": the new agency's assessment", err, tarozi.NotFound)
		}
	}
	h, err := s.History(ctx, scope(tarozi.OwnAgency, "north", "x"), "p-north")
	must(t, "reading what was written", err)
	same(t, "what the former agency wrote", h, before)
	wantCode(t, "the former agency writes", s.AddEvents(ctx, north.Write("events.added", ""), "p-north", []tarozi.Event{Event("late", Start)}), tarozi.NotFound)
	same(t, "who has the person", ids(caseload(t, s, "south", store.CaseloadQuery{})), "p-north p-south")
}

// A restricted case is there for named accounts alone, and opens once a reason is given.
func testRestricted(t *testing.T, s Store) {
	ctx, makers := t.Context(), tree(t, s)
	m := makers["north"]
	r := m.Record("p-north", 10)
	save(t, s, m, r)
	named(t, s, m, map[string]string{"p-north": "Karim"})
	must(t, "restricting", s.Restrict(ctx, m.Write("person.restricted", ""), "p-north", true, []string{"o1-north"}))
	one, two := scope(tarozi.OwnCaseload, "north", "o1-north"), scope(tarozi.OwnCaseload, "north", "o2-north")
	reads := map[string]func(tarozi.Scope) error{
		"history":     func(sc tarozi.Scope) error { _, err := s.History(ctx, sc, "p-north"); return err },
		"identity":    func(sc tarozi.Scope) error { _, err := s.Identity(ctx, sc, "p-north"); return err },
		"assessment":  func(sc tarozi.Scope) error { _, err := s.Assessment(ctx, sc, r.Assessment.ID); return err },
		"assessments": func(sc tarozi.Scope) error { _, err := s.AssessmentsOf(ctx, sc, "p-north", scoring.Page{}); return err },
		"latest":      func(sc tarozi.Scope) error { _, err := s.Latest(ctx, sc, "p-north"); return err },
		"custody":     func(sc tarozi.Scope) error { _, err := s.Custody(ctx, sc, "p-north"); return err },
		"write": func(sc tarozi.Scope) error {
			w := m.Write("events.added", "")
			w.Scope = sc
			return s.AddEvents(ctx, w, "p-north", []tarozi.Event{Event("e1", Start.Add(-48*time.Hour).In(time.FixedZone("", 5*60*60)))})
		},
	}
	for name, read := range reads {
		err := read(one)
		if asked := scoring.NeedsReason(err); asked == nil || asked.PersonID != "p-north" || tarozi.CodeOf(err) != tarozi.Forbidden {
			t.Errorf("%s by the named account gives %v, want a question for the reason", name, err)
		}
		for _, other := range []tarozi.Scope{two, scope(tarozi.OwnAgency, "north", "s"), scope(tarozi.Nation, "nation", "s")} {
			wantCode(t, name+" by another", read(other), tarozi.NotFound)
		}
		must(t, name+" by the service", read(tarozi.InAgency("north")))
	}
	same(t, "caseload of another", ids(caseload(t, s, "", store.CaseloadQuery{}, two)), "")
	rows := caseload(t, s, "", store.CaseloadQuery{}, one)
	if len(rows) != 1 || !rows[0].Restricted || rows[0].Name != "" || len(rows[0].Latest.Scores) != 0 {
		t.Errorf("the named account's caseload says too much: %+v", rows)
	}

	look := func(w scoring.Write, account string, until time.Time) error {
		w.Actor.AccountID, w.Scope = account, scope(tarozi.OwnCaseload, "north", account)
		w.At = Start.Add(time.Hour)
		return s.Look(ctx, w, scoring.Look{ID: m.ID(), PersonID: "p-north", Reason: "Interview", Until: until})
	}
	wantCode(t, "a look by another", look(m.Write("restricted.looked", "l"), "o2-north", Start.Add(2*time.Hour)), tarozi.NotFound)
	must(t, "a look", look(m.Write("restricted.looked", "l"), "o1-north", Start.Add(2*time.Hour)))
	for name, read := range reads {
		must(t, name+" after the look", read(one))
		late := one
		late.At = Start.Add(2 * time.Hour)
		wantCode(t, name+" after its time", read(late), tarozi.Forbidden)
		wantCode(t, name+" by another all the same", read(two), tarozi.NotFound)
	}

	entries := len(Entries(t, s))
	w := m.Write("access.refused", "")
	must(t, "a refusal", s.NoteRefusal(ctx, w, "p-north", ""))
	must(t, "of nobody", s.NoteRefusal(ctx, m.Write("access.refused", ""), "p-absent", ""))
	must(t, "of an assessment", s.NoteRefusal(ctx, m.Write("access.refused", ""), "", r.Assessment.ID))
	same(t, "entries of refusals", len(Entries(t, s))-entries, 2)

	must(t, "lifting", s.Restrict(ctx, m.Write("person.unrestricted", ""), "p-north", false, nil))
	must(t, "reading as before", reads["history"](two))
}
