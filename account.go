package tarozi

import (
	"slices"
	"time"
)

// Agency is an institution that supervises people. Every stored row belongs to one.
type Agency struct {
	ID       string `json:"id"`
	ParentID string `json:"parent_id,omitzero"` // the agency above it; empty for the nation
	Name     string `json:"name"`
	// UrgentWithoutView lets reviewers of urgent cases see a score without an own view; each use is recorded.
	UrgentWithoutView bool `json:"urgent_without_view,omitzero"`
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
