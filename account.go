package tarozi

import "time"

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
}

// Role is what an account is for.
type Role string

// The roles.
const (
	Officer    Role = "officer"
	Supervisor Role = "supervisor"
	Oversight  Role = "oversight"
	CaseSystem Role = "case_system"
)

// Roles lists every Role.
var Roles = []Role{Officer, Supervisor, Oversight, CaseSystem}

// Action is one thing an account may do.
type Action string

// The actions.
const (
	ReadPeople       Action = "people:read"
	WriteHistory     Action = "history:write"
	Assess           Action = "assessments:create"
	ReadAssessments  Action = "assessments:read"
	ReadUnreviewed   Action = "scores:unreviewed" // see a score before its review
	Decide           Action = "reviews:create"
	Object           Action = "challenges:create" // record an objection of the person scored
	ReadModels       Action = "models:read"
	WriteOutcomes    Action = "outcomes:write"
	WriteProtected   Action = "protected:write"
	ReadReports      Action = "reports:read"
	ReadIdentities   Action = "identities:read"
	WriteIdentities  Action = "identities:write"
	ReadAudit        Action = "audit:read"
	CountersignOther Action = "reviews:countersign"
)

// Permissions is the table of who may do what; the scope of every action is the account's own agency. A case system's key may
// hold fewer of its role's actions.
var Permissions = map[Role][]Action{
	Officer:    {ReadPeople, WriteHistory, Assess, ReadAssessments, ReadUnreviewed, Decide, Object, ReadModels, ReadIdentities, WriteIdentities},
	Supervisor: {ReadPeople, WriteHistory, Assess, ReadAssessments, ReadUnreviewed, Decide, Object, ReadModels, ReadIdentities, WriteIdentities, CountersignOther},
	Oversight:  {ReadModels, ReadReports, ReadAudit},
	CaseSystem: {ReadPeople, WriteHistory, Assess, ReadAssessments, ReadUnreviewed, Object, ReadModels, WriteOutcomes, WriteProtected, WriteIdentities},
}

// Actor is who asks: an account with the actions it may do here.
type Actor struct {
	AccountID string
	AgencyID  string
	Role      Role
	Actions   []Action
}

// May reports whether the actor may do the action.
func (a Actor) May(action Action) bool {
	for _, own := range a.Actions {
		if own == action {
			return true
		}
	}
	return false
}
