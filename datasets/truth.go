package datasets

import (
	"math"

	"github.com/tarozi/tarozi"
)

// Term is one term of the stated process: it adds PerUnit for each unit that the quantity, held within Low and High, lies above
// Origin. Quantities that are features of the catalogue bear their keys and mean the same; those with a name of their own
// (frailty, female) can be seen by no model.
type Term struct {
	Quantity  string
	Origin    float64
	Low, High float64
	PerUnit   float64 // log-odds of the month
}

// Effect is what the term adds to the month's log-odds at the quantity's value.
func (t Term) Effect(value float64) float64 {
	return t.PerUnit * (math.Min(math.Max(value, t.Low), t.High) - t.Origin)
}

// Process is how an outcome comes about: in each month that begins without its end having come, it happens with probability
// sigmoid(Base + the sum of the terms), the quantities taken as of the end of the month's eve.
type Process struct {
	Outcome tarozi.OutcomeKind
	Base    float64
	Terms   []Term
}

// Quantities that the catalogue lacks.
const (
	quantityFrailty   = "frailty"             // standard normal, the same in all months: what no register knows
	quantityFemale    = "female"              // 0 or 1
	quantityIdleUse   = "idle_and_positive"   // 1 with a positive test in the last 180 days and no job
	quantitySecondary = "education_secondary" // education is secondary: 0 or 1
	quantityHigher    = "education_higher"    // education is higher: 0 or 1
)

// Processes are the stated processes: a violation, a new arrest (the first alone), an incident in custody.
func Processes() []Process {
	const ever = math.MaxFloat64
	return []Process{
		{Outcome: tarozi.ViolationOf, Base: -3.55, Terms: []Term{
			{"violations_365d", 0, 0, 4, 0.45},
			{"alerts_zone_90d", 0, 0, 3, 0.30},
			{"alerts_curfew_90d", 0, 0, 3, 0.25},
			{"alerts_tamper_90d", 0, 0, 2, 0.60},
			{"contacts_missed_90d", 0, 0, 3, 0.35},
			{"drug_tests_positive_180d", 0, 0, 3, 0.30},
			{"programme_sessions_missed_180d", 0, 0, 4, 0.20},
			{"employed_now", 0, 0, 1, -0.50},
			{quantityIdleUse, 0, 0, 1, 0.35},
			{"moves_365d", 0, 0, 3, 0.20},
			{"age_now", 40, 18, 60, -0.03},
			{"intake_risk_score", 5, 1, 10, 0.12},
			{"electronic_monitoring_now", 0, 0, 1, 0.25},
			{"days_under_supervision", 0, 0, 365, -0.0015},
			{quantityFemale, 0, 0, 1, -0.35},
			{quantityFrailty, 0, -ever, ever, 0.30},
		}},
		{Outcome: tarozi.Recidivism, Base: -5.0, Terms: []Term{
			{"age_at_start", 35, 18, 60, -0.04},
			{"prior_arrests_felony", 0, 0, 10, 0.09},
			{"prior_convictions_property", 0, 0, 3, 0.12},
			{"prior_revocation_parole", 0, 0, 1, 0.30},
			{"gang_affiliation", 0, 0, 1, 0.45},
			{"intake_risk_score", 5, 1, 10, 0.10},
			{quantitySecondary, 0, 0, 1, -0.10},
			{quantityHigher, 0, 0, 1, -0.25},
			{"employed_now", 0, 0, 1, -0.40},
			{"violations_365d", 0, 0, 3, 0.30},
			{"drug_tests_positive_180d", 0, 0, 2, 0.20},
			{quantityFemale, 0, 0, 1, -0.40},
			{quantityFrailty, 0, -ever, ever, 0.40},
		}},
		{Outcome: tarozi.CustodyIncident, Base: -3.2, Terms: []Term{
			{"custody_incidents_365d", 0, 0, 4, 0.50},
			{"custody_violence_365d", 0, 0, 2, 0.30},
			{"age_now", 35, 18, 60, -0.035},
			{"gang_affiliation", 0, 0, 1, 0.50},
			{"intake_risk_score", 5, 1, 10, 0.08},
			{"days_in_custody", 0, 0, 720, -0.0008},
			{"days_to_planned_release", 180, 0, 720, 0.001},
			{quantityFemale, 0, 0, 1, -0.40},
			{quantityFrailty, 0, -ever, ever, 0.35},
		}},
	}
}

// LogOdds are the month's log-odds at the quantities; one that is not given counts as 0.
func (p Process) LogOdds(quantities map[string]float64) float64 {
	sum := p.Base
	for _, t := range p.Terms {
		sum += t.Effect(quantities[t.Quantity])
	}
	return sum
}
