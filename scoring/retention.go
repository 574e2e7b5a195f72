package scoring

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tarozi/tarozi"
)

// Kind is a kind of records that a rule of retention speaks of.
type Kind string

// The kinds. Everything is the whole file of a person, and the person's key with it.
const (
	KindIdentity    Kind = "identity"    // name and contact
	KindProtected   Kind = "protected"   // attributes for audit
	KindOutcomes    Kind = "outcomes"    // what happened later
	KindAssessments Kind = "assessments" // with everything that people did about them
	Everything      Kind = "everything"
)

// Kinds lists every Kind.
var Kinds = []Kind{KindIdentity, KindProtected, KindOutcomes, KindAssessments, Everything}

// Rules say how many months after the end of a person's last sentence or supervision records are kept, by kind. A kind without a rule
// goes with everything.
type Rules map[Kind]int

// DefaultRules are those of a service that has no others. They are the service's, not the law's: docs/data-protection.md.
func DefaultRules() Rules {
	return Rules{KindIdentity: 36, KindProtected: 36, KindAssessments: 60, Everything: 72}
}

// Validate checks rules: known kinds, and nothing that is kept longer than everything.
func (r Rules) Validate() error {
	for kind, months := range r {
		if !slices.Contains(Kinds, kind) {
			return fmt.Errorf("there is no kind of records %q: the kinds are %v", kind, Kinds)
		}
		if months < 1 {
			return fmt.Errorf("%s: give at least one month", kind)
		}
		if all, known := r[Everything]; known && months > all {
			return fmt.Errorf("%s would be kept for %d months, and everything for %d: everything holds it too", kind, months, all)
		}
	}
	return nil
}

// Lifecycle is what decides about the retention of a person's records.
type Lifecycle struct {
	PersonID, AgencyID string
	History            *tarozi.CaseHistory // without events; nil where there is none
	Held               bool                // a legal hold is on the person
	Closed             bool                // a restricted case that does not name the scope's account
	Stored             []Kind              // kinds of which something is stored, without Everything
}

// Ended is the day on which the last sentence or supervision ended. It is not known, and ok is false, where one of them still runs or
// has no known end: nothing is erased on a guess.
func (l *Lifecycle) Ended(today tarozi.Date) (day tarozi.Date, ok bool) {
	if l.History == nil {
		return tarozi.Date{}, false
	}
	for _, s := range l.History.Sentences {
		end := s.ReleasedOn
		if end.IsZero() && s.Type != tarozi.SentenceCustody && len(l.History.Supervision) > 0 {
			continue // it is served under supervision, whose days are known
		}
		if end.IsZero() {
			return tarozi.Date{}, false
		}
		if end.After(day) {
			day = end
		}
	}
	for _, s := range l.History.Supervision {
		if s.To.IsZero() {
			return tarozi.Date{}, false
		}
		if s.To.After(day) {
			day = s.To
		}
	}
	return day, !day.IsZero() && day.Before(today)
}

// Overdue is what the rules would erase of a person.
type Overdue struct {
	PersonID, AgencyID string
	Ended              tarozi.Date
	Kinds              []Kind
	Held               bool // it would go, but for a legal hold
	Closed             bool // a restricted case that does not name who asks: for counting, its number is not shown to them
}

// RetentionRun is a run of the rules that somebody asked for after they had seen what would go. It names no person: it is kept when they
// are gone.
type RetentionRun struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
	Rules  Rules  `json:"rules"`
	Due    int    `json:"due"`  // people of whom something goes
	Held   int    `json:"held"` // people kept by a legal hold
}

// overdue applies the rules to a person.
func (r Rules) overdue(l *Lifecycle, today tarozi.Date) (d Overdue, ok bool) {
	ended, known := l.Ended(today)
	if !known {
		return Overdue{}, false
	}
	d = Overdue{PersonID: l.PersonID, AgencyID: l.AgencyID, Ended: ended, Held: l.Held, Closed: l.Closed}
	over := func(kind Kind) bool {
		months, ruled := r[kind]
		return ruled && !ended.AddMonths(months).After(today)
	}
	if over(Everything) {
		d.Kinds = []Kind{Everything}
		return d, true
	}
	for _, kind := range l.Stored {
		if over(kind) {
			d.Kinds = append(d.Kinds, kind)
		}
	}
	return d, len(d.Kinds) > 0
}

// Hold is a legal hold.
type Hold struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
	SetBy  string `json:"set_by"`
}

// Keeper ends the keeping of records, and says who has looked at them. Its methods work as those of Store.
type Keeper interface {
	Lifecycles(ctx context.Context, scope tarozi.Scope, after string, limit int) ([]Lifecycle, error)
	Erase(ctx context.Context, w Write, personID string, kinds []Kind) error
	Hold(ctx context.Context, w Write, personID string, h *Hold) error
	LiftHolds(ctx context.Context, w Write, personID string) (lifted int, err error)
	Looked(ctx context.Context, w Write, personID string) error
	Note(ctx context.Context, w Write) error
	BeginRetention(ctx context.Context, w Write, id string, document []byte) error
	Lookers(ctx context.Context, scope tarozi.Scope, personID string) ([]Trace, error)
	OutcomesOf(ctx context.Context, scope tarozi.Scope, personID string) ([]tarozi.Outcome, error)
	ProtectedKept(ctx context.Context, scope tarozi.Scope, personID string) ([]string, error)
	Identity(ctx context.Context, scope tarozi.Scope, personID string) (*tarozi.Identity, error)
}

// Retention lists what the rules would erase today, by person.
func (s *Service) Retention(ctx context.Context, actor tarozi.Actor, rules Rules) ([]Overdue, error) {
	if err := actor.Allow(tarozi.ApplyRetention); err != nil {
		return nil, err
	}
	if err := rules.Validate(); err != nil {
		return nil, err
	}
	const page = 500
	today := tarozi.DateOf(s.Now().In(s.Zone))
	var all []Overdue
	for after := ""; ; {
		list, err := s.Registry.Lifecycles(ctx, actor.Scope(tarozi.ApplyRetention), after, page)
		if err != nil {
			return nil, err
		}
		for i := range list {
			if d, ok := rules.overdue(&list[i], today); ok {
				all = append(all, d)
			}
		}
		if len(list) < page {
			return all, nil
		}
		after = list[len(list)-1].PersonID
	}
}

// RetentionRules are the service's rules of retention.
func (s *Service) RetentionRules() Rules {
	if s.Rules == nil {
		return DefaultRules()
	}
	return s.Rules
}

// DueDigest stands for a list of what is due: it is another where the list is.
func DueDigest(due []Overdue) string {
	digest := sha256.New()
	for _, d := range due {
		fmt.Fprintf(digest, "%q %q %s %q %v\n", d.AgencyID, d.PersonID, d.Ended, d.Kinds, d.Held)
	}
	return hex.EncodeToString(digest.Sum(nil))
}

// ApplyRetention erases what the service's rules say today, where it is what the actor was shown (DueDigest); otherwise it is a Conflict and
// nothing is erased. The run and its reason are stored and logged before the first person's records go; each person is a transaction with
// its own entry, so that a run that is broken off can be run again.
func (s *Service) ApplyRetention(ctx context.Context, actor tarozi.Actor, shown, reason string) (erased int, err error) {
	if err := actor.Allow(tarozi.ApplyRetention); err != nil {
		return 0, err
	}
	reason = strings.TrimSpace(reason)
	if n := len([]rune(reason)); n < shortestReason || n > longestReason {
		return 0, &tarozi.Error{Code: tarozi.Malformed, Message: "the reason cannot be taken", Fields: []tarozi.FieldError{{Pointer: "/reason",
			Code: "bad_length", Message: "say in a sentence, of 10 to 500 characters, why the rules are applied now"}}}
	}
	due, err := s.Retention(ctx, actor, s.RetentionRules())
	if err != nil {
		return 0, err
	}
	if DueDigest(due) != shown {
		return 0, tarozi.Errorf(tarozi.Conflict, "what is due has changed since it was shown: look at the list again")
	}
	run := RetentionRun{ID: s.NewID(), Reason: reason, Rules: s.RetentionRules()}
	for _, d := range due {
		if d.Held {
			run.Held++
		} else {
			run.Due++
		}
	}
	document, err := tarozi.Canonical(run)
	if err != nil {
		return 0, fmt.Errorf("writing the run of retention: %w", err)
	}
	w, err := s.Prepare(actor, tarozi.ApplyRetention, "retention.run", run.ID, document)
	if err != nil {
		return 0, err
	}
	if err := s.Registry.BeginRetention(ctx, w, run.ID, document); err != nil {
		return 0, err
	}
	for _, d := range due {
		if d.Held {
			continue
		}
		err := s.EraseKinds(ctx, actor, d.PersonID, d.Kinds)
		// Somebody may have put a hold on the person, or erased them, since the list was made.
		if code := tarozi.CodeOf(err); code == tarozi.Conflict || code == tarozi.NotFound {
			continue
		}
		if err != nil {
			return erased, err
		}
		erased++
	}
	return erased, nil
}

// EraseKinds erases what the rules say of a person.
func (s *Service) EraseKinds(ctx context.Context, actor tarozi.Actor, personID string, kinds []Kind) error {
	return s.erase(ctx, actor, tarozi.ApplyRetention, "retention.applied", personID, kinds)
}

// Erase destroys everything of a person. One of whom nothing is stored, or nothing any more, is NotFound.
func (s *Service) Erase(ctx context.Context, actor tarozi.Actor, personID string) error {
	return s.erase(ctx, actor, tarozi.ErasePeople, "person.erased", personID, []Kind{Everything})
}

func (s *Service) erase(ctx context.Context, actor tarozi.Actor, permission tarozi.Action, entry, personID string, kinds []Kind) error {
	w, err := s.Prepare(actor, permission, entry, "", nil)
	if err != nil {
		return err
	}
	return s.Registry.Erase(ctx, w, personID, kinds)
}

// Hold keeps everything of a person from being erased, until it is lifted.
func (s *Service) Hold(ctx context.Context, actor tarozi.Actor, personID, reason string) error {
	if len(reason) < 3 || len(reason) > 2000 {
		return &tarozi.Error{Code: tarozi.Malformed, Message: "the hold has a fault: mend the field named and try again",
			Fields: []tarozi.FieldError{{Pointer: "/reason", Code: "required", Message: "say why, and whose order it is: at most 2000 characters"}}}
	}
	h := &Hold{ID: s.NewID(), Reason: reason, SetBy: actor.AccountID}
	document, err := tarozi.Canonical(h)
	if err != nil {
		return fmt.Errorf("writing the hold: %w", err)
	}
	w, err := s.Prepare(actor, tarozi.ErasePeople, "hold.set", h.ID, document)
	if err != nil {
		return err
	}
	return s.Registry.Hold(ctx, w, personID, h)
}

// LiftHolds ends the holds on a person.
func (s *Service) LiftHolds(ctx context.Context, actor tarozi.Actor, personID string) (int, error) {
	w, err := s.Prepare(actor, tarozi.ErasePeople, "hold.lifted", "", nil)
	if err != nil {
		return 0, err
	}
	return s.Registry.LiftHolds(ctx, w, personID)
}

// Trace is one thing that somebody did about a person: looked, changed, decided.
type Trace struct {
	At        time.Time   `json:"at"`
	Action    string      `json:"action"`
	SubjectID string      `json:"subject_id,omitzero"`
	AccountID string      `json:"account_id"`
	Name      string      `json:"name,omitzero"` // of the account; empty: the service itself or its command line
	Role      tarozi.Role `json:"role,omitzero"`
	Agency    string      `json:"agency,omitzero"`
}

// Look records that somebody is about to look at a person (what: person, score, history and so on). Nothing may be shown where it fails.
func (s *Service) Look(ctx context.Context, actor tarozi.Actor, action tarozi.Action, what, personID string) error {
	w, err := s.Prepare(actor, action, "viewed."+what, "", nil)
	if err != nil {
		return err
	}
	return s.noted(ctx, actor, personID, "", s.Registry.Looked(ctx, w, personID))
}

// LookInto is Look for whoever asks for something of an assessment by its id.
func (s *Service) LookInto(ctx context.Context, actor tarozi.Actor, what, assessmentID string) error {
	if err := actor.Allow(tarozi.ReadAssessments); err != nil {
		return err
	}
	r, err := s.Store.Assessment(ctx, actor.Scope(tarozi.ReadAssessments), assessmentID)
	if err != nil {
		return s.noted(ctx, actor, "", assessmentID, err)
	}
	return s.Look(ctx, actor, tarozi.ReadAssessments, what, r.Assessment.PersonID)
}

// LookOver records that somebody is about to look at a list of many people. The entry says which list and names none of them: who is on it
// follows from the record of that moment, and an entry for each at every look would bury the looks at one person.
func (s *Service) LookOver(ctx context.Context, actor tarozi.Actor, action tarozi.Action, list string) error {
	w, err := s.Prepare(actor, action, "listed."+list, "", nil)
	if err != nil {
		return err
	}
	return s.Registry.Note(ctx, w)
}
