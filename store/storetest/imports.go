package storetest

import (
	"strings"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
)

func testIdentities(t *testing.T, s Store) {
	ctx, m, south := t.Context(), NewMaker("north", "n"), NewMaker("south", "s")
	m.AddAgency(t, s)
	south.AddAgency(t, s)
	known(t, s, m, "p1")
	got, err := s.Identity(ctx, tarozi.InAgency("north"), "p1")
	must(t, "reading none", err)
	if got != nil {
		t.Errorf("identity %+v before any was stored", got)
	}

	batch := []tarozi.Identity{{PersonID: "p1", Name: "Oʻtkir Gʻulomov", Contact: "+998"}, {PersonID: "p2", Name: "Нина Ёлкина"}}
	entries := len(Entries(t, s))
	tally, err := s.PutIdentities(ctx, m.Write("identities.imported", "b1"), batch, true)
	must(t, "a dry run", err)
	same(t, "tally of the dry run", counted(t, tally), scoring.Tally{New: 2})
	_, err = s.Identity(ctx, tarozi.InAgency("north"), "p2")
	wantCode(t, "a person of the dry run", err, tarozi.NotFound)
	same(t, "audit entries after the dry run", len(Entries(t, s)), entries)

	tally, err = s.PutIdentities(ctx, m.Write("identities.imported", "b1"), batch, false)
	must(t, "storing", err)
	same(t, "tally", tally, scoring.Tally{New: 2})
	batch[0].Contact = "+999"
	batch = append(batch, tarozi.Identity{PersonID: "p3", Name: "Third"})
	tally, err = s.PutIdentities(ctx, m.Write("identities.imported", "b2"), batch, false)
	must(t, "storing again", err)
	same(t, "tally of the second", tally, scoring.Tally{New: 1, Changed: 1, Same: 1})
	got, err = s.Identity(ctx, tarozi.InAgency("north"), "p1")
	must(t, "reading", err)
	same(t, "identity", got, &batch[0])
	same(t, "audit entries", len(Entries(t, s)), entries+2)

	_, err = s.Identity(ctx, tarozi.InAgency("south"), "p1")
	wantCode(t, "reading another agency's", err, tarozi.NotFound)
	_, err = s.PutIdentities(ctx, south.Write("identities.imported", "b3"),
		[]tarozi.Identity{{PersonID: "s1", Name: "Own"}, {PersonID: "p1", Name: "Theirs"}}, false)
	wantCode(t, "storing another agency's", err, tarozi.NotFound)
	if known, ok := err.(*tarozi.Error); !ok || len(known.Fields) != 1 || known.Fields[0].Pointer != "/1/person_id" {
		t.Errorf("error %v does not say that the second record is at fault", err)
	}
	_, err = s.Identity(ctx, tarozi.InAgency("south"), "s1")
	wantCode(t, "the good record of a refused batch", err, tarozi.NotFound)
}

func testProtected(t *testing.T, s Store) {
	ctx, m := t.Context(), NewMaker("north", "n")
	m.AddAgency(t, s)
	batch := []tarozi.ProtectedAttributes{
		{PersonID: "p1", Attributes: map[string]string{"sex": "female", "race": "a"}},
		{PersonID: "p2", Attributes: map[string]string{"sex": "male"}},
	}
	for _, step := range []struct {
		name   string
		dryRun bool
		change func()
		want   scoring.Tally
	}{
		{"dry run", true, func() {}, scoring.Tally{New: 2}},
		{"first", false, func() {}, scoring.Tally{New: 2}},
		{"again", false, func() {}, scoring.Tally{Same: 2}},
		{"a part is the same", false, func() { batch[0].Attributes = map[string]string{"race": "a"} }, scoring.Tally{Same: 2}},
		{"one more attribute", false, func() { batch[1].Attributes["language"] = "uz" }, scoring.Tally{Changed: 1, Same: 1}},
		{"another value, dry", true, func() { batch[1].Attributes["sex"] = "female" }, scoring.Tally{Changed: 1, Same: 1}},
		{"another value", false, func() {}, scoring.Tally{Changed: 1, Same: 1}},
		{"what had not been given stayed", false, func() { batch[0].Attributes = map[string]string{"sex": "female"} }, scoring.Tally{Same: 2}},
	} {
		step.change()
		tally, err := s.PutProtected(ctx, m.Write("protected.imported", "b"), batch, step.dryRun)
		must(t, step.name, err)
		same(t, step.name, counted(t, tally), step.want)
	}
}

// counted is a tally without its rows, which add up to it where there are any.
func counted(t *testing.T, tally scoring.Tally) scoring.Tally {
	t.Helper()
	rows := tally.Rows
	tally.Rows = nil
	var sum scoring.Tally
	for i, row := range rows {
		sum.Add(row, false)
		if row.Row != i || (row.Effect == scoring.EffectCorrected) != (len(row.Changes) > 0) || (row.Effect == scoring.EffectRefused) != (len(row.Errors) > 0) {
			t.Errorf("row %d of a dry run: %+v", i, row)
		}
	}
	if rows != nil {
		same(t, "rows of a dry run", sum, tally)
	}
	return tally
}

func testOutcomes(t *testing.T, s Store) {
	ctx, m := t.Context(), NewMaker("north", "n")
	m.AddAgency(t, s)
	day := tarozi.Date{Year: 2025, Month: time.January, Day: 10}
	batch := []tarozi.Outcome{
		{PersonID: "p1", Kind: tarozi.Recidivism, FollowedFrom: day, FollowedUntil: day.AddMonths(6), ReceivedAt: Start},
		{PersonID: "p1", Kind: tarozi.ViolationOf, FollowedFrom: day, FollowedUntil: day.AddMonths(6)},
		{PersonID: "p2", Kind: tarozi.Recidivism, FollowedFrom: day, FollowedUntil: day.AddMonths(6), Observed: true, ObservedOn: day.AddDays(9)},
	}
	for _, step := range []struct {
		name   string
		dryRun bool
		change func()
		want   scoring.Tally
	}{
		{"dry run", true, func() {}, scoring.Tally{New: 3}},
		{"first", false, func() {}, scoring.Tally{New: 3}},
		{"received again", false, func() { batch[0].ReceivedAt = Start.Add(time.Hour) }, scoring.Tally{Same: 3}},
		{"followed on", false, func() { batch[0].FollowedUntil = day.AddMonths(12) }, scoring.Tally{Changed: 1, Same: 2}},
		{"another spell, dry", true, func() { batch[1].FollowedFrom = day.AddDays(1) }, scoring.Tally{New: 1, Same: 2}},
		{"another spell", false, func() { batch[1].FollowedFrom = day.AddDays(1) }, scoring.Tally{New: 1, Same: 2}},
	} {
		step.change()
		tally, err := s.PutOutcomes(ctx, m.Write("outcomes.imported", "b"), batch, step.dryRun)
		must(t, step.name, err)
		same(t, step.name, counted(t, tally), step.want)
	}

	south := NewMaker("south", "s")
	south.AddAgency(t, s)
	moved := []tarozi.Outcome{batch[2], {PersonID: "p9", Kind: tarozi.Recidivism, FollowedFrom: day, FollowedUntil: day.AddMonths(6)}}
	tally, err := s.PutOutcomes(ctx, south.Write("outcomes.imported", "d"), moved, true)
	must(t, "a dry run about another agency's person", err)
	same(t, "a dry run about another agency's person", counted(t, tally), scoring.Tally{New: 1, Refused: 1})
	same(t, "its refused row", tally.Rows[0].Errors[0].Pointer, "/person_id")
	moved[0].ObservedOn, moved[0].FollowedUntil = day.AddDays(10), day.AddMonths(7)
	tally, err = s.PutOutcomes(ctx, m.Write("outcomes.imported", "d"), moved[:1], true)
	must(t, "a dry run of a correction", err)
	same(t, "what a correction changes", tally.Rows[0].Changes, []string{"observed_on", "followed_until"})

	later := tarozi.Outcome{PersonID: "p3", Kind: tarozi.Recidivism, FollowedFrom: day, FollowedUntil: day.AddMonths(6)}
	for _, step := range []struct {
		name    string
		request string
		dryRun  bool
		want    scoring.Tally
		refused tarozi.Code
	}{
		{"a dry run leaves the key free", "other", true, scoring.Tally{New: 1}, ""},
		{"the first under a key", "request", false, scoring.Tally{New: 1}, ""},
		{"repeated under its key", "request", false, scoring.Tally{Same: 1}, ""},
		{"another under the key", "other", false, scoring.Tally{}, tarozi.Conflict},
	} {
		tally, err := s.PutOutcomes(ctx, Once(m.Write("outcomes.imported", "k"), "key", step.request), []tarozi.Outcome{later}, step.dryRun)
		wantCode(t, step.name, err, step.refused)
		same(t, step.name, counted(t, tally), step.want)
	}
}

func testSessions(t *testing.T, s Store) {
	ctx, now := t.Context(), Start
	sessions := s.Sessions(func() time.Time { return now })
	must(t, "storing", sessions.CommitCtx(ctx, "t1", []byte(`{"account":"a1","id":"s1","values":"b25l"}`), now.Add(time.Hour)))
	must(t, "storing anew", sessions.Commit("t1", []byte(`{"account":"a1","id":"s1","begun":1,"agent":"Browser","values":"dHdv"}`), now.Add(2*time.Hour)))
	data, found, err := sessions.FindCtx(ctx, "t1")
	must(t, "finding", err)
	if !found || !strings.Contains(string(data), "dHdv") {
		t.Errorf("found %q, %v", data, found)
	}
	must(t, "storing another", sessions.CommitCtx(ctx, "t2", []byte(`{}`), now.Add(time.Hour)))
	must(t, "ending it", sessions.Delete("t2"))
	must(t, "ending it again", sessions.DeleteCtx(ctx, "t2"))
	for _, token := range []string{"t2", "never"} {
		if _, found, err := sessions.Find(token); found || err != nil {
			t.Errorf("session %s: found %v, %v", token, found, err)
		}
	}
	must(t, "a request under way when it was ended", sessions.CommitCtx(ctx, "t2", []byte(`{}`), now.Add(time.Hour)))
	if _, found, _ := sessions.Find("t2"); found {
		t.Error("a session that was ended came back")
	}
	now = now.Add(2 * time.Hour)
	if _, found, err := sessions.Find("t1"); found || err != nil {
		t.Errorf("an expired session: found %v, %v", found, err)
	}
	must(t, "storing a later one", sessions.Commit("t3", []byte(`{}`), now.Add(time.Hour)))
	now = now.Add(-2 * time.Hour)
	if _, found, _ := sessions.Find("t1"); found {
		t.Error("an expired session was kept when another was stored")
	}
}

func testCounts(t *testing.T, s Store) {
	ctx, m := t.Context(), NewMaker("north", "n")
	m.AddAgency(t, s)
	known(t, s, m, "p1", "p2")
	save(t, s, m, m.Record("p1", 10))
	id := save(t, s, m, m.Record("p2", 10))
	must(t, "reviewing", m.AddReview(ctx, s, m.Review(id)))
	must(t, "adding an account", s.CreateAccount(ctx, m.Write("account.created", "a1"),
		tarozi.Account{ID: "a1", AgencyID: "north", Login: "a", Role: tarozi.Officer, Created: Start}, ""))
	_, err := s.PutProtected(ctx, m.Write("protected.imported", "b"),
		[]tarozi.ProtectedAttributes{{PersonID: "p3", Attributes: map[string]string{"sex": "male", "race": "b"}}}, false)
	must(t, "storing attributes", err)
	must(t, "probing", s.Ping(ctx))

	got, err := s.Counts(ctx)
	must(t, "counting", err)
	same(t, "counts", got, store.Counts{Agencies: 1, Accounts: 1, People: 3, Histories: 2, Events: 4, Assessments: 2, Reviews: 1,
		Protected: 1, AuditQueue: 8})
}
