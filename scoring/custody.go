package scoring

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tarozi/tarozi"
)

// Custodian keeps who is responsible for people, and who may see restricted cases. It works like Store.
type Custodian interface {
	Assign(ctx context.Context, w Write, personIDs []string, officerID string) error
	Transfer(ctx context.Context, w Write, personID, agencyID string) error
	Restrict(ctx context.Context, w Write, personID string, restricted bool, accountIDs []string) error
	Look(ctx context.Context, w Write, l Look) error
	// NoteRefusal records that the actor asked for a person or an assessment that is there and not theirs; nothing where it is absent.
	NoteRefusal(ctx context.Context, w Write, personID, assessmentID string) error
	Custody(ctx context.Context, scope tarozi.Scope, personID string) (*Custody, error)
	// SettleAgency stores an agency's address, periods and order for urgent cases; its name and place in the tree stay. An agency outside of
	// the write's scope is NotFound.
	SettleAgency(ctx context.Context, w Write, a tarozi.Agency) error
	RestrictedCases(ctx context.Context, scope tarozi.Scope) ([]RestrictedCase, error)
}

// RestrictedCase is a line of the list of restricted cases.
type RestrictedCase struct {
	PersonID string
	PageKey  string // stands for the person in addresses of pages
	Agency   string // name of the agency that is responsible
	Named    int    // accounts that may see it
}

// Custody is who is responsible for a person.
type Custody struct {
	AgencyID   string
	Restricted bool
	Named      []string         // accounts that may see a restricted case
	History    []Responsibility // the present one first
}

// Responsibility is one stretch of time in which one officer of one agency was responsible, or the agency alone.
type Responsibility struct {
	AgencyID, AgencyName   string
	OfficerID, OfficerName string // empty: nobody in particular
	From                   time.Time
	Until                  time.Time // zero: still
}

// Look is an opened restricted case.
type Look struct {
	ID       string
	PersonID string
	Reason   string
	Until    time.Time
}

// LookTime is how long a restricted case stays open after a reason was given.
const LookTime = 30 * time.Minute

// The length of a reason, in characters.
const (
	shortestReason = 10
	longestReason  = 500
)

// ReasonNeeded says that a restricted case is open to the actor once a reason is given.
type ReasonNeeded struct{ PersonID string }

func (*ReasonNeeded) Error() string { return "a reason is needed" }

// NeedsReason is the restricted case that an error asks a reason for; nil where it is another error.
func NeedsReason(err error) *ReasonNeeded {
	var needed *ReasonNeeded
	errors.As(err, &needed)
	return needed
}

// AskReason is the error for a restricted case that the account may open and has not.
func AskReason(personID string) error {
	e := tarozi.Wrap(tarozi.Forbidden, &ReasonNeeded{personID}, "this case is restricted: say why you look at it first")
	e.Fields = []tarozi.FieldError{{Pointer: "/reason", Code: "reason_required", Message: "give the reason in a sentence; it is recorded"}}
	return e
}

// LookAt opens a restricted case to a named account for LookTime; the reason is kept.
func (s *Service) LookAt(ctx context.Context, actor tarozi.Actor, personID, reason string) error {
	if err := actor.Allow(tarozi.ReadPeople); err != nil {
		return err
	}
	reason = strings.TrimSpace(reason)
	if n := len([]rune(reason)); n < shortestReason || n > longestReason {
		return &tarozi.Error{Code: tarozi.Malformed, Message: "the reason cannot be taken", Fields: []tarozi.FieldError{{Pointer: "/reason",
			Code: "bad_length", Message: "say in a sentence, of 10 to 500 characters, what you need the case for"}}}
	}
	look := Look{ID: s.NewID(), PersonID: personID, Reason: reason}
	w, err := s.write(actor, actor.Scope(tarozi.ReadPeople), "restricted.looked", look.ID, []byte(personID), []byte(reason))
	if err != nil {
		return err
	}
	look.Until = w.At.Add(LookTime)
	return s.noted(ctx, actor, personID, "", s.Store.Look(ctx, w, look))
}

// SettleAgency stores what the administrator of an agency, or of one above it, settles about its letters and answers. The log commits to
// what was settled.
func (s *Service) SettleAgency(ctx context.Context, actor tarozi.Actor, a tarozi.Agency) error {
	if err := actor.Allow(tarozi.ManageAgencies); err != nil {
		return err
	}
	if err := a.ValidateSettings(); err != nil {
		return err
	}
	settled, err := tarozi.Canonical(a)
	if err != nil {
		return err
	}
	w, err := s.write(actor, actor.Scope(tarozi.ManageAgencies), "agency.settled", a.ID, settled)
	if err != nil {
		return err
	}
	return s.Store.SettleAgency(ctx, w, a)
}

// Assign makes an officer of the people's agency responsible for them; an empty one means nobody in particular.
func (s *Service) Assign(ctx context.Context, actor tarozi.Actor, personIDs []string, officerID string) error {
	if err := actor.Allow(tarozi.AssignPeople); err != nil {
		return err
	}
	w, err := s.write(actor, actor.Scope(tarozi.AssignPeople), "people.assigned", officerID, []byte(strings.Join(personIDs, "\n")))
	if err != nil {
		return err
	}
	return s.Store.Assign(ctx, w, personIDs, officerID)
}

// Transfer hands a person over to another agency.
func (s *Service) Transfer(ctx context.Context, actor tarozi.Actor, personID, agencyID string) error {
	if err := actor.Allow(tarozi.TransferPeople); err != nil {
		return err
	}
	w, err := s.write(actor, actor.Scope(tarozi.TransferPeople), "person.transferred", agencyID, []byte(personID))
	if err != nil {
		return err
	}
	return s.noted(ctx, actor, personID, "", s.Store.Transfer(ctx, w, personID, agencyID))
}

// Restrict makes a case one for the named accounts alone, or for everybody again. Nobody named is nobody who sees it.
func (s *Service) Restrict(ctx context.Context, actor tarozi.Actor, personID string, restricted bool, accountIDs []string) error {
	if err := actor.Allow(tarozi.RestrictPeople); err != nil {
		return err
	}
	action := "person.restricted"
	if !restricted {
		action, accountIDs = "person.unrestricted", nil
	}
	w, err := s.write(actor, actor.Scope(tarozi.RestrictPeople), action, "", []byte(personID), []byte(strings.Join(accountIDs, "\n")))
	if err != nil {
		return err
	}
	return s.noted(ctx, actor, personID, "", s.Store.Restrict(ctx, w, personID, restricted, accountIDs))
}

// RestrictedCases lists the restricted cases that the actor may restrict and release, the actor's own eyes or not: without the list nobody
// would find the way back to a case that does not name them.
func (s *Service) RestrictedCases(ctx context.Context, actor tarozi.Actor) ([]RestrictedCase, error) {
	if err := s.LookOver(ctx, actor, tarozi.RestrictPeople, "restricted"); err != nil {
		return nil, err
	}
	return s.Store.RestrictedCases(ctx, actor.Scope(tarozi.RestrictPeople))
}

// Custody is who is responsible for a person, and was.
func (s *Service) Custody(ctx context.Context, actor tarozi.Actor, personID string) (*Custody, error) {
	for _, action := range []tarozi.Action{tarozi.AssignPeople, tarozi.TransferPeople, tarozi.RestrictPeople, tarozi.ReadPeople} {
		if actor.May(action) {
			c, err := s.Store.Custody(ctx, actor.Scope(action), personID)
			return c, s.noted(ctx, actor, personID, "", err)
		}
	}
	return nil, actor.Allow(tarozi.ReadPeople)
}

// noted gives err back, and records it where somebody asked for a person or an assessment that is kept from them. The answer is the
// same as for one that does not exist.
func (s *Service) noted(ctx context.Context, actor tarozi.Actor, personID, assessmentID string, err error) error {
	if tarozi.CodeOf(err) != tarozi.NotFound {
		return err
	}
	w, failed := s.write(actor, tarozi.Scope{}, "access.refused", assessmentID, []byte(personID), []byte(assessmentID))
	if failed == nil {
		failed = s.Store.NoteRefusal(ctx, w, personID, assessmentID)
	}
	if failed != nil {
		return failed
	}
	return err
}
