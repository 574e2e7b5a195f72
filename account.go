package tarozi

import (
	"cmp"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// Agency is an institution that supervises people. Every stored row belongs to one.
type Agency struct {
	ID       string `json:"id"`
	ParentID string `json:"parent_id,omitzero"` // the agency above it; empty for the nation
	Name     string `json:"name"`
	// UrgentWithoutView lets reviewers of urgent cases see a score without an own view; each use is recorded.
	UrgentWithoutView bool   `json:"urgent_without_view,omitzero"`
	Address           string `json:"address,omitzero"`        // with telephone, as letters say it; empty: somebody writes it on the letter
	ObjectionDays     int    `json:"objection_days,omitzero"` // within which letters ask for objections; 0: DefaultObjectionDays
	AnswerDays        int    `json:"answer_days,omitzero"`    // within which an objection is answered; 0: DefaultAnswerDays
}

// Days that hold where an agency has settled nothing else.
const (
	DefaultObjectionDays = 30
	DefaultAnswerDays    = 15
)

const (
	longestAddress = 300
	mostDays       = 365
)

// ObjectBy is the day until which an objection to what was decided on a day is asked for. Later ones are taken all the same.
func (a *Agency) ObjectBy(decided Date) Date {
	return decided.AddDays(cmp.Or(a.ObjectionDays, DefaultObjectionDays))
}

// AnswerBy is the day on which the answer to an objection that was recorded on a day is due.
func (a *Agency) AnswerBy(recorded Date) Date {
	return recorded.AddDays(cmp.Or(a.AnswerDays, DefaultAnswerDays))
}

// ValidateSettings checks what an agency's administrator settles and returns an *Error of code Malformed, or nil.
func (a *Agency) ValidateSettings() error {
	var f faults
	if utf8.RuneCountInString(a.Address) > longestAddress {
		f.add("/address", "too_long", fmt.Sprintf("an address with its telephone takes at most %d characters", longestAddress))
	}
	for _, d := range []struct {
		at   string
		days int
	}{{"/objection_days", a.ObjectionDays}, {"/answer_days", a.AnswerDays}} {
		if d.days < 1 || d.days > mostDays {
			f.add(d.at, "out_of_range", fmt.Sprintf("give a whole number of days between 1 and %d", mostDays))
		}
	}
	return f.named("agency's settings")
}

// Account is somebody, or a case system, who may use the service.
type Account struct {
	ID       string    `json:"id"`
	AgencyID string    `json:"agency_id"`
	Login    string    `json:"login"`
	Name     string    `json:"name"`
	Role     Role      `json:"role"`
	Created  time.Time `json:"created_at"`
	// Disabled is when the account was closed; zero: it is open.
	Disabled time.Time `json:"disabled_at,omitzero"`
	// MustChange asks for a new password before anything else: the present one was given by somebody else.
	MustChange bool `json:"must_change,omitzero"`
	// FirstPasswordEnds is until when such a password signs in; zero: it does not end.
	FirstPasswordEnds time.Time `json:"first_password_ends_at,omitzero"`
	// SecondFactor says that signing in takes a code as well.
	SecondFactor bool `json:"second_factor,omitzero"`
	// ExternalID is the issuer and subject of the single sign-on that vouches for the account; empty where none does.
	ExternalID string `json:"external_id,omitzero"`
}

// Actor is who asks: an account with the actions it may do here.
type Actor struct {
	AccountID string
	AgencyID  string
	Role      Role
	Actions   []Action  // of the role's; a key may hold fewer
	KeyID     string    // of the API key that is used; empty for somebody signed in
	At        time.Time // when the actor asks; zero: no restricted case is open
}

// May reports whether the actor may do the action.
func (a Actor) May(action Action) bool { return slices.Contains(a.Actions, action) }

// Allow is nil where the actor may do the action, and otherwise the error to answer with.
func (a Actor) Allow(action Action) error {
	if !a.May(action) {
		return Errorf(Forbidden, "your account may not do this (%s): ask your administrator", action)
	}
	return nil
}

// Scope is how far the actor may do the action: nothing is in it where the actor may not.
func (a Actor) Scope(action Action) Scope {
	if !a.May(action) {
		return Scope{}
	}
	return Scope{Reach: Permissions[action][a.Role], AgencyID: a.AgencyID, AccountID: a.AccountID, At: a.At, Restricted: blind(a.Role, action)}
}
