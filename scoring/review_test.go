package scoring_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

func TestOwnViewComesFirst(t *testing.T) {
	d := newDesk(t)
	ctx, id := t.Context(), d.assess().ID
	d.wantSeen("at first", id, "system")
	_, err := d.Decide(ctx, d.officer, id, &tarozi.Review{Decision: tarozi.Agree}, nil)
	d.wants("deciding without a view", err, tarozi.Conflict)
	_, err = d.LockView(ctx, d.officer, id, &tarozi.PriorView{Band: tarozi.Low}, nil)
	d.wants("a view without a reason", err, tarozi.Malformed)
	d.wantSeen("after a refused view", id, "system")

	forged := view()
	forged.Reviewer, forged.ID, forged.LockedAt = "colleague", "mine", d.now.Add(-time.Hour)
	c, err := d.LockView(ctx, d.officer, id, forged, nil)
	must(t, err)
	if v := c.View("officer"); v == nil || v.ID == "mine" || !v.LockedAt.Equal(d.now) {
		t.Errorf("the view is stored as %+v", c.Views)
	}
	d.wantSeen("after the officer's view", id, "officer system")
	_, err = d.LockView(ctx, d.officer, id, view(), nil)
	d.wants("a second view", err, tarozi.Conflict)
	d.view(d.colleague, id)
	d.wantSeen("after the colleague's view", id, "officer colleague system")

	c, err = d.Decide(ctx, d.officer, id, &tarozi.Review{Decision: tarozi.Agree}, nil)
	must(t, err)
	band := d.read(id).Scores[0].Band
	if r := c.Last(); c.State != tarozi.ReviewDone || r.Band != band || r.ScoreBand != band || r.PriorView == nil || r.PriorView.Band != tarozi.Low {
		t.Errorf("the review is %+v", c)
	}
	d.wantSeen("after the decision", id, "officer colleague supervisor system blind")
	_, err = d.Decide(ctx, d.colleague, id, &tarozi.Review{Decision: tarozi.Agree}, nil)
	d.wants("a second decision", err, tarozi.Conflict)
	_, err = d.LockView(ctx, d.supervisor, id, view(), nil)
	d.wants("a view of what is done", err, tarozi.Conflict)
}

func TestUrgentCases(t *testing.T) {
	d := newDesk(t)
	ctx, id := t.Context(), d.assess().ID
	urgent := &tarozi.Bypass{Reason: "The court decides within the hour."}
	_, err := d.Skip(ctx, d.officer, id, urgent, nil)
	d.wants("where the agency does not allow it", err, tarozi.Forbidden)
	d.agency(tarozi.Agency{ID: "north", Name: "North", UrgentWithoutView: true})
	_, err = d.Skip(ctx, d.officer, id, &tarozi.Bypass{}, nil)
	d.wants("without a reason", err, tarozi.Malformed)
	c, err := d.Skip(ctx, d.officer, id, urgent, nil)
	must(t, err)
	if b := c.Bypass("officer"); b == nil || b.Reason != urgent.Reason {
		t.Errorf("recorded: %+v", c.Bypasses)
	}
	d.wantSeen("after going without", id, "officer system")
	_, err = d.LockView(ctx, d.officer, id, view(), nil)
	d.wants("a view after the score", err, tarozi.Conflict)
	_, err = d.Skip(ctx, d.officer, id, urgent, nil)
	d.wants("going without twice", err, tarozi.Conflict)
	c, err = d.Decide(ctx, d.officer, id, &tarozi.Review{Decision: tarozi.Agree}, nil)
	must(t, err)
	if c.Last().PriorView != nil {
		t.Errorf("a view was made up: %+v", c.Last())
	}
}

func TestCountersignature(t *testing.T) {
	d := newDesk(t)
	ctx, a := t.Context(), d.assess()
	id := a.ID
	approve := &tarozi.Countersignature{Verdict: tarozi.CountersignApprove}
	d.view(d.supervisor, id)
	_, err := d.Countersign(ctx, d.second, id, approve, nil)
	d.wants("signing nothing", err, tarozi.Conflict)
	short := otherBand(a)
	short.Reason = "I know."
	_, err = d.Decide(ctx, d.supervisor, id, short, nil)
	d.wants("an override without a sentence", err, tarozi.Malformed)
	c, err := d.Decide(ctx, d.supervisor, id, otherBand(a), nil)
	must(t, err)
	first := c.Last().ID
	d.wantState("after the override", id, tarozi.ReviewAwaiting)
	d.wantSeen("while it waits", id, "supervisor system")
	waiting, err := d.Waiting(ctx, d.second)
	must(t, err)
	if len(waiting) != 1 || waiting[0].Review.ID != first || waiting[0].PersonID != "p-1" {
		t.Errorf("waiting: %+v", waiting)
	}

	_, err = d.Countersign(ctx, d.supervisor, id, approve, nil)
	d.wants("signing one's own", err, tarozi.Forbidden)
	_, err = d.Countersign(ctx, d.officer, id, approve, nil)
	d.wants("signing without the permission", err, tarozi.Forbidden)
	_, err = d.Countersign(ctx, d.second, id, &tarozi.Countersignature{Verdict: tarozi.CountersignReturn}, nil)
	d.wants("returning without a note", err, tarozi.Malformed)
	_, err = d.Countersign(ctx, d.second, id, &tarozi.Countersignature{Verdict: tarozi.CountersignApprove, ReviewID: "another"}, nil)
	d.wants("signing what was not read", err, tarozi.Conflict)
	_, err = d.Decide(ctx, d.supervisor, id, otherBand(a), nil)
	d.wants("deciding while it waits", err, tarozi.Conflict)

	c, err = d.Countersign(ctx, d.second, id, &tarozi.Countersignature{Verdict: tarozi.CountersignReturn, ReviewID: first, Note: "Please look at the new job again."}, nil)
	must(t, err)
	if c.Reviews[0].CountersignedBy != "" {
		t.Error("a returned decision counts as signed")
	}
	d.wantState("after the return", id, tarozi.ReviewPending)
	if held := d.read(id).DecidedBand; held != "" {
		t.Errorf("a returned decision holds: %q", held)
	}
	c, err = d.Decide(ctx, d.supervisor, id, otherBand(a), nil)
	must(t, err)
	if c.State != tarozi.ReviewAwaiting || len(c.Reviews) != 2 {
		t.Errorf("after deciding anew: %+v", c)
	}
	_, err = d.Countersign(ctx, d.second, id, &tarozi.Countersignature{Verdict: tarozi.CountersignApprove, ReviewID: first}, nil)
	d.wants("signing the returned one", err, tarozi.Conflict)
	c, err = d.Countersign(ctx, d.second, id, approve, nil)
	must(t, err)
	if held := d.read(id).DecidedBand; held != c.Last().Band || held == a.Scores[0].Band {
		t.Errorf("the band that holds is %q", held)
	}
	if c.State != tarozi.ReviewDone || c.Last().CountersignedBy != "second" || c.Countersignatures[1].ReviewID != c.Last().ID {
		t.Errorf("after the signature: %+v", c)
	}
	d.wantSeen("after the signature", id, "officer colleague supervisor system blind")
	if waiting, err = d.Waiting(ctx, d.second); err != nil || len(waiting) != 0 {
		t.Errorf("still waiting: %+v, %v", waiting, err)
	}
}

func TestExpiry(t *testing.T) {
	d := newDesk(t)
	ctx, a := t.Context(), d.assess()
	open, waits, done := a.ID, d.assess().ID, d.assess().ID
	for _, id := range []string{open, waits, done} {
		d.view(d.officer, id)
	}
	_, err := d.Decide(ctx, d.officer, waits, otherBand(a), nil)
	must(t, err)
	_, err = d.Decide(ctx, d.officer, done, &tarozi.Review{Decision: tarozi.Agree}, nil)
	must(t, err)
	_, cursor, err := d.ChangedSince(ctx, d.system, "", 100)
	must(t, err)

	d.now = d.now.Add(scoring.DefaultReviewPeriod - time.Nanosecond)
	d.wantState("a moment before", open, tarozi.ReviewPending)
	d.now = d.now.Add(time.Nanosecond)
	d.wantState("at the deadline", open, tarozi.ReviewExpired)
	d.wantState("waiting for a signature", waits, tarozi.ReviewExpired)
	d.wantState("done", done, tarozi.ReviewDone)
	d.wantSeen("expired", open, "officer system")
	list, err := d.AssessmentsOf(ctx, d.officer, "p-1", scoring.Page{})
	must(t, err)
	if list[2].ReviewState != tarozi.ReviewExpired {
		t.Errorf("the list says %s", list[2].ReviewState)
	}
	_, err = d.Decide(ctx, d.officer, open, &tarozi.Review{Decision: tarozi.Agree}, nil)
	d.wants("deciding too late", err, tarozi.Conflict)
	_, err = d.LockView(ctx, d.colleague, open, view(), nil)
	d.wants("a view too late", err, tarozi.Conflict)
	_, err = d.Countersign(ctx, d.supervisor, waits, &tarozi.Countersignature{Verdict: tarozi.CountersignApprove}, nil)
	d.wants("signing too late", err, tarozi.Conflict)
	if waiting, err := d.Waiting(ctx, d.supervisor); err != nil || len(waiting) != 0 {
		t.Errorf("what has expired waits: %+v, %v", waiting, err)
	}

	changes, next, err := d.ChangedSince(ctx, d.system, cursor, 100)
	must(t, err)
	var got []string
	for _, c := range changes {
		got = append(got, c.AssessmentID+" "+c.What+" "+string(c.ReviewState))
	}
	slices.Sort(got)
	if want := []string{open + " expired expired", waits + " expired expired"}; !slices.Equal(got, want) {
		t.Errorf("changes %v, want %v", got, want)
	}
	changes, _, err = d.ChangedSince(ctx, d.system, next, 100)
	must(t, err)
	if len(changes) != 0 {
		t.Errorf("noted twice: %+v", changes)
	}
	c, err := d.Challenge(ctx, d.officer, open, &tarozi.Challenge{RaisedBy: "person", Objection: "No."}, nil)
	must(t, err)
	if c.State != tarozi.ReviewExpired {
		t.Errorf("an objection made it %s", c.State)
	}
	if a, err := d.db.Assessment(ctx, tarozi.InAgency("north"), open); err != nil || a.Assessment.ReviewState != tarozi.ReviewExpired {
		t.Errorf("stored: %s, %v", a.Assessment.ReviewState, err)
	}
}

func TestReviewPeriodIsASetting(t *testing.T) {
	d := newDesk(t)
	d.ReviewPeriod = time.Hour
	id := d.assess().ID
	d.now = d.now.Add(time.Hour)
	d.wantState("after the set time", id, tarozi.ReviewExpired)
	c, err := d.Case(t.Context(), d.officer, id)
	must(t, err)
	if !c.Deadline.Equal(d.now) {
		t.Errorf("deadline %v", c.Deadline)
	}
}

func TestChallenge(t *testing.T) {
	d := newDesk(t)
	ctx, id := t.Context(), d.assess().ID
	d.view(d.officer, id)
	_, err := d.Decide(ctx, d.officer, id, &tarozi.Review{Decision: tarozi.Agree}, nil)
	must(t, err)
	_, err = d.Challenge(ctx, d.officer, id, &tarozi.Challenge{RaisedBy: "person"}, nil)
	d.wants("an objection without words", err, tarozi.Malformed)
	c, err := d.Challenge(ctx, d.system, id, &tarozi.Challenge{RaisedBy: "person", Objection: "That arrest was my brother's.", Records: []tarozi.Evidence{"e-1"}}, nil)
	must(t, err)
	objection := c.Challenges[0].ID
	answer := &tarozi.ChallengeAnswer{Result: tarozi.ChallengeUpheld, Consequence: tarozi.ConsequenceReassess, Answer: "You are right, the record is another person's."}
	_, err = d.AnswerChallenge(ctx, d.officer, id, objection, answer, nil)
	d.wants("an answer by whoever decided", err, tarozi.Forbidden)
	_, err = d.AnswerChallenge(ctx, d.system, id, objection, answer, nil)
	d.wants("an answer by a case system", err, tarozi.Forbidden)
	_, err = d.AnswerChallenge(ctx, d.colleague, id, "absent", answer, nil)
	d.wants("an answer to nothing", err, tarozi.NotFound)
	_, err = d.AnswerChallenge(ctx, d.colleague, id, objection, &tarozi.ChallengeAnswer{Result: tarozi.ChallengeUpheld}, nil)
	d.wants("an answer without words", err, tarozi.Malformed)
	d.now = d.now.Add(time.Hour)
	c, err = d.AnswerChallenge(ctx, d.colleague, id, objection, answer, nil)
	must(t, err)
	if a := c.Challenges[0].Answer; a == nil || a.AnsweredBy != "colleague" || a.Result != tarozi.ChallengeUpheld || c.State != tarozi.ReviewDone {
		t.Errorf("answered: %+v", c)
	}
	_, err = d.AnswerChallenge(ctx, d.colleague, id, objection, answer, nil)
	d.wants("a second answer", err, tarozi.Conflict)

	due, err := d.Due(ctx, d.supervisor)
	must(t, err)
	if len(due) != 1 || due[0].Reasons[0].Reason != scoring.ReassessChallenge || !due[0].Reasons[0].Since.Equal(d.now) {
		t.Errorf("to be assessed anew: %+v", due)
	}
	one, err := d.DueOf(ctx, d.officer, "p-1")
	must(t, err)
	if len(one) != 1 || len(one[0].Reasons) != 1 {
		t.Errorf("of the person: %+v", one)
	}
}

// What others think or decided stays hidden from whoever has not given an own view.
func TestCaseGivesNothingAway(t *testing.T) {
	d := newDesk(t)
	ctx, a := t.Context(), d.assess()
	d.view(d.officer, a.ID)
	_, err := d.Decide(ctx, d.officer, a.ID, otherBand(a), nil)
	must(t, err)
	_, err = d.Challenge(ctx, d.officer, a.ID, &tarozi.Challenge{RaisedBy: "person", Objection: "No."}, nil)
	must(t, err)
	for _, c := range []struct {
		who   tarozi.Actor
		views int
	}{{d.officer, 1}, {d.colleague, 0}, {d.supervisor, 1}, {d.system, 1}, {d.blind, 0}} {
		got, err := d.Case(ctx, c.who, a.ID)
		must(t, err)
		if len(got.Views) != c.views || len(got.Reviews) != c.views || len(got.Challenges) != 1 || got.State != tarozi.ReviewAwaiting {
			t.Errorf("%s sees %+v", c.who.AccountID, got)
		}
	}
}

func TestReviewPermissions(t *testing.T) {
	d := newDesk(t)
	id := d.assess().ID
	oversight := tarozi.Actor{AccountID: "committee", AgencyID: "north", Actions: tarozi.ActionsOf(tarozi.Oversight)}
	for _, c := range []struct {
		name string
		do   func(context.Context, tarozi.Actor) error
	}{
		{"own view", func(ctx context.Context, who tarozi.Actor) error {
			_, err := d.LockView(ctx, who, id, view(), nil)
			return err
		}},
		{"going without", func(ctx context.Context, who tarozi.Actor) error {
			_, err := d.Skip(ctx, who, id, &tarozi.Bypass{Reason: reason}, nil)
			return err
		}},
		{"decision", func(ctx context.Context, who tarozi.Actor) error {
			_, err := d.Decide(ctx, who, id, &tarozi.Review{Decision: tarozi.Agree}, nil)
			return err
		}},
		{"countersignature", func(ctx context.Context, who tarozi.Actor) error {
			_, err := d.Countersign(ctx, who, id, &tarozi.Countersignature{Verdict: tarozi.CountersignApprove}, nil)
			return err
		}},
		{"objection", func(ctx context.Context, who tarozi.Actor) error {
			_, err := d.Challenge(ctx, who, id, &tarozi.Challenge{RaisedBy: "person", Objection: "No."}, nil)
			return err
		}},
		{"answer", func(ctx context.Context, who tarozi.Actor) error {
			_, err := d.AnswerChallenge(ctx, who, id, "x", &tarozi.ChallengeAnswer{}, nil)
			return err
		}},
		{"reading", func(ctx context.Context, who tarozi.Actor) error { _, err := d.Case(ctx, who, id); return err }},
		{"what waits", func(ctx context.Context, who tarozi.Actor) error { _, err := d.Waiting(ctx, who); return err }},
		{"who is due", func(ctx context.Context, who tarozi.Actor) error { _, err := d.Due(ctx, who); return err }},
	} {
		d.wants(c.name+" by the committee", c.do(t.Context(), oversight), tarozi.Forbidden)
		switch err := c.do(t.Context(), d.stranger); c.name {
		case "what waits", "who is due": // lists of their own agency
			d.wants(c.name+" by another agency", err, "")
		case "going without":
			d.wants(c.name+" by another agency", err, tarozi.NotFound)
		default:
			d.wants(c.name+" by another agency", err, tarozi.NotFound)
		}
	}
}

// A view in people out of 100 falls into a band by the cuts that the score's own band was found with.
func TestBandOfAnOwnView(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	number := func(n int) *int { return &n }
	for _, c := range []struct {
		name string
		view tarozi.PriorView
		want tarozi.Band
	}{
		{"nobody", tarozi.PriorView{People: number(0)}, tarozi.Low},
		{"everybody", tarozi.PriorView{People: number(100)}, tarozi.High},
		{"a band", tarozi.PriorView{Band: tarozi.Medium}, tarozi.Medium},
		{"a band beside a number", tarozi.PriorView{Band: tarozi.Medium, People: number(100)}, tarozi.Medium},
	} {
		id := d.assess().ID
		c.view.Reasons = []tarozi.ReasonCode{"conduct"}
		_, err := d.LockView(ctx, d.officer, id, &c.view, nil)
		must(t, err)
		got, err := d.Decide(ctx, d.officer, id, &tarozi.Review{Decision: tarozi.Agree, PriorBand: "forged"}, nil)
		must(t, err)
		if band := got.Last().PriorBand; band != c.want {
			t.Errorf("%s: %s, want %s", c.name, band, c.want)
		}
	}
	a := d.assess()
	_, err := d.LockView(ctx, d.officer, a.ID, &tarozi.PriorView{People: number(int(100 * a.Scores[0].Probability)), Reasons: []tarozi.ReasonCode{"conduct"}}, nil)
	must(t, err)
	got, err := d.Decide(ctx, d.officer, a.ID, &tarozi.Review{Decision: tarozi.Agree}, nil)
	must(t, err)
	if got.Last().PriorBand != a.Scores[0].Band {
		t.Errorf("a view like the score falls into %s, the score into %s", got.Last().PriorBand, a.Scores[0].Band)
	}
}

// Every step has its audit entry, which commits to the bytes that are stored; a repeated request adds neither.
func TestStepsAreCommittedTo(t *testing.T) {
	d := newDesk(t)
	ctx, a := t.Context(), d.assess()
	key := &scoring.Idempotency{Key: "k", RequestSHA256: "r"}
	_, err := d.LockView(ctx, d.officer, a.ID, view(), key)
	must(t, err)
	again, err := d.LockView(ctx, d.officer, a.ID, view(), key)
	must(t, err)
	if len(again.Views) != 1 {
		t.Errorf("the repeated request gave %+v", again)
	}
	_, err = d.Decide(ctx, d.officer, a.ID, otherBand(a), nil)
	must(t, err)
	_, err = d.Countersign(ctx, d.supervisor, a.ID, &tarozi.Countersignature{Verdict: tarozi.CountersignApprove}, nil)
	must(t, err)
	c, err := d.Challenge(ctx, d.officer, a.ID, &tarozi.Challenge{RaisedBy: "relative", Objection: "No."}, nil)
	must(t, err)
	_, err = d.AnswerChallenge(ctx, d.colleague, a.ID, c.Challenges[0].ID,
		&tarozi.ChallengeAnswer{Result: tarozi.ChallengeRejected, Consequence: tarozi.ConsequenceNone, Answer: reason}, nil)
	must(t, err)

	steps, err := d.db.Steps(ctx, tarozi.InAgency("north"), a.ID)
	must(t, err)
	queued, err := d.db.AuditQueue(ctx, 0, 1000)
	must(t, err)
	sums := map[string]string{}
	for _, q := range queued {
		var entry scoring.AuditEntry
		must(t, json.Unmarshal(q.Entry, &entry))
		if strings.HasPrefix(entry.Action, "review.") {
			sum := entry.SHA256 + " " + hex.EncodeToString(q.Salt)
			sums[entry.Action+" "+entry.SubjectID] = sum
		}
	}
	if len(steps) != 5 || len(sums) != len(steps) {
		t.Fatalf("%d steps and %d entries instead of 5", len(steps), len(sums))
	}
	for _, s := range steps {
		sum, salt, _ := strings.Cut(sums["review."+string(s.Kind)+" "+s.ID], " ")
		raw, err := hex.DecodeString(salt)
		must(t, err)
		digest := sha256.Sum256(append(raw, s.Document...))
		if hex.EncodeToString(digest[:]) != sum {
			t.Errorf("the entry of %s %s does not commit to %s", s.Kind, s.ID, s.Document)
		}
	}
}
