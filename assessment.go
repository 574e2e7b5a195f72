package tarozi

import "time"

// Request asks for one assessment of one person.
type Request struct {
	History CaseHistory `json:"history"`
	AsOf    Date        `json:"as_of,omitzero"` // end of that day; zero: today, or in a file the day of the last record
	Purpose Purpose     `json:"purpose,omitzero"`
	Model   string      `json:"model,omitzero"` // id of the model asked for; empty: the default
}

// Purpose is what an assessment is for.
type Purpose string

// The purposes. PurposeRelease scores a person in prison as of the planned day of release.
const (
	PurposeSupervision Purpose = "supervision"
	PurposeRelease     Purpose = "release"
)

// Purposes lists every Purpose.
var Purposes = []Purpose{PurposeSupervision, PurposeRelease}

// Assessment is one stored answer: what was scored, by which model, with what result.
type Assessment struct {
	ID          string      `json:"id"`
	PersonID    string      `json:"person_id"`
	AgencyID    string      `json:"agency_id"`
	AsOf        Date        `json:"as_of"`
	CreatedAt   time.Time   `json:"created_at"`
	Purpose     Purpose     `json:"purpose"`
	ReviewState ReviewState `json:"review_state,omitzero"`
	DecidedBand Band        `json:"decided_band,omitzero"` // the band that holds, of the first score; once the review is done
	Model       ModelRef    `json:"model"`
	Scores      []Score     `json:"scores"`
	Missing     []Missing   `json:"missing"`
	Warnings    []Warning   `json:"warnings"`
	InputSHA256 string      `json:"input_sha256"`      // of the canonical JSON (RFC 8785) of history, as_of and purpose
	Notice      string      `json:"notice"`            // in the language asked for: what a score is and is not
	Catalogue   string      `json:"catalogue_version"` // version of the features' catalogue
}

// ModelRef names the exact model behind an assessment.
type ModelRef struct {
	ID       string   `json:"id"`
	Version  string   `json:"version"`
	SHA256   string   `json:"sha256"`
	Validity Validity `json:"validity"`
}

// Validity says for whom a model has been shown to hold.
type Validity string

// The validities, weakest first.
const (
	Demonstration       Validity = "demonstration"
	NotValidatedLocally Validity = "not_validated_locally"
	Pilot               Validity = "pilot"
	Validated           Validity = "validated"
)

// OutcomeKind is what a score is about.
type OutcomeKind string

// The outcomes.
const (
	Recidivism      OutcomeKind = "recidivism"       // a new arrest
	ViolationOf     OutcomeKind = "violation"        // of the conditions of supervision
	CustodyIncident OutcomeKind = "custody_incident" // an established incident in prison
)

// OutcomeKinds lists every OutcomeKind.
var OutcomeKinds = []OutcomeKind{Recidivism, ViolationOf, CustodyIncident}

// Band is a range of probabilities with a name.
type Band string

// The bands, lowest first.
const (
	Low    Band = "low"
	Medium Band = "medium"
	High   Band = "high"
)

// Bands lists every Band.
var Bands = []Band{Low, Medium, High}

// Score is the probability of one outcome. Baseline plus the sum of the contributions' points is Probability, and
// BaselineLogOdds plus the sum of their log-odds is LogOdds: exactly, as the ordered float64 sum.
type Score struct {
	Outcome         OutcomeKind    `json:"outcome"`
	HorizonMonths   *int           `json:"horizon_months"` // from the as-of date; null: while supervised
	Probability     float64        `json:"probability"`
	LogOdds         float64        `json:"log_odds"`
	Baseline        float64        `json:"baseline"`
	BaselineLogOdds float64        `json:"baseline_log_odds"`
	ObservedRange   *ObservedRange `json:"observed_range"` // null where the card has no sample for this score
	Band            Band           `json:"band"`
	Percentile      int            `json:"percentile"`      // of the validation sample, 0 to 100
	Method          string         `json:"method,omitzero"` // how the contributions were computed, such as additive
	// Rescaled: the contributions are exact in points; their log-odds are the points times one factor.
	Rescaled      bool           `json:"log_odds_rescaled,omitzero"`
	Contributions []Contribution `json:"contributions"`
}

// SameKind reports whether two scores are about the same outcome over as many months.
func (s *Score) SameKind(as *Score) bool {
	if s.Outcome != as.Outcome || (s.HorizonMonths == nil) != (as.HorizonMonths == nil) {
		return false
	}
	return s.HorizonMonths == nil || *s.HorizonMonths == *as.HorizonMonths
}

// ObservedRange says what happened to people of the validation sample whose scores lie from ScoresFrom to ScoresTo, with a 95 % Wilson
// interval. Fit and Text say in what way it speaks of the score it stands beside; they are filled in for the reader and not stored.
type ObservedRange struct {
	People     int         `json:"people"`
	Events     int         `json:"events"`
	Low        float64     `json:"low"`
	High       float64     `json:"high"`
	ScoresFrom float64     `json:"scores_from,omitzero"`
	ScoresTo   float64     `json:"scores_to,omitzero"` // 0: stored before the bounds were
	Fit        ObservedFit `json:"fit,omitzero"`
	Text       string      `json:"text,omitzero"`
}

// ObservedFit says in what way an observed range speaks of a score.
type ObservedFit string

// The fits. Where several hold it is the first of them.
const (
	FitOutside ObservedFit = "outside"  // the score lies outside the range: what was observed does not bear it out
	FitTooWide ObservedFit = "too_wide" // the people counted have scores too far apart to be called similar
	FitSimilar ObservedFit = "similar"  // the range speaks of people with scores like this
)

// SimilarScores is how far apart scores may lie that are called similar: ten people of 100. The narrow bins of a card, about 5 % of its
// sample each, are 1 to 8 wide; the outermost reach to 0 and 1, and half of what they count may lie far from a score in them.
const SimilarScores = 0.1

// FitOf says in what way the range speaks of a score of this probability.
func (r *ObservedRange) FitOf(probability float64) ObservedFit {
	switch {
	case probability < r.Low || probability > r.High:
		return FitOutside
	case r.TooWide():
		return FitTooWide
	default:
		return FitSimilar
	}
}

// TooWide reports whether the scores of the people counted lie too far apart to be called similar, or are not known.
func (r *ObservedRange) TooWide() bool {
	return r.ScoresTo == 0 || r.ScoresTo-r.ScoresFrom > SimilarScores+1e-9 // 0.3 - 0.2 is past 0.1 by the last bit
}

// SimilarRange is the observed range where it speaks of people with scores like this one, nil elsewhere: only then is it drawn beside the
// score.
func (s *Score) SimilarRange() *ObservedRange {
	if s.ObservedRange == nil || s.ObservedRange.FitOf(s.Probability) != FitSimilar {
		return nil
	}
	return s.ObservedRange
}

// Contribution is what one factor, or a pair of factors, added to a score or took from it.
type Contribution struct {
	Feature string  `json:"feature"`
	Value   Value   `json:"value"` // null: unknown
	Unit    string  `json:"unit,omitzero"`
	With    *Factor `json:"with,omitzero"` // the second factor of a pair
	// Remedy is the attribute that a signed remedy reads; Feature is then the remedy's id, Value the group. Empty for a factor.
	Remedy  string  `json:"remedy,omitzero"`
	LogOdds float64 `json:"log_odds"`
	Points  float64 `json:"points"` // percentage points as a fraction
	// LogOddsError and PointsError are the standard errors of an estimate; left out where the contribution is exact.
	LogOddsError float64    `json:"log_odds_error,omitzero"`
	PointsError  float64    `json:"points_error,omitzero"`
	Direction    Direction  `json:"direction"`
	Evidence     []Evidence `json:"evidence"`
	Changeable   bool       `json:"changeable"`
	// Odds is what the factor multiplies the odds by, [OddsFactor] of LogOdds. It is filled in with Text and never stored.
	Odds float64 `json:"odds,omitzero"`
	Text string  `json:"text,omitzero"`
}

// Factor is a feature with its value.
type Factor struct {
	Feature string `json:"feature"`
	Value   Value  `json:"value"`
	Unit    string `json:"unit,omitzero"`
}

// Evidence names a record: the id of an event, or a JSON pointer into the history (such as #/facts/2) of a record without one.
type Evidence string

// Direction is the sign of a contribution's points.
type Direction string

// The directions.
const (
	Raises  Direction = "raises"
	Lowers  Direction = "lowers"
	Neutral Direction = "neutral"
)

// DirectionOf is the direction of an amount, in whatever unit.
func DirectionOf[N int | float64](amount N) Direction {
	switch {
	case amount > 0:
		return Raises
	case amount < 0:
		return Lowers
	default:
		return Neutral
	}
}

// Missing is an input of the model that the history does not give.
type Missing struct {
	Feature string        `json:"feature"`
	Reason  MissingReason `json:"reason"`
	// CountedAs is how the model reads the gap: "unknown" (a value of its own) or "no".
	CountedAs string `json:"counted_as"`
	Text      string `json:"text,omitzero"`
}

// MissingReason says why a value is missing.
type MissingReason string

// The reasons.
const (
	NoRecord       MissingReason = "no_record"       // nothing in the history speaks of it
	NotEstablished MissingReason = "not_established" // only alleged, disputed or unfounded records do
	NotApplicable  MissingReason = "not_applicable"  // it has no meaning here, such as a share of no tests
)

// Warning is something the reader of a score must know.
type Warning struct {
	Code    WarningCode `json:"code"`
	Feature string      `json:"feature,omitzero"`
	Outcome OutcomeKind `json:"outcome,omitzero"` // the score it is about, where it is about one
	Horizon int         `json:"horizon_months,omitzero"`
	Group   string      `json:"group,omitzero"` // of a group that the model is off for, such as sex=female
	Count   int         `json:"count,omitzero"`
	Text    string      `json:"text,omitzero"`
}

// WarningCode names a warning.
type WarningCode string

// The warnings.
const (
	WarnNotValidatedLocally WarningCode = "not_validated_locally"
	WarnDemonstration       WarningCode = "demonstration"
	WarnEventsAfterAsOf     WarningCode = "events_after_as_of"    // Count events lie after the as-of date or came later, and were ignored
	WarnNotEstablished      WarningCode = "records_not_counted"   // Count records are not established and were not counted
	WarnOutOfRange          WarningCode = "value_out_of_range"    // Feature lies outside what the model was trained on
	WarnStale               WarningCode = "stale_value"           // Feature rests on a fact older than its window; Count is the age in days
	WarnMissingMany         WarningCode = "many_values_missing"   // Count inputs are missing
	WarnHorizonShortened    WarningCode = "horizon_shortened"     // the heads know only Count months from here
	WarnOutsideModel        WarningCode = "outside_model"         // no head covers this time under supervision
	WarnNewArrest           WarningCode = "new_arrest"            // already arrested anew: not scored for a new arrest
	WarnNearBand            WarningCode = "near_band"             // the observed range reaches into another band than the score's
	WarnBirthYearOnly       WarningCode = "birth_year_only"       // age read from the year of birth
	WarnOverPredicts        WarningCode = "over_predicts_a_group" // fewer of Group had the outcome than the model says, by more than a tenth
	WarnMadeUpTraining      WarningCode = "trained_on_made_up_people"
	WarnRemedyNotApplied    WarningCode = "remedy_not_applied"     // the attribute that a signed remedy reads (Group) is not known
	WarnDisputedKept        WarningCode = "disputed_value_kept"    // Feature rests on a disputed record that stays in this score: without it the score would be higher
	WarnUnderPredicts       WarningCode = "under_predicts_a_group" // more of Group had the outcome than the model says, by more than a tenth
)

// The warnings that an assessment gets when it is read: what an oversight committee has decided or a report has found since. They are
// not stored with it.
const (
	WarnModelPaused     WarningCode = "model_paused" // of an assessment whose review is open
	WarnReviewOverdue   WarningCode = "model_review_overdue"
	WarnModelDrift      WarningCode = "model_drift"
	WarnModelDisparity  WarningCode = "model_disparity"
	WarnChangeRequested WarningCode = "model_change_requested"
)
