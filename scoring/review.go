package scoring

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tarozi/tarozi"
)

// DefaultReviewPeriod is how long a score waits for its review before it expires.
const DefaultReviewPeriod = 14 * 24 * time.Hour

func (s *Service) reviewPeriod() time.Duration {
	if s.ReviewPeriod == 0 {
		return DefaultReviewPeriod
	}
	return s.ReviewPeriod
}

// StateOf is a stored review state as of now: what is open past its time has expired, whether it is noted already or not.
func (s *Service) StateOf(stored tarozi.ReviewState, createdAt time.Time) tarozi.ReviewState {
	if stored.Open() && !s.Now().Before(createdAt.Add(s.reviewPeriod())) {
		return tarozi.ReviewExpired
	}
	return stored
}

// LockView stores the actor's own view of an assessment, before the score is shown to them. It is given once: a second one is
// a Conflict, and so is one by somebody who has gone without.
func (s *Service) LockView(ctx context.Context, actor tarozi.Actor, assessmentID string, view *tarozi.PriorView, key *Idempotency) (*tarozi.ReviewCase, error) {
	informed, err := s.informed(ctx, actor, assessmentID)
	if err != nil {
		return nil, err
	}
	return s.step(ctx, actor, tarozi.Decide, StepView, assessmentID, key, func(now stepMoment, c *tarozi.ReviewCase) (any, error) {
		switch {
		case !c.State.Open():
			return nil, over(c.State)
		case c.View(actor.AccountID) != nil:
			return nil, tarozi.Errorf(tarozi.Conflict, "your own view of this assessment is locked already and cannot be changed: go on to the score")
		case opened(c, actor.AccountID):
			return nil, tarozi.Errorf(tarozi.Conflict, "you have seen this score already: an own view must come before it")
		}
		v := *view
		v.ID, v.Reviewer, v.LockedAt, v.Informed = now.id, actor.AccountID, now.at, informed
		return &v, v.Validate()
	})
}

// informed reports whether the actor may see another score of the assessment's person: one of the same history, or one that is no
// older than a review may take.
func (s *Service) informed(ctx context.Context, actor tarozi.Actor, assessmentID string) (bool, error) {
	a, err := s.Assessment(ctx, actor, assessmentID)
	if err != nil {
		return false, err
	}
	list, err := s.AssessmentsOf(ctx, actor, a.PersonID, Page{Limit: mostEarlier})
	if err != nil {
		return false, err
	}
	states := map[string]tarozi.ReviewState{}
	for i := range list {
		recent := s.Now().Sub(list[i].CreatedAt) < s.reviewPeriod()
		if list[i].ID != a.ID && (recent || list[i].InputSHA256 == a.InputSHA256) {
			states[list[i].ID] = list[i].ReviewState
		}
	}
	shown, err := s.Shown(ctx, actor, states)
	if err != nil {
		return false, err
	}
	return slices.Contains(slices.Collect(maps.Values(shown)), true), nil
}

// Skip records that the actor goes without an own view because the case is urgent, where the agency allows it.
func (s *Service) Skip(ctx context.Context, actor tarozi.Actor, assessmentID string, bypass *tarozi.Bypass, key *Idempotency) (*tarozi.ReviewCase, error) {
	agency, err := s.Store.Agency(ctx, actor.AgencyID)
	if err != nil {
		return nil, err
	}
	return s.step(ctx, actor, tarozi.Decide, StepBypass, assessmentID, key, func(now stepMoment, c *tarozi.ReviewCase) (any, error) {
		switch {
		case !agency.UrgentWithoutView:
			return nil, tarozi.Errorf(tarozi.Forbidden, "your agency has not switched the order off for urgent cases: give your own view first")
		case !c.State.Open():
			return nil, over(c.State)
		case opened(c, actor.AccountID):
			return nil, tarozi.Errorf(tarozi.Conflict, "the score is open to you already: go on to it")
		}
		b := *bypass
		b.ID, b.By, b.At = now.id, actor.AccountID, now.at
		return &b, b.Validate()
	})
}

// Decide stores a decision by somebody who has locked an own view, or has gone without on record. A decision that changes the
// band waits for a second person; any other ends the review. To agree, the band may be left out.
func (s *Service) Decide(ctx context.Context, actor tarozi.Actor, assessmentID string, decision *tarozi.Review, key *Idempotency) (*tarozi.ReviewCase, error) {
	return s.step(ctx, actor, tarozi.Decide, StepDecision, assessmentID, key, func(now stepMoment, c *tarozi.ReviewCase) (any, error) {
		switch {
		case !c.State.Open():
			return nil, over(c.State)
		case c.View(actor.AccountID) == nil && c.Bypass(actor.AccountID) == nil:
			return nil, tarozi.Errorf(tarozi.Conflict, "lock your own view first: the score and the decision come after it")
		case c.State == tarozi.ReviewAwaiting:
			return nil, tarozi.Errorf(tarozi.Conflict, "a decision about this assessment waits for its countersignature already")
		case len(now.record.Assessment.Scores) == 0:
			return nil, tarozi.Errorf(tarozi.Conflict, "this assessment has no score to decide about: make a new one")
		}
		r := *decision
		r.ID, r.AssessmentID, r.Reviewer, r.CreatedAt, r.CountersignedBy = now.id, assessmentID, actor.AccountID, now.at, ""
		r.PriorView, r.ScoreBand = c.View(actor.AccountID), now.record.Assessment.Scores[0].Band
		var err error
		if r.PriorBand, err = s.bandOfView(ctx, now.record, r.PriorView); err != nil {
			return nil, err
		}
		if r.Band == "" && r.Decision == tarozi.Agree {
			r.Band = r.ScoreBand
		}
		return &r, r.Validate()
	})
}

// Countersign approves or returns the decision that waits. It is for another person than the one who decided. A ReviewID that is
// given must be that decision's, so that nobody signs what they have not read.
func (s *Service) Countersign(ctx context.Context, actor tarozi.Actor, assessmentID string, signature *tarozi.Countersignature, key *Idempotency) (*tarozi.ReviewCase, error) {
	return s.step(ctx, actor, tarozi.CountersignOther, StepCountersignature, assessmentID, key, func(now stepMoment, c *tarozi.ReviewCase) (any, error) {
		switch {
		case !c.State.Open():
			return nil, over(c.State)
		case c.State != tarozi.ReviewAwaiting:
			return nil, tarozi.Errorf(tarozi.Conflict, "no decision about this assessment waits for a countersignature")
		case c.Last().Reviewer == actor.AccountID:
			return nil, tarozi.Errorf(tarozi.Forbidden, "your own decision is countersigned by another person: ask a colleague who may")
		case signature.ReviewID != "" && signature.ReviewID != c.Last().ID:
			return nil, tarozi.Errorf(tarozi.Conflict, "another decision waits now than the one you read: read it first")
		}
		cs := *signature
		cs.ID, cs.ReviewID, cs.By, cs.CreatedAt = now.id, c.Last().ID, actor.AccountID, now.at
		return &cs, cs.Validate()
	})
}

// Challenge records an objection by the person scored, or on their behalf. It is taken in any state.
func (s *Service) Challenge(ctx context.Context, actor tarozi.Actor, assessmentID string, challenge *tarozi.Challenge, key *Idempotency) (*tarozi.ReviewCase, error) {
	return s.step(ctx, actor, tarozi.Object, StepChallenge, assessmentID, key, func(now stepMoment, _ *tarozi.ReviewCase) (any, error) {
		agency, err := s.Store.Agency(ctx, now.record.Assessment.AgencyID)
		if err != nil {
			return nil, fmt.Errorf("reading when the answer is due: %w", err)
		}
		c := *challenge
		c.ID, c.RecordedBy, c.CreatedAt, c.Answer = now.id, actor.AccountID, now.at, nil
		c.AnswerDue = agency.AnswerBy(tarozi.DateOf(now.at.In(s.Zone)))
		return &c, c.Validate()
	})
}

// Unanswered lists the objections that wait for an answer, about the people whom the actor decides about, the most pressing first.
func (s *Service) Unanswered(ctx context.Context, actor tarozi.Actor) ([]Unanswered, error) {
	if err := actor.Allow(tarozi.Decide); err != nil {
		return nil, err
	}
	list, err := s.Store.Unanswered(ctx, actor.Scope(tarozi.Decide))
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b Unanswered) int { return a.Challenge.AnswerDue.Compare(b.Challenge.AnswerDue) })
	return list, nil
}

// AnswerChallenge stores the answer to an objection, once. It is for another person than those who decided.
func (s *Service) AnswerChallenge(ctx context.Context, actor tarozi.Actor, assessmentID, challengeID string, answer *tarozi.ChallengeAnswer, key *Idempotency) (*tarozi.ReviewCase, error) {
	return s.step(ctx, actor, tarozi.Decide, StepAnswer, assessmentID, key, func(now stepMoment, c *tarozi.ReviewCase) (any, error) {
		challenge := c.Challenge(challengeID)
		switch {
		case challenge == nil:
			return nil, tarozi.Errorf(tarozi.NotFound, "there is no such objection to this assessment: check its id")
		case challenge.Answer != nil:
			return nil, tarozi.Errorf(tarozi.Conflict, "this objection is answered already")
		}
		for _, r := range c.Reviews {
			if r.Reviewer == actor.AccountID {
				return nil, tarozi.Errorf(tarozi.Forbidden, "you decided about this assessment: somebody else answers an objection to it")
			}
		}
		a := *answer
		a.ID, a.ChallengeID, a.AnsweredBy, a.CreatedAt = now.id, challengeID, actor.AccountID, now.at
		return &a, a.Validate()
	})
}

// bandOfView is the band of an own view: as it was given, else that of its number of people by the cuts that the score's band was
// found with. It is empty without a view, and where the bundle is no longer installed.
func (s *Service) bandOfView(ctx context.Context, r *Record, v *tarozi.PriorView) (tarozi.Band, error) {
	switch {
	case v == nil:
		return "", nil
	case v.Band != "" || v.People == nil:
		return v.Band, nil
	}
	m, err := s.bundle(ctx, r.Assessment.Model.SHA256)
	if tarozi.CodeOf(err) == tarozi.NotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	in := new(Inputs)
	if err := tarozi.Decode(r.Inputs, in); err != nil {
		return "", tarozi.Wrap(tarozi.Internal, err, "the stored inputs cannot be read")
	}
	plans, _ := plan(m, in)
	if len(plans) == 0 {
		return "", nil
	}
	return plans[0].card.BandOf(plans[0].nominal(float64(*v.People) / 100)), nil
}

func over(state tarozi.ReviewState) error {
	if state == tarozi.ReviewExpired {
		return tarozi.Errorf(tarozi.Conflict, "this assessment was not reviewed in time and has expired: make a new one")
	}
	return tarozi.Errorf(tarozi.Conflict, "the review of this assessment is done: a new assessment can be decided anew")
}

// Waiting lists the decisions of the actor's agency that wait for a countersignature, longest waiting first. Those that the
// actor may not sign, being their own, are among them.
func (s *Service) Waiting(ctx context.Context, actor tarozi.Actor) ([]WaitingDecision, error) {
	if err := actor.Allow(tarozi.CountersignOther); err != nil {
		return nil, err
	}
	return s.Store.WaitingDecisions(ctx, actor.Scope(tarozi.CountersignOther), s.Now().Add(-s.reviewPeriod()))
}

// Case is everything that people did about an assessment. To somebody who may not see the score it shows no more than the state,
// the deadline, the objections, and that person's own steps.
func (s *Service) Case(ctx context.Context, actor tarozi.Actor, assessmentID string) (*tarozi.ReviewCase, error) {
	a, err := s.Assessment(ctx, actor, assessmentID)
	if err != nil {
		return nil, err
	}
	return s.caseFor(ctx, actor, a)
}

func (s *Service) caseFor(ctx context.Context, actor tarozi.Actor, a *tarozi.Assessment) (*tarozi.ReviewCase, error) {
	steps, err := s.Store.Steps(ctx, actor.Scope(tarozi.ReadAssessments), a.ID)
	if err != nil {
		return nil, err
	}
	c, err := s.caseOf(a, steps)
	if err != nil {
		return nil, err
	}
	if shows(actor, c.State, opened(c, actor.AccountID)) {
		return c, nil
	}
	// Other people's views and decisions would give the score away, and colour a view that is still to be given.
	c.Views, c.Bypasses, c.Reviews, c.Countersignatures = []tarozi.PriorView{}, []tarozi.Bypass{}, []tarozi.Review{}, []tarozi.Countersignature{}
	return c, nil
}

// caseOf is the review of a as of now.
func (s *Service) caseOf(a *tarozi.Assessment, steps []Step) (*tarozi.ReviewCase, error) {
	c, err := fold(a.ID, steps)
	if err != nil {
		return nil, err
	}
	c.Deadline = a.CreatedAt.Add(s.reviewPeriod())
	c.State = s.StateOf(c.State, a.CreatedAt)
	return c, nil
}

// stepMoment is what a step that is being taken knows beside the review.
type stepMoment struct {
	id     string
	at     time.Time
	record *Record
}

// step takes a step and gives the review as it stands after it, as far as the actor may see it. build is asked within the
// writing transaction, maybe more than once, for the document that the step stores, or why the step may not be taken. A request
// repeated under its idempotency key changes nothing.
func (s *Service) step(ctx context.Context, actor tarozi.Actor, action tarozi.Action, kind StepKind, assessmentID string, key *Idempotency,
	build func(stepMoment, *tarozi.ReviewCase) (any, error)) (*tarozi.ReviewCase, error) {
	if err := actor.Allow(action); err != nil {
		return nil, err
	}
	record, err := s.Store.Assessment(ctx, actor.Scope(action), assessmentID)
	if err != nil {
		return nil, s.noted(ctx, actor, "", assessmentID, err)
	}
	if err := s.take(ctx, actor, actor.Scope(action), kind, record, key, build); err != nil {
		return nil, err
	}
	return s.caseFor(ctx, actor, &record.Assessment)
}

func (s *Service) take(ctx context.Context, actor tarozi.Actor, scope tarozi.Scope, kind StepKind, record *Record, key *Idempotency,
	build func(stepMoment, *tarozi.ReviewCase) (any, error)) error {
	a, now := &record.Assessment, stepMoment{id: s.NewID(), at: s.Now().UTC(), record: record}
	w, err := s.write(actor, scope, "review."+string(kind), now.id)
	if err != nil {
		return err
	}
	w.Idempotency = key
	_, err = s.Store.AddStep(ctx, w, a.ID, now.id, func(earlier []Step) (*NewStep, error) {
		c, err := s.caseOf(a, earlier)
		if err != nil {
			return nil, err
		}
		document, err := build(now, c)
		if err != nil {
			return nil, err
		}
		text, err := tarozi.Canonical(document)
		if err != nil {
			return nil, err
		}
		taken := Step{ID: now.id, AssessmentID: a.ID, Kind: kind, AccountID: actor.AccountID, At: now.at, Document: text}
		after, err := fold(a.ID, append(earlier, taken))
		if err != nil {
			return nil, err
		}
		audit := w.Audit
		audit.SHA256 = commitment(audit.Salt, text)
		next := &NewStep{Step: taken, State: after.State, What: changeOf(kind, after), Audit: audit}
		if after.State == tarozi.ReviewDone {
			next.Band = after.Last().Band
		}
		return next, nil
	})
	return err
}

// changeOf is what the list of changes says of a step; an own view is nobody else's business.
func changeOf(kind StepKind, after *tarozi.ReviewCase) string {
	switch kind {
	case StepDecision:
		return "reviewed"
	case StepCountersignature:
		if after.State == tarozi.ReviewPending {
			return "returned"
		}
		return "countersigned"
	case StepExpiry:
		return "expired"
	case StepChallenge:
		return "challenged"
	case StepAnswer:
		return "challenge_answered"
	default:
		return ""
	}
}

// noteExpired stores that reviews were not done in time, so that case systems that follow the changes learn of it.
func (s *Service) noteExpired(ctx context.Context, scope tarozi.Scope) error {
	before := s.Now().Add(-s.reviewPeriod())
	const most = 200 // at a time; the next call goes on
	due, err := s.Store.OpenSince(ctx, scope, before, most)
	if err != nil {
		return err
	}
	// The clock runs for everybody, whoever asks: also for those who have been handed over since.
	everywhere := tarozi.Scope{Reach: tarozi.Nation, Restricted: true}
	for _, id := range due {
		record, err := s.Store.Assessment(ctx, everywhere, id)
		if err != nil {
			return err
		}
		clock := tarozi.Actor{AccountID: "service", AgencyID: record.Assessment.AgencyID}
		err = s.take(ctx, clock, everywhere, StepExpiry, record, nil, func(now stepMoment, c *tarozi.ReviewCase) (any, error) {
			if c.State != tarozi.ReviewExpired {
				return nil, over(c.State)
			}
			return &Expiry{ID: now.id, Deadline: c.Deadline.UTC(), NotedAt: now.at}, nil
		})
		// Somebody else may have noted it meanwhile.
		if err != nil && tarozi.CodeOf(err) != tarozi.Conflict {
			return err
		}
	}
	return nil
}
