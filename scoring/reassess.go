package scoring

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/tarozi/tarozi"
)

// DefaultReassessAfter is the age at which an assessment is made anew even where nothing has happened.
const DefaultReassessAfter = 180 * 24 * time.Hour

func (s *Service) reassessAfter() time.Duration {
	if s.ReassessAfter == 0 {
		return DefaultReassessAfter
	}
	return s.ReassessAfter
}

// ReassessReason says why an assessment no longer stands.
type ReassessReason string

// The reasons, most pressing first.
const (
	ReassessChallenge ReassessReason = "challenge_upheld" // the answer to an objection asks for it
	ReassessDisputed  ReassessReason = "record_disputed"  // what was counted is disputed, and does not count until it is decided
	ReassessWithdrawn ReassessReason = "record_withdrawn" // what was counted is no longer established
	ReassessNewRecord ReassessReason = "new_record"       // something was established that was not known
	ReassessExpired   ReassessReason = "expired"          // it was not reviewed in time
	ReassessOld       ReassessReason = "old"              // it is older than DefaultReassessAfter, or what the service is set to
)

// ReassessReasons lists every ReassessReason, most pressing first.
var ReassessReasons = []ReassessReason{ReassessChallenge, ReassessDisputed, ReassessWithdrawn, ReassessNewRecord, ReassessExpired, ReassessOld}

// Latest is a person's latest assessment by one model with what came after it.
type Latest struct {
	PersonID     string
	AssessmentID string
	Model        tarozi.ModelRef
	AsOf         tarozi.Date
	CreatedAt    time.Time
	State        tarozi.ReviewState // as stored
	// Events are all versions of each event of which a version was received after the assessment.
	Events  []tarozi.Event
	Answers []tarozi.ChallengeAnswer // to objections to the assessment
	// Disputes of facts that were stated about the person; those of events are versions of events.
	Disputes []tarozi.Dispute
}

// Reassess is one reason to assess a person anew.
type Reassess struct {
	Reason  ReassessReason    `json:"reason"`
	Since   time.Time         `json:"since"`   // when the reason arose; of several records, the first
	Records []tarozi.Evidence `json:"records"` // ids of the events behind it
}

// Due is a person who should be assessed anew by a model.
type Due struct {
	PersonID     string          `json:"person_id"`
	AssessmentID string          `json:"assessment_id"`
	Model        tarozi.ModelRef `json:"model"`
	AsOf         tarozi.Date     `json:"as_of"`
	Reasons      []Reassess      `json:"reasons"` // most pressing first, each once
}

// Due lists the people of the actor's agency who should be assessed anew, once for each model: by the most pressing reason, and
// among those of one reason the longest waiting first. What a model said that is no longer in use counts where nothing newer is
// known of the person.
func (s *Service) Due(ctx context.Context, actor tarozi.Actor) ([]Due, error) {
	if err := actor.Allow(tarozi.ReadAssessments); err != nil {
		return nil, err
	}
	due, err := s.dueBy(ctx, actor, "")
	if err != nil {
		return nil, err
	}
	slices.SortFunc(due, func(a, b Due) int {
		return cmp.Or(
			cmp.Compare(slices.Index(ReassessReasons, a.Reasons[0].Reason), slices.Index(ReassessReasons, b.Reasons[0].Reason)),
			a.Reasons[0].Since.Compare(b.Reasons[0].Since), cmp.Compare(a.PersonID, b.PersonID), cmp.Compare(a.Model.ID, b.Model.ID))
	})
	return due, nil
}

// DueOf says why a person should be assessed anew, for each model the newest assessment first; empty where what was said stands, or
// there is none.
func (s *Service) DueOf(ctx context.Context, actor tarozi.Actor, personID string) ([]Due, error) {
	if err := actor.Allow(tarozi.ReadAssessments); err != nil {
		return nil, err
	}
	return s.dueBy(ctx, actor, personID)
}

// dueBy looks at the latest assessments by each model in use, and at the newest of a person by whatever model; of all people where
// none is named.
func (s *Service) dueBy(ctx context.Context, actor tarozi.Actor, personID string) ([]Due, error) {
	latest, err := s.Store.Latest(ctx, actor.Scope(tarozi.ReadAssessments), personID)
	if err != nil {
		return nil, err
	}
	serving, err := s.Serving(ctx, actor.AgencyID)
	if err != nil {
		return nil, err
	}
	due := []Due{}
	for i := range latest {
		l := &latest[i]
		newest := i == 0 || latest[i-1].PersonID != l.PersonID
		if _, err := serving.choose(l.Model.ID); err != nil && !newest {
			continue
		}
		if d := s.dueOf(l); len(d.Reasons) > 0 {
			due = append(due, d)
		}
	}
	return due, nil
}

func (s *Service) dueOf(l *Latest) Due {
	due := Due{PersonID: l.PersonID, AssessmentID: l.AssessmentID, Model: l.Model, AsOf: l.AsOf}
	for _, answer := range l.Answers {
		if answer.Consequence == tarozi.ConsequenceReassess {
			due.add(ReassessChallenge, answer.CreatedAt, "")
		}
	}
	due.changed(l)
	due.disputed(l)
	if s.StateOf(l.State, l.CreatedAt) == tarozi.ReviewExpired {
		due.add(ReassessExpired, l.CreatedAt.Add(s.reviewPeriod()), "")
	}
	if old := l.CreatedAt.Add(s.reassessAfter()); !s.Now().Before(old) {
		due.add(ReassessOld, old, "")
	}
	slices.SortFunc(due.Reasons, func(a, b Reassess) int {
		return cmp.Compare(slices.Index(ReassessReasons, a.Reason), slices.Index(ReassessReasons, b.Reason))
	})
	return due
}

// changed compares, for each event, the version that the assessment could know with the latest one.
func (d *Due) changed(l *Latest) {
	type versions struct{ known, now *tarozi.Event }
	events, order := map[string]*versions{}, []string{}
	for i := range l.Events {
		e := &l.Events[i]
		v := events[e.ID]
		if v == nil {
			v = new(versions)
			events[e.ID], order = v, append(order, e.ID)
		}
		if v.now == nil || e.ReceivedAt.After(v.now.ReceivedAt) {
			v.now = e
		}
		if !e.ReceivedAt.After(l.CreatedAt) && (v.known == nil || e.ReceivedAt.After(v.known.ReceivedAt)) {
			v.known = e
		}
	}
	for _, id := range order {
		v := events[id]
		before, after := v.known != nil && weighs(v.known), weighs(v.now)
		switch {
		case after && !before:
			d.add(ReassessNewRecord, v.now.ReceivedAt, tarozi.Evidence(id))
		case before && v.now.Status == tarozi.Disputed:
			d.add(ReassessDisputed, v.now.ReceivedAt, tarozi.Evidence(id))
		case before && !after:
			d.add(ReassessWithdrawn, v.now.ReceivedAt, tarozi.Evidence(id))
		}
	}
}

// disputed compares, for each disputed fact, whether it counted when the assessment was made with whether it does now.
func (d *Due) disputed(l *Latest) {
	for i := range l.Disputes {
		of := &l.Disputes[i]
		then := *of
		if of.Decision != nil && of.Decision.CreatedAt.After(l.CreatedAt) {
			then.Decision = nil
		}
		counted := of.CreatedAt.After(l.CreatedAt) || then.Status() == tarozi.Verified
		switch {
		case counted && of.Decision == nil:
			d.add(ReassessDisputed, of.CreatedAt, of.Record)
		case counted && of.Status() == tarozi.Unfounded:
			d.add(ReassessWithdrawn, of.Decision.CreatedAt, of.Record)
		case !counted && of.Status() == tarozi.Verified:
			d.add(ReassessNewRecord, of.Decision.CreatedAt, of.Record)
		}
	}
}

// weighs reports whether an event alone is a reason to look again: it is established, and is not the routine of supervision
// (an appointment kept, a session attended, a clean test), which an assessment by age takes in.
func weighs(e *tarozi.Event) bool {
	if !e.Established() {
		return false
	}
	switch e.Type {
	case tarozi.EventContact, tarozi.EventProgramSession:
		return e.Attendance == tarozi.MissedUnexcused
	case tarozi.EventDrugTest:
		return e.Result == tarozi.TestPositive
	default:
		return true
	}
}

// add adds a record to a reason, or a reason; the earliest moment counts.
func (d *Due) add(reason ReassessReason, since time.Time, record tarozi.Evidence) {
	at := slices.IndexFunc(d.Reasons, func(r Reassess) bool { return r.Reason == reason })
	if at < 0 {
		at = len(d.Reasons)
		d.Reasons = append(d.Reasons, Reassess{Reason: reason, Since: since, Records: []tarozi.Evidence{}})
	}
	r := &d.Reasons[at]
	if since.Before(r.Since) {
		r.Since = since
	}
	if record != "" {
		r.Records = append(r.Records, record)
	}
}
