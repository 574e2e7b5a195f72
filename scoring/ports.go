package scoring

import (
	"context"
	"time"

	"github.com/tarozi/tarozi"
)

// Store keeps what the service knows. Every reading method works within a scope, every
// writing one within that of its Write: who or what is outside of it is NotFound. Every
// writing method does its whole work, with its audit entry, in one transaction, or nothing; when it returns nil the work is
// on disk. A database that cannot be written just now gives an *tarozi.Error of code Unavailable.
type Store interface {
	Custodian
	// PutHistory stores the whole history of a person as a new version, creating the person.
	PutHistory(ctx context.Context, w Write, h *tarozi.CaseHistory) error
	// AddEvents appends events (or versions of events) to a person's history. An identical resend is ignored; the same id
	// with the same received_at and other content is a Conflict.
	AddEvents(ctx context.Context, w Write, personID string, events []tarozi.Event) error
	// History is the person's present history.
	History(ctx context.Context, scope tarozi.Scope, personID string) (*tarozi.CaseHistory, error)

	// SaveAssessment stores a record. With an Idempotency that was used before for the same request it stores nothing and
	// returns the id of the earlier assessment; for another request it is a Conflict.
	SaveAssessment(ctx context.Context, w Write, r *Record) (id string, err error)
	// CountRefusal counts a request to which no score was given. An agency outside of the write's scope is NotFound.
	CountRefusal(ctx context.Context, w Write, r Refusal) error
	// Assessment reads a record whole.
	Assessment(ctx context.Context, scope tarozi.Scope, id string) (*Record, error)
	// AssessmentsOf lists a person's assessments, newest first.
	AssessmentsOf(ctx context.Context, scope tarozi.Scope, personID string, page Page) ([]tarozi.Assessment, error)
	// ChangedSince lists assessments in the order in which they were stored or changed, after the cursor.
	ChangedSince(ctx context.Context, scope tarozi.Scope, cursor string, limit int) (changes []Change, next string, err error)

	// AddStep stores the step that next makes of those before it, with the state it leads to, its line of the changes and its audit
	// entry. next is called within the transaction, maybe more than once; its error is given back and nothing is stored. stepID is
	// what an idempotency key is tied to; the id of the step stored under it is returned.
	AddStep(ctx context.Context, w Write, assessmentID, stepID string, next func(earlier []Step) (*NewStep, error)) (id string, err error)
	// Steps lists what was done about an assessment, in order.
	Steps(ctx context.Context, scope tarozi.Scope, assessmentID string) ([]Step, error)
	// OpenedBy are those of the assessments of which the scope's account has a step of kind StepView, StepBypass or StepCountersignature.
	OpenedBy(ctx context.Context, scope tarozi.Scope, assessmentIDs []string) ([]string, error)
	// OpenSince are the ids of the assessments, oldest first, whose stored state is open and that were made at the moment or before.
	OpenSince(ctx context.Context, scope tarozi.Scope, made time.Time, limit int) ([]string, error)
	// WaitingDecisions are the latest decisions of assessments made after the moment whose stored state is ReviewAwaiting, in the
	// order in which they were made.
	WaitingDecisions(ctx context.Context, scope tarozi.Scope, made time.Time) ([]WaitingDecision, error)
	// Unanswered are the objections about the scope's people that have no answer, oldest first.
	Unanswered(ctx context.Context, scope tarozi.Scope) ([]Unanswered, error)
	// AddDispute stores what next makes of the person's present history and disputes. It is called within the transaction, maybe more
	// than once; its error is given back and nothing is stored. id is what an idempotency key is tied to; the dispute stored under it
	// is returned.
	AddDispute(ctx context.Context, w Write, personID, id string, next func(*tarozi.CaseHistory, []StoredDispute) (*DisputeStep, error)) (*StoredDispute, error)
	// Disputes lists what is and was disputed about a person, in the order in which it was recorded.
	Disputes(ctx context.Context, scope tarozi.Scope, personID string) ([]StoredDispute, error)
	// Latest are the latest assessments of the scope's people, or of one of them, with what came after each.
	Latest(ctx context.Context, scope tarozi.Scope, personID string) ([]Latest, error)
	// Agency reads an agency.
	Agency(ctx context.Context, id string) (tarozi.Agency, error)
	// Earlier is what a request under the write's idempotency key gave before; empty where the key is new, a Conflict where it was
	// used with another request. It stores nothing.
	Earlier(ctx context.Context, w Write) (id string, err error)
	Bundles
	RemedyAttributes

	Committee
}

// Write is what every stored change carries beside itself: who made it, when, and the entry for the audit log.
type Write struct {
	Actor       tarozi.Actor
	Scope       tarozi.Scope // of the actor's permission for this change
	At          time.Time
	Idempotency *Idempotency // nil where the caller gave no key
	Audit       AuditEntry
}

// Idempotency ties a caller's key to the bytes of the request it was first used with.
type Idempotency struct {
	Key           string
	RequestSHA256 string // hex
}

// AuditEntry is what the log will say of a change. It holds no personal data: the record it speaks of is committed to by
// SHA-256(Salt || Record), so that destroying the salt leaves nothing to guess back.
type AuditEntry struct {
	ID        string `json:"id"` // UUIDv7
	At        string `json:"at"` // RFC 3339, UTC
	AgencyID  string `json:"agency_id"`
	AccountID string `json:"account_id"`
	Action    string `json:"action"`     // such as assessment.created
	SubjectID string `json:"subject_id"` // id of the assessment, review, model; never of a person
	SHA256    string `json:"sha256"`     // hex, of Salt || the record's bytes
	// Rows and RowsSHA256 are filled in by the store: how many stored rows the change touched, and the SHA-256 (hex) of their salted
	// hashes one after another. The salts lie beside them, as Salt does.
	Rows       int    `json:"rows,omitzero"`
	RowsSHA256 string `json:"rows_sha256,omitzero"`
	Salt       []byte `json:"-"` // 32 random bytes, stored beside the entry, not in it
}

// Record is an assessment with everything needed to rebuild it.
type Record struct {
	Assessment tarozi.Assessment // without texts: they are made for the reader's language
	// History is stored as the person's present history in the same transaction, creating the person; nil leaves what is
	// stored. It is not read back.
	History *tarozi.CaseHistory
	Input   []byte // canonical JSON of the request
	Inputs  []byte // canonical JSON of Inputs: the values the model read
	// Admit is asked, in the transaction that stores the record, whether it may be stored under the levers in force for its agency
	// and bundle then; nil: it may.
	Admit   func(Levers) error
	Shadows []Shadow
}

// Shadow is what a shadow bundle says of the request of an assessment. It is kept beside it and shown to nobody who decides.
type Shadow struct {
	SHA256   string `json:"sha256"`
	Refused  string `json:"refused,omitzero"` // why there is no score
	Document []byte `json:"-"`                // canonical JSON of an Evaluation
	Inputs   []byte `json:"-"`                // canonical JSON of Inputs
}

// Page asks for a part of a list.
type Page struct {
	Limit  int
	Cursor string // of the page before; empty for the first
}

// Change is one line of ChangedSince.
type Change struct {
	AssessmentID string             `json:"assessment_id"`
	PersonID     string             `json:"person_id"`
	What         string             `json:"what"` // created, reviewed, returned, countersigned, expired, challenged, challenge_answered, record_disputed, dispute_decided
	ReviewState  tarozi.ReviewState `json:"review_state"`
	DecidedBand  tarozi.Band        `json:"decided_band,omitzero"` // the band that holds, once the review is done
	At           time.Time          `json:"at"`
}
