package scoring

import (
	"fmt"
	"time"

	"github.com/tarozi/tarozi"
)

// StepKind says what somebody did about an assessment.
type StepKind string

// The kinds of steps. Each stores one document: an own view, a bypass, a decision and so on.
const (
	StepView             StepKind = "own_view"         // tarozi.PriorView
	StepBypass           StepKind = "bypass"           // tarozi.Bypass
	StepDecision         StepKind = "decision"         // tarozi.Review
	StepCountersignature StepKind = "countersignature" // tarozi.Countersignature
	StepExpiry           StepKind = "expiry"           // Expiry
	StepChallenge        StepKind = "challenge"        // tarozi.Challenge
	StepAnswer           StepKind = "answer"           // tarozi.ChallengeAnswer
)

// Expiry says that an assessment was not reviewed in time.
type Expiry struct {
	ID       string    `json:"id"`
	Deadline time.Time `json:"deadline"`
	NotedAt  time.Time `json:"noted_at"`
}

// Step is one thing that was done about an assessment. It is stored once and never changed.
type Step struct {
	ID           string
	AssessmentID string
	Kind         StepKind
	AccountID    string
	At           time.Time
	Document     []byte // canonical JSON of the kind's type
}

// NewStep is a step to be stored, with where it leads.
type NewStep struct {
	Step
	State tarozi.ReviewState // of the assessment from now on
	Band  tarozi.Band        // that holds from now on; empty until the review is done
	What  string             // the line in the list of changes; empty: none
	Audit AuditEntry         // commits to the step's document
}

// WaitingDecision is a decision that waits for its countersignature.
type WaitingDecision struct {
	PersonID  string
	AsOf      tarozi.Date
	CreatedAt time.Time // of the assessment
	Review    tarozi.Review
}

// Unanswered is an objection without an answer.
type Unanswered struct {
	PersonID, AssessmentID string
	Challenge              tarozi.Challenge
}

// fold reads the steps of an assessment, in the order in which they were taken.
func fold(assessmentID string, steps []Step) (*tarozi.ReviewCase, error) {
	c := &tarozi.ReviewCase{
		AssessmentID: assessmentID, State: tarozi.ReviewPending, Views: []tarozi.PriorView{}, Bypasses: []tarozi.Bypass{},
		Reviews: []tarozi.Review{}, Countersignatures: []tarozi.Countersignature{}, Challenges: []tarozi.Challenge{},
	}
	for i := range steps {
		if err := apply(c, &steps[i]); err != nil {
			return nil, tarozi.Wrap(tarozi.Internal, err, fmt.Sprintf("step %s of the review of %s cannot be read", steps[i].ID, assessmentID))
		}
	}
	return c, nil
}

// apply adds one step to what came before it.
func apply(c *tarozi.ReviewCase, step *Step) error {
	switch step.Kind {
	case StepView:
		return added(&c.Views, step)
	case StepBypass:
		return added(&c.Bypasses, step)
	case StepChallenge:
		return added(&c.Challenges, step)
	case StepDecision:
		if err := added(&c.Reviews, step); err != nil {
			return err
		}
		c.State = tarozi.ReviewDone
		if c.Last().NeedsCountersignature() {
			c.State = tarozi.ReviewAwaiting
		}
	case StepCountersignature:
		if err := added(&c.Countersignatures, step); err != nil {
			return err
		}
		signed := c.Countersignatures[len(c.Countersignatures)-1]
		c.State = tarozi.ReviewPending
		if signed.Verdict == tarozi.CountersignApprove {
			c.State = tarozi.ReviewDone
			c.Last().CountersignedBy = signed.By
		}
	case StepAnswer:
		answer := new(tarozi.ChallengeAnswer)
		if err := tarozi.Decode(step.Document, answer); err != nil {
			return err
		}
		challenge := c.Challenge(answer.ChallengeID)
		if challenge == nil {
			return fmt.Errorf("it answers %q, which is not there", answer.ChallengeID)
		}
		challenge.Answer = answer
	case StepExpiry:
		c.State = tarozi.ReviewExpired
	default:
		return fmt.Errorf("its kind %q is not known", step.Kind)
	}
	return nil
}

func added[T any](list *[]T, step *Step) error {
	var one T
	if err := tarozi.Decode(step.Document, &one); err != nil {
		return err
	}
	*list = append(*list, one)
	return nil
}
