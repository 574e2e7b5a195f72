package tarozi

import (
	"slices"
	"time"
)

// Role is what an account is for.
type Role string

// The roles. No account has the role Operator: it is the person at the machine's own command line, who holds the database file.
const (
	Officer             Role = "officer"
	Supervisor          Role = "supervisor"
	AgencyAdministrator Role = "agency_administrator"
	CaseSystem          Role = "case_system" // a machine
	Oversight           Role = "oversight"
	DataScientist       Role = "data_scientist"
	Auditor             Role = "auditor"
	SystemAdministrator Role = "system_administrator"
	Operator            Role = "operator"
)

// Roles lists every Role that an account can have.
var Roles = []Role{Officer, Supervisor, AgencyAdministrator, CaseSystem, Oversight, DataScientist, Auditor, SystemAdministrator}

// Action is one thing an account may do.
type Action string

// The actions.
const (
	ReadPeople       Action = "people:read"
	ReadIdentities   Action = "identities:read"
	WriteIdentities  Action = "identities:write"
	WriteHistory     Action = "history:write"
	Assess           Action = "assessments:create"
	ReadAssessments  Action = "assessments:read"
	ReadUnreviewed   Action = "scores:unreviewed" // see a score before its review
	Decide           Action = "reviews:create"
	CountersignOther Action = "reviews:countersign"
	Object           Action = "challenges:create" // record an objection of the person scored
	WriteOutcomes    Action = "outcomes:write"
	WriteProtected   Action = "protected:write"
	AssignPeople     Action = "people:assign"         // say which officer is responsible
	TransferPeople   Action = "people:transfer"       // hand a person over to another agency
	RestrictPeople   Action = "people:restrict"       // make a case one for named accounts alone
	ReadSubject      Action = "people:subject_access" // give a person their whole file
	ErasePeople      Action = "people:erase"          // anybody, at once; and legal holds
	ApplyRetention   Action = "retention:apply"       // see what the rules of retention would erase, and erase it
	ReadModels       Action = "models:read"
	ManageModels     Action = "models:manage"
	ReadShadows      Action = "shadows:read" // what shadow models say; for nobody who decides about people
	ReadReports      Action = "reports:read"
	ProposeLevers    Action = "levers:propose" // a committee's decision about a model
	SignLevers       Action = "levers:sign"    // one that another member has proposed
	ReadAudit        Action = "audit:read"
	ManageAccounts   Action = "accounts:manage"
	ManageAgencies   Action = "agencies:manage" // settle an agency's address, its periods, and whether urgent cases go without an own view
	WatchService     Action = "service:watch"   // figures of the running service
)

// Reach is how far a permission goes.
type Reach string

// The reaches, each within the next. A reach that is empty holds nothing.
const (
	// OwnCaseload is the people of the own agency for whom the account is responsible, or nobody yet.
	OwnCaseload   Reach = "own_caseload"
	OwnAgency     Reach = "own_agency"
	AgenciesBelow Reach = "agencies_below" // the own agency and all below it
	Nation        Reach = "nation"
)

// Permissions is the table of who may do what, and how far. What it does not name nobody may. What is not about people, such as
// models, has the reach of those it serves. docs/decisions/0030-who-sees-whom.md says why it is so.
var Permissions = map[Action]map[Role]Reach{
	ReadPeople:       {Officer: OwnCaseload, Supervisor: AgenciesBelow, CaseSystem: AgenciesBelow, Operator: OwnAgency},
	ReadIdentities:   {Officer: OwnCaseload, Supervisor: AgenciesBelow},
	WriteIdentities:  {Officer: OwnCaseload, Supervisor: AgenciesBelow, CaseSystem: AgenciesBelow, Operator: OwnAgency},
	WriteHistory:     {Officer: OwnCaseload, Supervisor: AgenciesBelow, CaseSystem: AgenciesBelow, Operator: OwnAgency},
	Assess:           {Officer: OwnCaseload, Supervisor: AgenciesBelow, CaseSystem: AgenciesBelow},
	ReadAssessments:  {Officer: OwnCaseload, Supervisor: AgenciesBelow, CaseSystem: AgenciesBelow},
	ReadUnreviewed:   {Officer: OwnCaseload, Supervisor: AgenciesBelow, CaseSystem: AgenciesBelow},
	Decide:           {Officer: OwnCaseload, Supervisor: AgenciesBelow},
	CountersignOther: {Supervisor: AgenciesBelow},
	Object:           {Officer: OwnCaseload, Supervisor: AgenciesBelow, CaseSystem: AgenciesBelow},
	WriteOutcomes:    {CaseSystem: AgenciesBelow, Operator: OwnAgency},
	WriteProtected:   {CaseSystem: AgenciesBelow, Operator: OwnAgency},
	AssignPeople:     {Supervisor: AgenciesBelow},
	TransferPeople:   {Supervisor: AgenciesBelow},
	RestrictPeople:   {Supervisor: AgenciesBelow},
	ReadSubject:      {Supervisor: AgenciesBelow, Operator: Nation},
	ErasePeople:      {Operator: Nation},
	ApplyRetention:   {AgencyAdministrator: AgenciesBelow, Operator: Nation},
	ReadModels:       {Officer: Nation, Supervisor: Nation, CaseSystem: Nation, Oversight: Nation, DataScientist: Nation, Auditor: Nation},
	ManageModels:     {DataScientist: Nation},
	ReadShadows:      {DataScientist: Nation},
	ReadReports:      {Oversight: AgenciesBelow},
	ProposeLevers:    {Oversight: AgenciesBelow},
	SignLevers:       {Oversight: AgenciesBelow},
	ReadAudit:        {Oversight: AgenciesBelow, Auditor: Nation},
	ManageAccounts:   {AgencyAdministrator: AgenciesBelow, SystemAdministrator: Nation, Operator: Nation},
	ManageAgencies:   {AgencyAdministrator: AgenciesBelow, SystemAdministrator: Nation, Operator: Nation},
	WatchService:     {SystemAdministrator: Nation},
}

// ActionsOf are all actions that a role may do, in the order of their names.
func ActionsOf(role Role) []Action {
	var own []Action
	for action, roles := range Permissions {
		if roles[role] != "" {
			own = append(own, action)
		}
	}
	slices.Sort(own)
	return own
}

// blind reports whether the action reaches restricted cases too, because it reads nothing of them: machines bring what they know of
// everybody, a supervisor settles who is responsible and who may see, and rules of retention spare nobody.
func blind(role Role, action Action) bool {
	switch action {
	case WriteIdentities, WriteHistory, WriteOutcomes, WriteProtected:
		return role == CaseSystem || role == Operator
	case ReadSubject, ErasePeople:
		return role == Operator
	case AssignPeople, TransferPeople, RestrictPeople, ApplyRetention:
		return true
	default:
		return false
	}
}

// Scope is what a permission of an account covers. Whoever reads or writes about people is given one, and finds nothing outside of
// it. The zero Scope covers nothing.
type Scope struct {
	Reach     Reach
	AgencyID  string    // of the account
	AccountID string    // the account itself; empty: nobody's caseload, and no restricted case
	At        time.Time // when it is asked: the restricted cases that the account has opened by then are open
	// Restricted covers restricted cases that do not name the account.
	Restricted bool
}

// InAgency is the scope of the service itself within one agency, restricted cases among it.
func InAgency(agencyID string) Scope {
	return Scope{Reach: OwnAgency, AgencyID: agencyID, Restricted: true}
}
