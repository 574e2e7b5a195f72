package scoring

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tarozi/tarozi"
)

// StoredDispute is a dispute with the versions of the event that it has made: the disputed one, and the decided one. A dispute of a
// stated fact, which has no versions, changes the fact's status instead.
type StoredDispute struct {
	tarozi.Dispute
	Versions []tarozi.Event
}

// DisputeStep is a dispute as it is to be stored, with what it makes of the person's history.
type DisputeStep struct {
	Dispute  StoredDispute
	History  *tarozi.CaseHistory
	Affected []string // assessments that rest on the record
	What     string   // the line in the list of changes, of each of them
	Audit    AuditEntry
}

// Keep gives a history that somebody sends the disputes that are known: a register that does not know of a dispute must not make
// the record count again by sending it once more. A later version of the event is the register's own word, and holds. The history
// that came is left as it is; where nothing is to be added it is given back.
func Keep(h *tarozi.CaseHistory, disputes []StoredDispute) *tarozi.CaseHistory {
	kept := h
	change := func() *tarozi.CaseHistory {
		if kept == h {
			own := *h
			own.Events, own.Facts = slices.Clone(h.Events), slices.Clone(h.Facts)
			kept = &own
		}
		return kept
	}
	for i := range disputes {
		d := &disputes[i]
		if d.Fact != nil {
			if at := factLike(kept, d.Fact); at >= 0 && kept.Facts[at].Status != d.Status() {
				change().Facts[at].Status = d.Status()
			}
			continue
		}
		for _, version := range d.Versions {
			known, there := false, false
			for j := range kept.Events {
				if e := &kept.Events[j]; e.ID == version.ID {
					known, there = true, there || e.ReceivedAt.Equal(version.ReceivedAt)
				}
			}
			if known && !there {
				change().Events = append(kept.Events, version)
			}
		}
	}
	return kept
}

// factLike is the place of the fact that says the same of the same day, whatever its status; -1 where there is none.
func factLike(h *tarozi.CaseHistory, f *tarozi.Fact) int {
	return slices.IndexFunc(h.Facts, func(o tarozi.Fact) bool {
		return o.Feature == f.Feature && o.AsOf == f.AsOf && o.Value == f.Value && o.ReceivedAt.Equal(f.ReceivedAt)
	})
}

// FactAt is the fact that a record points at; nil where it points at none.
func FactAt(h *tarozi.CaseHistory, record tarozi.Evidence) *tarozi.Fact {
	place, ok := strings.CutPrefix(string(record), "#/facts/")
	if !ok {
		return nil
	}
	i, err := strconv.Atoi(place)
	if err != nil || i < 0 || i >= len(h.Facts) {
		return nil
	}
	return &h.Facts[i]
}

// LatestVersion is the version of an event that was received last; nil where the history has no such event.
func LatestVersion(h *tarozi.CaseHistory, id string) *tarozi.Event {
	var latest *tarozi.Event
	for i := range h.Events {
		if e := &h.Events[i]; e.ID == id && (latest == nil || e.ReceivedAt.After(latest.ReceivedAt)) {
			latest = e
		}
	}
	return latest
}

// Disputes lists what is and was disputed about a person, in the order in which it was recorded.
func (s *Service) Disputes(ctx context.Context, actor tarozi.Actor, personID string) ([]tarozi.Dispute, error) {
	if err := actor.Allow(tarozi.ReadPeople); err != nil {
		return nil, err
	}
	stored, err := s.Store.Disputes(ctx, actor.Scope(tarozi.ReadPeople), personID)
	if err == nil && len(stored) == 0 { // nothing is disputed, or the person is not the actor's to ask about
		_, err = s.History(ctx, actor, personID)
	}
	list := make([]tarozi.Dispute, len(stored))
	for i := range stored {
		list[i] = stored[i].Dispute
	}
	return list, err
}

// DisputeRecord records that a verified record is doubted. The record gets a new version with the status disputed and stops counting
// against the person at once (one in the person's favour keeps counting); the assessments that rest on it are marked.
func (s *Service) DisputeRecord(ctx context.Context, actor tarozi.Actor, personID string, dispute *tarozi.Dispute, key *Idempotency) (*tarozi.Dispute, error) {
	return s.disputeStep(ctx, actor, tarozi.Object, "dispute.recorded", personID, dispute.Record, key,
		func(id string, at time.Time, h *tarozi.CaseHistory, known []StoredDispute) (*StoredDispute, error) {
			d := StoredDispute{Dispute: *dispute}
			d.ID, d.PersonID, d.RecordedBy, d.CreatedAt, d.Decision, d.Fact = id, personID, actor.AccountID, at, nil, nil
			if err := d.Validate(); err != nil {
				return nil, err
			}
			status := tarozi.Status("")
			if fact := FactAt(h, d.Record); fact != nil {
				if dispute.Fact != nil && dispute.Fact.Feature != fact.Feature {
					return nil, tarozi.Errorf(tarozi.Conflict, "the history has changed and another fact stands at %s now: read it anew", d.Record)
				}
				own := *fact
				d.Fact, status = &own, fact.Status
			} else if event := LatestVersion(h, string(d.Record)); event != nil {
				status = event.Status
				d.Versions = []tarozi.Event{versionOf(event, tarozi.Disputed, at)}
			}
			switch status {
			case tarozi.Verified:
				return &d, nil
			case "":
				return nil, tarozi.Errorf(tarozi.NotFound, "there is no such record of this person that can be disputed: give the id of an event, or the place of a stated fact")
			default:
				return nil, tarozi.Errorf(tarozi.Conflict, "this record is %s and does not count against the person: there is nothing to dispute", status)
			}
		})
}

// DecideDispute stores what somebody found out about a disputed record: it counts again, or never again. It is for another person
// than the one who recorded the dispute, and than those who decided about an assessment that rests on the record.
func (s *Service) DecideDispute(ctx context.Context, actor tarozi.Actor, personID, disputeID string, decision *tarozi.DisputeDecision, key *Idempotency) (*tarozi.Dispute, error) {
	if err := actor.Allow(tarozi.Decide); err != nil {
		return nil, err
	}
	stored, err := s.Store.Disputes(ctx, actor.Scope(tarozi.Decide), personID)
	if err != nil {
		return nil, err
	}
	byID := func(d StoredDispute) bool { return d.ID == disputeID }
	place := slices.IndexFunc(stored, byID)
	if place < 0 {
		return nil, noDispute()
	}
	decided, err := s.decidedWith(ctx, actor, personID, &stored[place])
	if err != nil {
		return nil, err
	}
	return s.disputeStep(ctx, actor, tarozi.Decide, "dispute.decided", personID, stored[place].Record, key,
		func(id string, at time.Time, h *tarozi.CaseHistory, known []StoredDispute) (*StoredDispute, error) {
			place := slices.IndexFunc(known, byID)
			switch {
			case place < 0:
				return nil, noDispute()
			case known[place].Decision != nil:
				return nil, tarozi.Errorf(tarozi.Conflict, "this dispute is decided already")
			case known[place].RecordedBy == actor.AccountID:
				return nil, tarozi.Errorf(tarozi.Forbidden, "you recorded this dispute: somebody else decides about it")
			case decided:
				return nil, tarozi.Errorf(tarozi.Forbidden, "you decided about a score that rests on this record: somebody else decides about the dispute")
			}
			d, made := known[place], *decision
			made.ID, made.DisputeID, made.DecidedBy, made.CreatedAt = id, disputeID, actor.AccountID, at
			if err := made.Validate(); err != nil {
				return nil, err
			}
			d.Decision = &made
			if event := LatestVersion(h, string(d.Record)); d.Fact == nil && event != nil && event.Status != d.Status() {
				d.Versions = append(slices.Clone(d.Versions), versionOf(event, d.Status(), at))
			}
			return &d, nil
		})
}

func noDispute() error {
	return tarozi.Errorf(tarozi.NotFound, "there is no such dispute about this person: check its id")
}

// versionOf is the next version of an event, with another status. It is received now, or right after the version before it where
// that one's clock was ahead of ours, so that it is the latest.
func versionOf(event *tarozi.Event, status tarozi.Status, now time.Time) tarozi.Event {
	next := *event
	next.Status, next.ReceivedAt = status, now
	if !now.After(event.ReceivedAt) {
		next.ReceivedAt = event.ReceivedAt.Add(time.Nanosecond)
	}
	return next
}

// disputeStep stores what build makes of the person's history and disputes, in one transaction with the new history, the marks on
// the assessments that rest on the record, and the audit entry.
func (s *Service) disputeStep(ctx context.Context, actor tarozi.Actor, action tarozi.Action, what, personID string, record tarozi.Evidence, key *Idempotency,
	build func(id string, at time.Time, h *tarozi.CaseHistory, known []StoredDispute) (*StoredDispute, error)) (*tarozi.Dispute, error) {
	if err := actor.Allow(action); err != nil {
		return nil, err
	}
	affected, err := s.restingOn(ctx, actor, personID, record)
	if err != nil {
		return nil, s.noted(ctx, actor, personID, "", err)
	}
	id, at := s.NewID(), s.Now().UTC()
	w, err := s.write(actor, actor.Scope(action), what, id)
	if err != nil {
		return nil, err
	}
	w.Idempotency = key
	stored, err := s.Store.AddDispute(ctx, w, personID, id, func(h *tarozi.CaseHistory, known []StoredDispute) (*DisputeStep, error) {
		d, err := build(id, at, h, known)
		if err != nil {
			return nil, err
		}
		document, err := tarozi.Canonical(d.Dispute)
		if err != nil {
			return nil, fmt.Errorf("writing the dispute: %w", err)
		}
		audit := w.Audit
		audit.SHA256 = commitment(audit.Salt, document)
		change := "record_disputed"
		if d.Decision != nil {
			change = "dispute_decided"
		}
		return &DisputeStep{Dispute: *d, History: Keep(h, []StoredDispute{*d}), Affected: affected, What: change, Audit: audit}, nil
	})
	if err != nil {
		return nil, s.noted(ctx, actor, personID, "", err)
	}
	return &stored.Dispute, nil
}

// mostAffected is how many of a person's latest assessments are looked through for those that rest on a record.
const mostAffected = 50

// restingOn are the ids of the person's latest assessments in which a contribution rests on the record. A stated fact is looked for
// where each assessment's own history has it.
func (s *Service) restingOn(ctx context.Context, actor tarozi.Actor, personID string, record tarozi.Evidence) ([]string, error) {
	list, err := s.Store.AssessmentsOf(ctx, actor.Scope(tarozi.ReadAssessments), personID, Page{Limit: mostAffected})
	if err != nil {
		return nil, err
	}
	var fact *tarozi.Fact
	if strings.HasPrefix(string(record), "#/") {
		h, err := s.Store.History(ctx, actor.Scope(tarozi.ReadPeople), personID)
		if err != nil {
			return nil, err
		}
		if fact = FactAt(h, record); fact == nil {
			return nil, nil // build refuses it
		}
	}
	var ids []string
	for i := range list {
		rests, err := s.restsOn(ctx, actor, &list[i], record, fact)
		if err != nil {
			return nil, err
		}
		if rests {
			ids = append(ids, list[i].ID)
		}
	}
	return ids, nil
}

func (s *Service) restsOn(ctx context.Context, actor tarozi.Actor, a *tarozi.Assessment, record tarozi.Evidence, fact *tarozi.Fact) (bool, error) {
	if fact != nil {
		h, err := s.scoredHistory(ctx, actor, a.ID)
		if err != nil {
			return false, err
		}
		at := factLike(h, fact)
		if at < 0 {
			return false, nil
		}
		record = tarozi.Evidence("#/facts/" + strconv.Itoa(at))
	}
	for i := range a.Scores {
		for j := range a.Scores[i].Contributions {
			if slices.Contains(a.Scores[i].Contributions[j].Evidence, record) {
				return true, nil
			}
		}
	}
	return false, nil
}

// scoredHistory is the history that an assessment was made of.
func (s *Service) scoredHistory(ctx context.Context, actor tarozi.Actor, id string) (*tarozi.CaseHistory, error) {
	r, err := s.Store.Assessment(ctx, actor.Scope(tarozi.ReadAssessments), id)
	if err != nil {
		return nil, s.noted(ctx, actor, "", id, err)
	}
	request := new(tarozi.Request)
	if err := tarozi.Decode(r.Input, request); err != nil {
		return nil, tarozi.Wrap(tarozi.Internal, err, "the stored request cannot be read")
	}
	return &request.History, nil
}

// ScoredHistory is the history that a stored assessment was made of, as it stood then.
func (s *Service) ScoredHistory(ctx context.Context, actor tarozi.Actor, assessmentID string) (*tarozi.CaseHistory, error) {
	if err := actor.Allow(tarozi.ReadPeople); err != nil {
		return nil, err
	}
	return s.scoredHistory(ctx, actor, assessmentID)
}

// decidedWith reports whether the actor decided about an assessment that rests on the disputed record.
func (s *Service) decidedWith(ctx context.Context, actor tarozi.Actor, personID string, d *StoredDispute) (bool, error) {
	list, err := s.Store.AssessmentsOf(ctx, actor.Scope(tarozi.ReadAssessments), personID, Page{Limit: mostAffected})
	if err != nil {
		return false, err
	}
	for i := range list {
		rests, err := s.restsOn(ctx, actor, &list[i], d.Record, d.Fact)
		if err != nil {
			return false, err
		}
		if !rests {
			continue
		}
		steps, err := s.Store.Steps(ctx, actor.Scope(tarozi.ReadAssessments), list[i].ID)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(steps, func(step Step) bool { return step.Kind == StepDecision && step.AccountID == actor.AccountID }) {
			return true, nil
		}
	}
	return false, nil
}
