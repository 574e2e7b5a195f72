package tarozi

import "time"

// ReviewState says how far people have come with an assessment.
type ReviewState string

// The states of a review.
const (
	ReviewPending ReviewState = "pending"
	ReviewDone    ReviewState = "done"
)

// Review is a person's decision about an assessment.
type Review struct {
	ID              string    `json:"id"`
	AssessmentID    string    `json:"assessment_id"`
	Reviewer        string    `json:"reviewer"`
	PriorView       PriorView `json:"prior_view"`
	Decision        Decision  `json:"decision"`
	Band            Band      `json:"band"` // the band that holds after the decision
	ReasonCode      string    `json:"reason_code,omitzero"`
	Reason          string    `json:"reason,omitzero"`
	CountersignedBy string    `json:"countersigned_by,omitzero"`
	CreatedAt       time.Time `json:"created_at"`
}

// PriorView is the reviewer's own estimate, locked before the score is shown.
type PriorView struct {
	Band     Band      `json:"band"`
	Reasons  []string  `json:"reasons,omitzero"`
	Note     string    `json:"note,omitzero"`
	LockedAt time.Time `json:"locked_at"`
}

// Decision is what the reviewer decided.
type Decision string

// The decisions.
const (
	Agree        Decision = "agree"
	OverrideUp   Decision = "override_up"
	OverrideDown Decision = "override_down"
)

// Decisions lists every Decision.
var Decisions = []Decision{Agree, OverrideUp, OverrideDown}
