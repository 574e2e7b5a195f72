package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// addStep stores a step and fails the test where that fails.
func addStep(t testing.TB, s Store, m *Maker, assessmentID string, kind scoring.StepKind, document any, to tarozi.ReviewState, what string) scoring.Step {
	t.Helper()
	w := m.Write("review."+string(kind), m.ID())
	next := m.Next(w, assessmentID, kind, document, to, what)
	id, err := s.AddStep(t.Context(), w, assessmentID, w.Audit.SubjectID, next)
	must(t, "adding a step", err)
	same(t, "id of the step", id, w.Audit.SubjectID)
	made, _ := next(nil)
	return made.Step
}

func testSteps(t *testing.T, s Store) {
	ctx, m := t.Context(), NewMaker("north", "n")
	m.AddAgency(t, s)
	known(t, s, m, "p1")
	id, other := save(t, s, m, m.Record("p1", 10)), save(t, s, m, m.Record("p1", 10))
	got, err := s.Steps(ctx, tarozi.InAgency("north"), id)
	must(t, "reading no steps", err)
	same(t, "number of steps before any", len(got), 0)

	view := addStep(t, s, m, id, scoring.StepView, tarozi.PriorView{ID: "v", Band: tarozi.Low}, tarozi.ReviewPending, "")
	addStep(t, s, m, other, scoring.StepView, tarozi.PriorView{ID: "o", Band: tarozi.High}, tarozi.ReviewPending, "")
	decision := addStep(t, s, m, id, scoring.StepDecision, m.Review(id), tarozi.ReviewAwaiting, "reviewed")

	want := []scoring.Step{view, decision}
	got, err = s.Steps(ctx, tarozi.InAgency("north"), id)
	must(t, "reading steps", err)
	same(t, "steps", got, want)
	// The next step is made of those before it, as they are in the same transaction.
	w := m.Write("review.countersignature", m.ID())
	var seen []scoring.Step
	_, err = s.AddStep(ctx, w, id, w.Audit.SubjectID, func(earlier []scoring.Step) (*scoring.NewStep, error) {
		seen = earlier
		next, err := m.Next(w, id, scoring.StepCountersignature, tarozi.Countersignature{ID: "c"}, tarozi.ReviewDone, "countersigned")(earlier)
		next.Band = tarozi.High
		return next, err
	})
	must(t, "adding the last step", err)
	same(t, "what the last step was made of", seen, want)

	record, err := s.Assessment(ctx, tarozi.InAgency("north"), id)
	must(t, "reading the assessment", err)
	same(t, "state", record.Assessment.ReviewState, tarozi.ReviewDone)
	same(t, "band that holds", record.Assessment.DecidedBand, tarozi.High)
	list, err := s.AssessmentsOf(ctx, tarozi.InAgency("north"), "p1", scoring.Page{})
	must(t, "listing", err)
	same(t, "bands of the list", []tarozi.Band{list[0].DecidedBand, list[1].DecidedBand}, []tarozi.Band{"", tarozi.High})
	same(t, "states of the list", []tarozi.ReviewState{list[0].ReviewState, list[1].ReviewState}, []tarozi.ReviewState{tarozi.ReviewPending, tarozi.ReviewDone})

	changes, _, err := s.ChangedSince(ctx, tarozi.InAgency("north"), "", 10)
	must(t, "reading the changes", err)
	var whats []string
	for _, c := range changes {
		whats = append(whats, c.AssessmentID+" "+c.What+" "+string(c.DecidedBand))
	}
	same(t, "changes", whats, []string{id + " created high", other + " created ", id + " reviewed high", id + " countersigned high"})
	entries := Entries(t, s)
	last := entries[len(entries)-1]
	if last.Action != "review.countersignature" || last.SubjectID != w.Audit.SubjectID {
		t.Errorf("the last audit entry is %+v", last)
	}
}

func testStepsRefused(t *testing.T, s Store) {
	ctx, m, south := t.Context(), NewMaker("north", "n"), NewMaker("south", "s")
	m.AddAgency(t, s)
	south.AddAgency(t, s)
	known(t, s, m, "p1")
	id := save(t, s, m, m.Record("p1", 10))
	entries := len(Entries(t, s))

	w := south.Write("review.decision", "w")
	_, err := s.AddStep(ctx, w, id, "w", south.Next(w, id, scoring.StepDecision, south.Review(id), tarozi.ReviewDone, "reviewed"))
	wantCode(t, "a step by another agency", err, tarozi.NotFound)
	_, err = s.Steps(ctx, tarozi.InAgency("south"), id)
	wantCode(t, "reading another agency's steps", err, tarozi.NotFound)
	_, err = s.Steps(ctx, tarozi.InAgency("north"), "absent")
	wantCode(t, "steps of nothing", err, tarozi.NotFound)
	w = m.Write("review.decision", "w")
	_, err = s.AddStep(ctx, w, "absent", "w", m.Next(w, "absent", scoring.StepDecision, m.Review("absent"), tarozi.ReviewDone, "reviewed"))
	wantCode(t, "a step about nothing", err, tarozi.NotFound)

	refused := errors.New("not now")
	_, err = s.AddStep(ctx, Once(w, "k", "r"), id, "w", func([]scoring.Step) (*scoring.NewStep, error) {
		return nil, tarozi.Wrap(tarozi.Conflict, refused, "no")
	})
	wantCode(t, "a step that may not be taken", err, tarozi.Conflict)
	if !errors.Is(err, refused) {
		t.Errorf("error %v instead of the one that was given", err)
	}
	same(t, "audit entries after the refusals", len(Entries(t, s)), entries)

	// The key of a refused step is free; a step repeated under its key gives the first, and next is not asked.
	next := m.Next(w, id, scoring.StepView, tarozi.PriorView{ID: "w"}, tarozi.ReviewPending, "")
	first, err := s.AddStep(ctx, Once(w, "k", "r"), id, "w", next)
	must(t, "the key of a refused step", err)
	again := m.Write("review.decision", "w2")
	second, err := s.AddStep(ctx, Once(again, "k", "r"), id, "w2", func([]scoring.Step) (*scoring.NewStep, error) {
		t.Error("a repeated step is asked for")
		return nil, refused
	})
	must(t, "a repeated step", err)
	same(t, "id of the repeated step", second, first)
	_, err = s.AddStep(ctx, Once(again, "k", "other"), id, "w2", next)
	wantCode(t, "another step under the key", err, tarozi.Conflict)

	// Of many steps that each want to be the first, one is.
	var all sync.WaitGroup
	results := make([]error, 8)
	target := save(t, s, m, m.Record("p1", 10))
	for i := range results {
		own := NewMaker("north", fmt.Sprint("w", i))
		all.Go(func() {
			w := own.Write("review.decision", own.ID())
			_, results[i] = s.AddStep(ctx, w, target, w.Audit.SubjectID, func(earlier []scoring.Step) (*scoring.NewStep, error) {
				if len(earlier) > 0 {
					return nil, tarozi.Errorf(tarozi.Conflict, "not the first")
				}
				return own.Next(w, target, scoring.StepDecision, own.Review(target), tarozi.ReviewDone, "reviewed")(earlier)
			})
		})
	}
	all.Wait()
	stored := 0
	for _, err := range results {
		switch tarozi.CodeOf(err) {
		case "":
			stored++
		case tarozi.Conflict:
		default:
			t.Errorf("a step at the same time: %v", err)
		}
	}
	same(t, "first steps", stored, 1)
}

func testOpened(t *testing.T, s Store) {
	ctx, m := t.Context(), NewMaker("north", "n")
	m.AddAgency(t, s)
	known(t, s, m, "p1")
	viewed, skipped, decided := save(t, s, m, m.Record("p1", 10)), save(t, s, m, m.Record("p1", 10)), save(t, s, m, m.Record("p1", 10))
	signed := save(t, s, m, m.Record("p1", 10))
	addStep(t, s, m, signed, scoring.StepCountersignature, tarozi.Countersignature{}, tarozi.ReviewDone, "countersigned")
	addStep(t, s, m, viewed, scoring.StepView, tarozi.PriorView{}, tarozi.ReviewPending, "")
	addStep(t, s, m, skipped, scoring.StepBypass, tarozi.Bypass{}, tarozi.ReviewPending, "")
	addStep(t, s, m, decided, scoring.StepDecision, m.Review(decided), tarozi.ReviewDone, "reviewed")
	many := []string{viewed, skipped, decided, signed, "absent"}
	for i := range 1200 {
		many = append(many, fmt.Sprint("other-", i))
	}
	for _, row := range []struct {
		name, agency, account string
		ask, want             []string
	}{
		{"their own", "north", "account-of-north", many, []string{viewed, skipped, signed}},
		{"what is not asked for", "north", "account-of-north", []string{viewed, decided}, []string{viewed}},
		{"another account", "north", "somebody", many, nil},
		{"another agency", "south", "account-of-north", many, nil},
		{"nothing", "north", "account-of-north", nil, nil},
	} {
		got, err := s.OpenedBy(ctx, tarozi.Scope{Reach: tarozi.OwnAgency, AgencyID: row.agency, AccountID: row.account}, row.ask)
		must(t, row.name, err)
		same(t, row.name, len(got), len(row.want))
		for _, id := range row.want {
			found := false
			for _, g := range got {
				found = found || g == id
			}
			if !found {
				t.Errorf("%s: %v lacks %s", row.name, got, id)
			}
		}
	}
}

func testOpenReviews(t *testing.T, s Store) {
	ctx, m := t.Context(), NewMaker("north", "n")
	m.AddAgency(t, s)
	NewMaker("south", "s").AddAgency(t, s)
	known(t, s, m, "p1", "p2")
	made := func(person string, at time.Time) string {
		r := m.Record(person, 10)
		r.Assessment.CreatedAt = at
		return save(t, s, m, r)
	}
	late, early := made("p1", Start.Add(time.Hour)), made("p2", Start)
	waiting, done := made("p1", Start.Add(30*time.Minute)), made("p1", Start)
	expired, after := made("p1", Start), made("p1", Start.Add(2*time.Hour))
	up := m.Review(waiting)
	up.Decision, up.Band = tarozi.OverrideUp, tarozi.High
	addStep(t, s, m, late, scoring.StepDecision, m.Review(late), tarozi.ReviewAwaiting, "reviewed") // decided first
	addStep(t, s, m, late, scoring.StepCountersignature, tarozi.Countersignature{}, tarozi.ReviewPending, "returned")
	addStep(t, s, m, waiting, scoring.StepDecision, up, tarozi.ReviewAwaiting, "reviewed")
	again := m.Review(late)
	addStep(t, s, m, late, scoring.StepDecision, again, tarozi.ReviewAwaiting, "reviewed")
	addStep(t, s, m, done, scoring.StepDecision, m.Review(done), tarozi.ReviewDone, "reviewed")
	addStep(t, s, m, expired, scoring.StepExpiry, scoring.Expiry{}, tarozi.ReviewExpired, "expired")

	got, err := s.OpenSince(ctx, tarozi.InAgency("north"), Start.Add(time.Hour), 10)
	must(t, "listing open reviews", err)
	same(t, "open reviews", got, []string{early, waiting, late})
	got, err = s.OpenSince(ctx, tarozi.InAgency("north"), Start.Add(time.Hour), 1)
	must(t, "listing one", err)
	same(t, "the oldest", got, []string{early})
	got, err = s.OpenSince(ctx, tarozi.InAgency("south"), Start.Add(9*time.Hour), 10)
	must(t, "listing another agency's", err)
	same(t, "another agency's", len(got), 0)
	_ = after

	decisions, err := s.WaitingDecisions(ctx, tarozi.InAgency("north"), Start)
	must(t, "listing what waits", err)
	asOf := tarozi.Date{Year: 2026, Month: time.November, Day: 24}
	same(t, "what waits", decisions, []scoring.WaitingDecision{
		{PersonID: "p1", AsOf: asOf, CreatedAt: Start.Add(30 * time.Minute), Review: *up},
		{PersonID: "p1", AsOf: asOf, CreatedAt: Start.Add(time.Hour), Review: *again},
	})
	decisions, err = s.WaitingDecisions(ctx, tarozi.InAgency("north"), Start.Add(30*time.Minute))
	must(t, "listing what waits of later ones", err)
	same(t, "later ones", len(decisions), 1)
}

func testUnanswered(t *testing.T, s Store) {
	ctx, m, south := t.Context(), NewMaker("north", "n"), NewMaker("south", "s")
	m.AddAgency(t, s)
	south.AddAgency(t, s)
	known(t, s, m, "p1", "p2")
	known(t, s, south, "theirs")
	due := tarozi.Date{Year: 2026, Month: time.December, Day: 9}
	object := func(m *Maker, person string) scoring.Step {
		assessment := save(t, s, m, m.Record(person, 10))
		return addStep(t, s, m, assessment, scoring.StepChallenge, tarozi.Challenge{Objection: "No.", CreatedAt: Start, AnswerDue: due}, tarozi.ReviewPending, "challenged")
	}
	answered, waits := object(m, "p1"), object(m, "p2")
	object(south, "theirs")
	addStep(t, s, m, answered.AssessmentID, scoring.StepAnswer, tarozi.ChallengeAnswer{ChallengeID: answered.ID, CreatedAt: Start}, tarozi.ReviewPending, "challenge_answered")
	list, err := s.Unanswered(ctx, tarozi.InAgency("north"))
	must(t, "listing objections without an answer", err)
	same(t, "objections without an answer", len(list), 1)
	same(t, "the objection", []string{list[0].PersonID, list[0].AssessmentID, list[0].Challenge.AnswerDue.String()}, []string{"p2", waits.AssessmentID, due.String()})
}

func testLatest(t *testing.T, s Store) {
	ctx, m, south := t.Context(), NewMaker("north", "n"), NewMaker("south", "s")
	m.AddAgency(t, s)
	south.AddAgency(t, s)
	known(t, s, m, "changed", "never", "quiet")
	known(t, s, south, "theirs")
	models := map[string]tarozi.ModelRef{}
	made := func(m *Maker, person, by string, at time.Time) string {
		r := m.Record(person, 10)
		r.Assessment.CreatedAt, r.Assessment.Model.ID = at, by
		models[r.Assessment.ID] = r.Assessment.Model
		return save(t, s, m, r)
	}
	made(m, "changed", "first", Start.Add(-time.Hour))
	changed, quiet := made(m, "changed", "first", Start), made(m, "quiet", "first", Start)
	older := made(m, "changed", "second", Start.Add(-time.Minute))
	made(south, "theirs", "first", Start)

	again := Event("e1", Start.Add(-48*time.Hour))
	again.ReceivedAt, again.Status = Start.Add(time.Hour), tarozi.Unfounded
	fresh := Event("e3", Start.Add(time.Hour))
	must(t, "adding events", s.AddEvents(ctx, m.Write("events.added", "w"), "changed", []tarozi.Event{again, Event("early", Start.Add(-3*time.Hour)), fresh}))
	addStep(t, s, m, quiet, scoring.StepChallenge, tarozi.Challenge{ID: "c"}, tarozi.ReviewPending, "challenged")
	answer := tarozi.ChallengeAnswer{ID: "a", ChallengeID: "c", Consequence: tarozi.ConsequenceReassess, CreatedAt: Start}
	addStep(t, s, m, quiet, scoring.StepAnswer, answer, tarozi.ReviewDone, "challenge_answered")

	asOf := tarozi.Date{Year: 2026, Month: time.November, Day: 24}
	want := []scoring.Latest{
		{PersonID: "changed", AssessmentID: changed, Model: models[changed], AsOf: asOf, CreatedAt: Start, State: tarozi.ReviewPending,
			Events: []tarozi.Event{m.History("changed").Events[0], again, fresh}},
		{PersonID: "changed", AssessmentID: older, Model: models[older], AsOf: asOf, CreatedAt: Start.Add(-time.Minute), State: tarozi.ReviewPending,
			Events: []tarozi.Event{m.History("changed").Events[0], again, fresh}},
		{PersonID: "quiet", AssessmentID: quiet, Model: models[quiet], AsOf: asOf, CreatedAt: Start, State: tarozi.ReviewDone, Answers: []tarozi.ChallengeAnswer{answer}},
	}
	got, err := s.Latest(ctx, tarozi.InAgency("north"), "")
	must(t, "listing the latest", err)
	same(t, "latest", got, want)
	got, err = s.Latest(ctx, tarozi.InAgency("north"), "changed")
	must(t, "of one", err)
	same(t, "latest of one", got, want[:2])
	got, err = s.Latest(ctx, tarozi.InAgency("north"), "never")
	must(t, "of somebody never assessed", err)
	same(t, "latest of somebody never assessed", len(got), 0)
	_, err = s.Latest(ctx, tarozi.InAgency("north"), "theirs")
	wantCode(t, "of another agency's person", err, tarozi.NotFound)
}

func testJudged(t *testing.T, s Store) {
	ctx, m, south := t.Context(), NewMaker("north", "n"), NewMaker("south", "s")
	m.AddAgency(t, s)
	south.AddAgency(t, s)
	known(t, s, m, "p1", "p2")
	known(t, s, south, "theirs")
	first, open, again := save(t, s, m, m.Record("p1", 10)), save(t, s, m, m.Record("p1", 10)), save(t, s, m, m.Record("p2", 10))
	theirs := save(t, s, south, south.Record("theirs", 10))
	must(t, "reviewing theirs", south.AddReview(ctx, s, south.Review(theirs)))
	addStep(t, s, m, again, scoring.StepDecision, m.Review(again), tarozi.ReviewAwaiting, "reviewed")
	addStep(t, s, m, again, scoring.StepCountersignature, tarozi.Countersignature{}, tarozi.ReviewPending, "returned")
	addStep(t, s, m, open, scoring.StepDecision, m.Review(open), tarozi.ReviewAwaiting, "reviewed")
	one, last := m.Review(first), m.Review(again)
	must(t, "reviewing", m.AddReview(ctx, s, one))
	must(t, "reviewing anew", m.AddReview(ctx, s, last))
	addStep(t, s, m, first, scoring.StepChallenge, tarozi.Challenge{}, tarozi.ReviewDone, "challenged")
	day := tarozi.Date{Year: 2025, Month: time.January, Day: 10}
	outcome := tarozi.Outcome{PersonID: "p1", Kind: tarozi.Recidivism, FollowedFrom: day, FollowedUntil: day.AddMonths(6)}
	_, err := s.PutOutcomes(ctx, m.Write("outcomes.imported", "o"), []tarozi.Outcome{outcome}, false)
	must(t, "storing an outcome", err)
	_, err = s.PutProtected(ctx, m.Write("protected.imported", "b"), []tarozi.ProtectedAttributes{{PersonID: "p2", Attributes: map[string]string{"sex": "male"}}}, false)
	must(t, "storing an attribute", err)

	horizon, asOf := 12, tarozi.Date{Year: 2026, Month: time.November, Day: 24}
	score := scoring.ScoreSummary{Outcome: tarozi.Recidivism, HorizonMonths: &horizon, Probability: 0.3125, Band: tarozi.Medium}
	got, err := s.JudgedReviews(ctx, tarozi.InAgency("north"))
	must(t, "listing judged reviews", err)
	same(t, "judged reviews", got, []scoring.JudgedReview{
		{PersonID: "p1", AgencyID: "north", AsOf: asOf, ModelSHA256: m.Record("p1", 10).Assessment.Model.SHA256, Score: score, Review: *one, Outcomes: []tarozi.Outcome{outcome}},
		{PersonID: "p2", AgencyID: "north", AsOf: asOf, ModelSHA256: m.Record("p2", 10).Assessment.Model.SHA256, Score: score, Review: *last, Attributes: map[string]string{"sex": "male"}},
	})
	got, err = s.JudgedReviews(ctx, tarozi.InAgency("nowhere"))
	must(t, "listing nobody's", err)
	same(t, "nobody's", len(got), 0)
}
