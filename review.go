package tarozi

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// ReviewState says how far people have come with an assessment.
type ReviewState string

// The states of a review. What is neither done nor expired is open.
const (
	ReviewPending  ReviewState = "pending"                   // nobody has decided, or a decision was returned
	ReviewAwaiting ReviewState = "awaiting_countersignature" // a decision that changes the band waits for a second person
	ReviewDone     ReviewState = "done"
	ReviewExpired  ReviewState = "expired" // not done in time: the score counts no more, a new assessment is needed
)

// ReviewStates lists every ReviewState.
var ReviewStates = []ReviewState{ReviewPending, ReviewAwaiting, ReviewDone, ReviewExpired}

// Open reports whether the review is still under way.
func (s ReviewState) Open() bool { return s == ReviewPending || s == ReviewAwaiting }

// ReviewCase is everything that people did about one assessment, each list in the order in which it was done.
type ReviewCase struct {
	AssessmentID      string             `json:"assessment_id"`
	State             ReviewState        `json:"review_state"`
	Deadline          time.Time          `json:"deadline"` // an open review expires at this moment
	Views             []PriorView        `json:"views"`
	Bypasses          []Bypass           `json:"bypasses"`
	Reviews           []Review           `json:"reviews"` // more than one where a decision was returned
	Countersignatures []Countersignature `json:"countersignatures"`
	Challenges        []Challenge        `json:"challenges"`
}

// View is the account's own view, nil where it has locked none.
func (c *ReviewCase) View(accountID string) *PriorView {
	for i := range c.Views {
		if c.Views[i].Reviewer == accountID {
			return &c.Views[i]
		}
	}
	return nil
}

// Bypass is the account's record of having gone without an own view, nil where there is none.
func (c *ReviewCase) Bypass(accountID string) *Bypass {
	for i := range c.Bypasses {
		if c.Bypasses[i].By == accountID {
			return &c.Bypasses[i]
		}
	}
	return nil
}

// Last is the latest decision, nil where there is none.
func (c *ReviewCase) Last() *Review {
	if len(c.Reviews) == 0 {
		return nil
	}
	return &c.Reviews[len(c.Reviews)-1]
}

// Challenge is the objection with the id, nil where there is none.
func (c *ReviewCase) Challenge(id string) *Challenge {
	for i := range c.Challenges {
		if c.Challenges[i].ID == id {
			return &c.Challenges[i]
		}
	}
	return nil
}

// ReasonCode names a reason of a view or of an override.
type ReasonCode string

// ReasonOther goes with words of one's own.
const ReasonOther ReasonCode = "other"

// ViewReasons lists what an own view may rest on.
var ViewReasons = []ReasonCode{
	"criminal_record", "conduct", "attendance", "programme_progress", "work_and_income", "family_and_support", "substance_use",
	"associates", "recent_change", ReasonOther,
}

// OverrideReasons lists why a decision may depart from the score.
var OverrideReasons = []ReasonCode{
	"not_in_records", "records_wrong", "recent_change", "protective_factors", "possible_harm", "unlike_the_sample", ReasonOther,
}

// PriorView is a reviewer's own estimate, locked before the score is shown. It speaks of what the assessment's first score
// speaks of, and gives a band, a number of people out of 100, or both.
type PriorView struct {
	ID       string       `json:"id"`
	Reviewer string       `json:"reviewer"`
	Band     Band         `json:"band,omitzero"`
	People   *int         `json:"people_of_100,omitzero"` // of 100 people like this one, to how many it happens
	Reasons  []ReasonCode `json:"reasons"`
	Note     string       `json:"note,omitzero"`
	LockedAt time.Time    `json:"locked_at"`
	// Informed: the reviewer could see another score of the person at the time, of the same history or of the last days. Such a view
	// is kept, and left out of what own views are measured by.
	Informed bool `json:"informed,omitzero"`
}

// Bypass records that somebody saw the score of an urgent case without an own view.
type Bypass struct {
	ID     string    `json:"id"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// Review is a person's decision about an assessment.
type Review struct {
	ID           string     `json:"id"`
	AssessmentID string     `json:"assessment_id"`
	Reviewer     string     `json:"reviewer"`
	PriorView    *PriorView `json:"prior_view"`          // null: an urgent case, see the bypass
	PriorBand    Band       `json:"prior_band,omitzero"` // of the prior view: as it was given, or of its number of people
	ScoreBand    Band       `json:"score_band"`          // of the assessment's first score
	Decision     Decision   `json:"decision"`
	Band         Band       `json:"band"` // that holds once the review is done
	ReasonCode   ReasonCode `json:"reason_code,omitzero"`
	Reason       string     `json:"reason,omitzero"`
	CreatedAt    time.Time  `json:"created_at"`
	// CountersignedBy is read from the approving countersignature and is not part of the stored decision.
	CountersignedBy string `json:"countersigned_by,omitzero"`
}

// NeedsCountersignature reports whether the decision changes the band.
func (r *Review) NeedsCountersignature() bool { return r.Band != r.ScoreBand }

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

// CountersignVerdict is what the second person says.
type CountersignVerdict string

// The verdicts.
const (
	CountersignApprove CountersignVerdict = "approve"
	CountersignReturn  CountersignVerdict = "return" // the reviewer decides anew
)

// CountersignVerdicts lists every CountersignVerdict.
var CountersignVerdicts = []CountersignVerdict{CountersignApprove, CountersignReturn}

// Countersignature is a second person's word on a decision that changes the band.
type Countersignature struct {
	ID        string             `json:"id"`
	ReviewID  string             `json:"review_id"`
	By        string             `json:"by"`
	Verdict   CountersignVerdict `json:"verdict"`
	Note      string             `json:"note,omitzero"`
	CreatedAt time.Time          `json:"created_at"`
}

// RaisedBy says who objects.
type RaisedBy string

// RaisedBys lists every RaisedBy.
var RaisedBys = []RaisedBy{"person", "representative", "relative"}

// Challenge is an objection of the person scored, or of somebody for them, to an assessment or to what was decided about it.
type Challenge struct {
	ID         string           `json:"id"`
	RecordedBy string           `json:"recorded_by"`
	RaisedBy   RaisedBy         `json:"raised_by"`
	Objection  string           `json:"objection"`
	Records    []Evidence       `json:"records,omitzero"` // that are said to be wrong
	CreatedAt  time.Time        `json:"created_at"`
	AnswerDue  Date             `json:"answer_due,omitzero"` // by the agency's settings on the day it was recorded; zero in older records
	Answer     *ChallengeAnswer `json:"answer"`              // null while it waits; stored by itself
}

// ChallengeResult is how an objection ended.
type ChallengeResult string

// The results.
const (
	ChallengeUpheld       ChallengeResult = "upheld"
	ChallengePartlyUpheld ChallengeResult = "partly_upheld"
	ChallengeRejected     ChallengeResult = "rejected"
)

// ChallengeResults lists every ChallengeResult.
var ChallengeResults = []ChallengeResult{ChallengeUpheld, ChallengePartlyUpheld, ChallengeRejected}

// Consequence is what came of an objection.
type Consequence string

// The consequences.
const (
	ConsequenceNone             Consequence = "none"
	ConsequenceRecordsCorrected Consequence = "records_corrected"
	ConsequenceReassess         Consequence = "reassess" // a new assessment is to be made
)

// Consequences lists every Consequence.
var Consequences = []Consequence{ConsequenceNone, ConsequenceRecordsCorrected, ConsequenceReassess}

// ChallengeAnswer is what was answered to an objection.
type ChallengeAnswer struct {
	ID          string          `json:"id"`
	ChallengeID string          `json:"challenge_id"`
	AnsweredBy  string          `json:"answered_by"`
	Result      ChallengeResult `json:"result"`
	Answer      string          `json:"answer"` // in words that the person is given
	Consequence Consequence     `json:"consequence"`
	CreatedAt   time.Time       `json:"created_at"`
}

// longestText bounds what people write about an assessment.
const longestText = 4000

// Validate checks what the reviewer gave and returns an *Error of code Malformed, or nil.
func (v *PriorView) Validate() error {
	var f faults
	term(&f, "/band", v.Band, Bands, false)
	if v.Band == "" && v.People == nil {
		f.add("/band", "required", "say how likely it is: a band, or a number of people out of 100")
	}
	if v.People != nil && (*v.People < 0 || *v.People > 100) {
		f.add("/people_of_100", "out_of_range", "a number of people out of 100 lies between 0 and 100")
	}
	if len(v.Reasons) == 0 {
		f.add("/reasons", "required", fmt.Sprintf("say why: give at least one of %v", ViewReasons))
	}
	for i, reason := range v.Reasons {
		term(&f, place("/reasons", i), reason, ViewReasons, true)
		if slices.Contains(v.Reasons[:i], reason) {
			f.add(place("/reasons", i), "duplicate", "the reason is given twice: give it once")
		}
	}
	if slices.Contains(v.Reasons, ReasonOther) && strings.TrimSpace(v.Note) == "" {
		f.add("/note", "required", "say in words what the other reason is")
	}
	f.text("/note", v.Note, longestText)
	return f.named("own view")
}

// Validate checks why the order was not kept.
func (b *Bypass) Validate() error {
	var f faults
	f.sentence("/reason", b.Reason, "say in a sentence why this case cannot wait for an own view")
	return f.named("reason for going without an own view")
}

// Validate checks a decision; ScoreBand must be filled in before.
func (r *Review) Validate() error {
	var f faults
	term(&f, "/decision", r.Decision, Decisions, true)
	term(&f, "/band", r.Band, Bands, true)
	term(&f, "/reason_code", r.ReasonCode, OverrideReasons, false)
	own, score := slices.Index(Bands, r.Band), slices.Index(Bands, r.ScoreBand)
	switch {
	case r.Decision == Agree && own != score:
		f.add("/band", "contradiction", fmt.Sprintf("to agree is to keep the score's band, %s; another band is an override", r.ScoreBand))
	case r.Decision == OverrideUp && own >= 0 && own <= score:
		f.add("/band", "contradiction", fmt.Sprintf("an override upwards ends in a band above the score's, %s", r.ScoreBand))
	case r.Decision == OverrideDown && own >= score:
		f.add("/band", "contradiction", fmt.Sprintf("an override downwards ends in a band below the score's, %s", r.ScoreBand))
	}
	if r.Decision == OverrideUp || r.Decision == OverrideDown {
		if r.ReasonCode == "" {
			f.add("/reason_code", "required", fmt.Sprintf("an override needs a reason: give one of %v", OverrideReasons))
		}
		f.sentence("/reason", r.Reason, "an override needs its reason in at least a sentence: what do you know that the score does not?")
	} else {
		f.text("/reason", r.Reason, longestText)
	}
	return f.named("decision")
}

// Validate checks a countersignature.
func (c *Countersignature) Validate() error {
	var f faults
	term(&f, "/verdict", c.Verdict, CountersignVerdicts, true)
	if c.Verdict == CountersignReturn {
		f.sentence("/note", c.Note, "say in a sentence what the reviewer should look at again")
	} else {
		f.text("/note", c.Note, longestText)
	}
	return f.named("countersignature")
}

// Validate checks an objection. The person's own words may be as short as they like.
func (c *Challenge) Validate() error {
	var f faults
	term(&f, "/raised_by", c.RaisedBy, RaisedBys, true)
	if strings.TrimSpace(c.Objection) == "" {
		f.add("/objection", "required", "write down what the person objects to, in their words")
	}
	f.text("/objection", c.Objection, longestText)
	if len(c.Records) > 100 {
		f.add("/records", "too_many", "at most 100 records")
		return f.named("objection")
	}
	for i, record := range c.Records {
		f.record(place("/records", i), record)
	}
	return f.named("objection")
}

// Validate checks an answer to an objection.
func (a *ChallengeAnswer) Validate() error {
	var f faults
	term(&f, "/result", a.Result, ChallengeResults, true)
	term(&f, "/consequence", a.Consequence, Consequences, true)
	f.sentence("/answer", a.Answer, "answer in at least a sentence that the person can understand")
	switch {
	case a.Result == ChallengeRejected && a.Consequence != "" && a.Consequence != ConsequenceNone:
		f.add("/consequence", "contradiction", "nothing comes of an objection that is rejected: give none, or uphold it in part")
	case a.Result == ChallengeUpheld && a.Consequence == ConsequenceNone:
		f.add("/consequence", "contradiction", "something must come of an objection that is upheld: say what")
	}
	return f.named("answer")
}

// A sentence has at least so many words and characters.
const (
	sentenceWords      = 3
	sentenceCharacters = 20
)

// sentence checks a text that a person must have thought about.
func (f *faults) sentence(at, text, message string) {
	trimmed := strings.TrimSpace(text)
	switch {
	case trimmed == "":
		f.add(at, "required", message)
	case len(strings.Fields(trimmed)) < sentenceWords || utf8.RuneCountInString(trimmed) < sentenceCharacters:
		f.add(at, "too_short", message)
	case utf8.RuneCountInString(text) > longestText:
		f.add(at, "too_long", fmt.Sprintf("at most %d characters", longestText))
	}
}
