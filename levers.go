package tarozi

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// LeverKind is what an oversight committee decides about a model.
type LeverKind string

// The kinds of decisions.
const (
	LeverAccept        LeverKind = "accept" // for a population and a time, as a pilot or as validated
	LeverRequestChange LeverKind = "request_change"
	LeverRemedyOn      LeverKind = "remedy_on"
	LeverRemedyOff     LeverKind = "remedy_off"
	LeverPause         LeverKind = "pause"  // no new scores
	LeverResume        LeverKind = "resume" // ends pauses of the agency and of those below it
	LeverThresholds    LeverKind = "thresholds"
	LeverTolerances    LeverKind = "tolerances"
)

// LeverKinds lists every LeverKind.
var LeverKinds = []LeverKind{
	LeverAccept, LeverRequestChange, LeverRemedyOn, LeverRemedyOff, LeverPause, LeverResume, LeverThresholds, LeverTolerances,
}

// Lever is a decision of an oversight committee about a model. It holds in the committee's agency and in every agency below it, once
// enough members have signed, from From on and until LapsesAt. It is stored once and never changed; signatures are added to it.
type Lever struct {
	ID       string    `json:"id"`
	AgencyID string    `json:"agency_id"`
	Kind     LeverKind `json:"kind"`
	ModelID  string    `json:"model_id"`
	// ModelVersion and ModelSHA256 name the very bundle. A pause, a resumption and tolerances hold for every version.
	ModelVersion string `json:"model_version"`
	ModelSHA256  string `json:"model_sha256"`
	// Reasons are the committee's, in its own words; those of a pause are shown to everybody who asks for a score.
	Reasons    string      `json:"reasons"`
	From       time.Time   `json:"from"`
	LapsesAt   time.Time   `json:"lapses_at"`
	ProposedBy string      `json:"proposed_by"` // account, who signs by proposing
	ProposedAt time.Time   `json:"proposed_at"`
	Needed     int         `json:"signatures_needed"`   // of members, the proposer among them
	ReportID   string      `json:"report_id,omitzero"`  // the report that it rests on
	Validity   Validity    `json:"validity,omitzero"`   // of accept: pilot or validated
	Population string      `json:"population,omitzero"` // of accept: for whom
	Remedy     string      `json:"remedy,omitzero"`     // of remedy_on and remedy_off: its id on the card
	Cuts       []Cuts      `json:"cuts,omitzero"`       // of thresholds
	Tolerances *Tolerances `json:"tolerances,omitzero"` // of tolerances
	// Signatures are kept beside the stored decision, the proposer's first.
	Signatures []LeverSignature `json:"signatures,omitzero"`
}

// LeverSignature is a committee member's signature under a decision.
type LeverSignature struct {
	ID      string    `json:"id"`
	LeverID string    `json:"lever_id"`
	By      string    `json:"by"` // account
	At      time.Time `json:"at"`
}

// Cuts take the place of the card's cuts between the bands of one score, whatever the time under supervision.
type Cuts struct {
	Outcome       OutcomeKind `json:"outcome"`
	HorizonMonths *int        `json:"horizon_months"` // null: while supervised
	Medium        float64     `json:"medium"`         // lowest probability of the band medium
	High          float64     `json:"high"`
}

// Tolerances are the limits past which a model is marked, and how long it is left so before it pauses by itself.
type Tolerances struct {
	RatioLow  float64 `json:"ratio_low"` // of a group's rate over that of the reference group
	RatioHigh float64 `json:"ratio_high"`
	// PSI is the population stability index past which a feature or the score has drifted.
	PSI             float64 `json:"psi"`
	ReviewEveryDays int     `json:"review_every_days"` // an acceptance is reviewed so often
	PauseAfterDays  int     `json:"pause_after_days"`  // a mark that stands so long pauses the model
}

// DefaultTolerances hold where a committee has set none: a ratio of four fifths and its inverse, a stability index of a quarter, a
// review each quarter and a month to mend what is marked.
func DefaultTolerances() Tolerances {
	return Tolerances{RatioLow: 0.8, RatioHigh: 1.25, PSI: 0.25, ReviewEveryDays: 92, PauseAfterDays: 30}
}

// maxLeverYears bounds how far ahead a decision lapses.
const maxLeverYears = 5

// Signed is when the last signature that was needed was given, zero while some are missing.
func (l *Lever) Signed() time.Time {
	if l.Needed < 1 || len(l.Signatures) < l.Needed {
		return time.Time{}
	}
	return l.Signatures[l.Needed-1].At
}

// Since is from when the decision holds, zero while signatures are missing.
func (l *Lever) Since() time.Time {
	signed := l.Signed()
	if !signed.IsZero() && signed.Before(l.From) {
		return l.From
	}
	return signed
}

// Holds reports whether the decision is in force at a moment.
func (l *Lever) Holds(at time.Time) bool {
	since := l.Since()
	return !since.IsZero() && !at.Before(since) && at.Before(l.LapsesAt)
}

// SignedBy reports whether an account has signed.
func (l *Lever) SignedBy(accountID string) bool {
	return slices.ContainsFunc(l.Signatures, func(s LeverSignature) bool { return s.By == accountID })
}

// Validate checks a decision and returns an *Error of code Malformed, or nil. Whether the model, its remedy and its scores exist is
// for package scoring to say.
func (l *Lever) Validate() error {
	var f faults
	term(&f, "/kind", l.Kind, LeverKinds, true)
	f.id("/model_id", l.ModelID)
	f.sentence("/reasons", l.Reasons, "give the committee's reasons in at least a sentence")
	switch {
	case l.LapsesAt.IsZero():
		f.add("/lapses_at", "required", "say on which day the decision lapses")
	case !l.LapsesAt.After(l.From) || !l.LapsesAt.After(l.ProposedAt):
		f.add("/lapses_at", "contradiction", "a decision lapses after it begins, and in the future")
	case l.LapsesAt.After(l.ProposedAt.AddDate(maxLeverYears, 0, 0)):
		f.add("/lapses_at", "out_of_range", fmt.Sprintf("a decision lapses within %d years, so that it is looked at again", maxLeverYears))
	}
	f.text("/population", l.Population, 500)
	l.validateKind(&f)
	return f.named("decision")
}

func (l *Lever) validateKind(f *faults) {
	only := func(given bool, at string, kinds ...LeverKind) {
		if given && !slices.Contains(kinds, l.Kind) {
			f.add(at, "contradiction", fmt.Sprintf("this goes with a decision of the kinds %v alone", kinds))
		}
	}
	only(l.Validity != "", "/validity", LeverAccept)
	only(l.Population != "", "/population", LeverAccept)
	only(l.Remedy != "", "/remedy", LeverRemedyOn, LeverRemedyOff)
	only(l.Cuts != nil, "/cuts", LeverThresholds)
	only(l.Tolerances != nil, "/tolerances", LeverTolerances)
	switch l.Kind {
	case LeverAccept:
		if l.Validity != Pilot && l.Validity != Validated {
			f.add("/validity", "unknown_value", fmt.Sprintf("a model is accepted as %s or as %s", Pilot, Validated))
		}
		if strings.TrimSpace(l.Population) == "" {
			f.add("/population", "required", "say for which people the model is accepted")
		}
	case LeverRemedyOn, LeverRemedyOff:
		if l.Remedy == "" {
			f.add("/remedy", "required", "say which remedy of the model's card")
		}
	case LeverThresholds:
		if len(l.Cuts) == 0 {
			f.add("/cuts", "required", "give the cuts of at least one score")
		}
		for i, c := range l.Cuts {
			c.validate(f, place("/cuts", i))
		}
	case LeverTolerances:
		if l.Tolerances == nil {
			f.add("/tolerances", "required", "give the limits")
			return
		}
		l.Tolerances.validate(f)
	}
}

func (c *Cuts) validate(f *faults, at string) {
	term(f, at+"/outcome", c.Outcome, OutcomeKinds, true)
	if !(c.Medium > 0 && c.Medium < 1) {
		f.add(at+"/medium", "out_of_range", "a cut lies between 0 and 1")
	}
	if !(c.High > c.Medium && c.High < 1) {
		f.add(at+"/high", "out_of_range", "the cut to high lies between that to medium and 1")
	}
}

func (t *Tolerances) validate(f *faults) {
	if !(t.RatioLow > 0 && t.RatioLow < 1) {
		f.add("/tolerances/ratio_low", "out_of_range", "the lower limit of a ratio lies between 0 and 1")
	}
	if !(t.RatioHigh > 1 && t.RatioHigh <= 10) {
		f.add("/tolerances/ratio_high", "out_of_range", "the upper limit of a ratio lies above 1, at most 10")
	}
	if !(t.PSI > 0 && t.PSI <= 5) {
		f.add("/tolerances/psi", "out_of_range", "the limit of drift lies above 0, at most 5")
	}
	if t.ReviewEveryDays < 1 || t.ReviewEveryDays > 731 {
		f.add("/tolerances/review_every_days", "out_of_range", "a model is reviewed every 1 to 731 days")
	}
	if t.PauseAfterDays < 0 || t.PauseAfterDays > 366 {
		f.add("/tolerances/pause_after_days", "out_of_range", "a mark pauses the model after 0 to 366 days")
	}
}
