package datasets

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tarozi/tarozi"
)

// How the columns of the NIJ file read, in the encodings that the features' catalogue uses.

// cellReader reads a text that is not blank; ok is false for a text that the column does not know. expected says which
// texts it knows.
type cellReader struct {
	read     func(text string) (value tarozi.Value, ok bool)
	expected string
}

// factColumn is a column that becomes a fact.
type factColumn struct {
	column, feature string
	reader          cellReader
	blank           bool // the column may be blank: not known, so no fact
}

// nijFacts are the columns known at release.
var nijFacts = []factColumn{
	{"Gang_Affiliated", "gang_affiliation", trueFalseCell, true},
	{"Supervision_Risk_Score_First", "intake_risk_score", whole(1, 10), true},
	{"Education_Level", "education", oneOf(education), false},
	{"Dependents", "dependents", capped(3), false},
	{"Prior_Arrest_Episodes_Felony", "prior_arrests_felony", capped(10), false},
	{"Prior_Arrest_Episodes_Misd", "prior_arrests_misdemeanour", capped(6), false},
	{"Prior_Arrest_Episodes_Violent", "prior_arrests_violent", capped(3), false},
	{"Prior_Arrest_Episodes_Property", "prior_arrests_property", capped(5), false},
	{"Prior_Arrest_Episodes_Drug", "prior_arrests_drug", capped(5), false},
	{"Prior_Arrest_Episodes_PPViolationCharges", "prior_arrests_supervision_breach", capped(5), false},
	{"Prior_Arrest_Episodes_DVCharges", "prior_arrest_domestic_violence", trueFalseCell, false},
	{"Prior_Arrest_Episodes_GunCharges", "prior_arrest_weapon", trueFalseCell, false},
	{"Prior_Conviction_Episodes_Felony", "prior_convictions_felony", capped(3), false},
	{"Prior_Conviction_Episodes_Misd", "prior_convictions_misdemeanour", capped(4), false},
	{"Prior_Conviction_Episodes_Viol", "prior_conviction_violent", trueFalseCell, false},
	{"Prior_Conviction_Episodes_Prop", "prior_convictions_property", capped(3), false},
	{"Prior_Conviction_Episodes_Drug", "prior_convictions_drug", capped(2), false},
	{"Prior_Conviction_Episodes_PPViolationCharges", "prior_conviction_supervision_breach", trueFalseCell, false},
	{"Prior_Conviction_Episodes_DomesticViolenceCharges", "prior_conviction_domestic_violence", trueFalseCell, false},
	{"Prior_Conviction_Episodes_GunCharges", "prior_conviction_weapon", trueFalseCell, false},
	{"Prior_Revocations_Parole", "prior_revocation_parole", trueFalseCell, false},
	{"Prior_Revocations_Probation", "prior_revocation_probation", trueFalseCell, false},
}

// nijActivity are the columns known only after release. Their exact fractions would tell how long somebody was followed, so
// each is rounded: 1 day, 1 %, 0.1 jobs a year.
var nijActivity = []factColumn{
	{"Violations_ElectronicMonitoring", "violation_electronic_monitoring", trueFalseCell, true},
	{"Violations_Instruction", "violation_instruction", trueFalseCell, true},
	{"Violations_FailToReport", "violation_fail_to_report", trueFalseCell, true},
	{"Violations_MoveWithoutPermission", "violation_moved_without_permission", trueFalseCell, true},
	{"Delinquency_Reports", "delinquency_reports", capped(4), true},
	{"Program_Attendances", "programme_sessions_attended", capped(10), true},
	{"Program_UnexcusedAbsences", "programme_sessions_missed", capped(3), true},
	{"Residence_Changes", "residence_changes", capped(3), true},
	{"Avg_Days_per_DrugTest", "days_per_drug_test", rounded(1, 3653), true},
	{"DrugTests_THC_Positive", "drug_positive_share_thc", rounded(100, 1), true},
	{"DrugTests_Cocaine_Positive", "drug_positive_share_cocaine", rounded(100, 1), true},
	{"DrugTests_Meth_Positive", "drug_positive_share_meth", rounded(100, 1), true},
	{"DrugTests_Other_Positive", "drug_positive_share_other", rounded(100, 1), true},
	{"Percent_Days_Employed", "employed_share", rounded(100, 1), true},
	{"Jobs_Per_Year", "jobs_per_year", rounded(10, 50), true},
	{"Employment_Exempt", "employment_exempt", trueFalseCell, true},
}

// violationColumns make the outcome "violation": any of the flags, or a delinquency report.
var violationColumns = []string{
	"Violations_ElectronicMonitoring", "Violations_Instruction", "Violations_FailToReport", "Violations_MoveWithoutPermission",
}

var nijOutcomes = []string{
	"Recidivism_Within_3years", "Recidivism_Arrest_Year1", "Recidivism_Arrest_Year2", "Recidivism_Arrest_Year3",
}

// word is a text of the file and what it means here.
type word[T any] struct {
	text    string
	meaning T
}

// ageBands has a representative for each band, so that any cut between bands falls between representatives.
var ageBands = []word[int]{
	{"18-22", 20}, {"23-27", 25}, {"28-32", 30}, {"33-37", 35}, {"38-42", 40}, {"43-47", 45}, {"48 or older", 50},
}

var education = []word[string]{
	{"Less than HS diploma", "less_than_secondary"}, {"High School Diploma", "secondary"}, {"At least some college", "higher"},
}

var prisonOffences = []word[tarozi.Offence]{
	{"Violent/Non-Sex", tarozi.OffenceViolent}, {"Violent/Sex", tarozi.OffenceViolentSexual},
	{"Property", tarozi.OffenceProperty}, {"Drug", tarozi.OffenceDrug}, {"Other", tarozi.OffenceOther},
}

// prisonYears has the middle of each band in days; of the open band, the middle of the fourth year.
var prisonYears = []word[int]{
	{"Less than 1 year", 183}, {"1-2 years", 548}, {"Greater than 2 to 3 years", 913}, {"More than 3 years", 1278},
}

var supervisionLevels = []word[tarozi.SupervisionLevel]{
	{"Standard", "standard"}, {"High", "high"}, {"Specialized", "specialised"},
}

var nijConditions = []word[tarozi.Condition]{
	{"Condition_MH_SA", tarozi.ConditionTreatment}, {"Condition_Cog_Ed", tarozi.ConditionEducation}, {"Condition_Other", tarozi.ConditionOther},
}

var nijSexes = []word[string]{{"M", "male"}, {"F", "female"}}

var nijRaces = []word[string]{{"BLACK", "black"}, {"WHITE", "white"}}

func meaningOf[T any](words []word[T], text string) (T, bool) {
	for _, w := range words {
		if w.text == text {
			return w.meaning, true
		}
	}
	var none T
	return none, false
}

func texts[T any](words []word[T]) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = strconv.Quote(w.text)
	}
	return strings.Join(list, ", ")
}

var trueFalseCell = cellReader{
	read: func(text string) (tarozi.Value, bool) {
		return tarozi.Flag(text == "true"), text == "true" || text == "false"
	},
	expected: `"true", "false"`,
}

// whole reads a whole number from low to high.
func whole(low, high int) cellReader {
	return cellReader{
		read: func(text string) (tarozi.Value, bool) {
			n, err := strconv.Atoi(text)
			return tarozi.Number(float64(n)), err == nil && n >= low && n <= high && strconv.Itoa(n) == text
		},
		expected: "a whole number from " + strconv.Itoa(low) + " to " + strconv.Itoa(high),
	}
}

// capped reads "0" to "most or more", which counts as most.
func capped(most int) cellReader {
	open := strconv.Itoa(most) + " or more"
	list := make([]string, 0, most+1)
	for n := range most {
		list = append(list, strconv.Itoa(n))
	}
	list = append(list, open)
	return cellReader{
		read: func(text string) (tarozi.Value, bool) {
			n := slices.Index(list, text)
			return tarozi.Number(float64(n)), n >= 0
		},
		expected: "0 to " + strconv.Itoa(most-1) + " or " + strconv.Quote(open),
	}
}

func oneOf(words []word[string]) cellReader {
	return cellReader{
		read: func(text string) (tarozi.Value, bool) {
			name, ok := meaningOf(words, text)
			return tarozi.Category(name), ok
		},
		expected: texts(words),
	}
}

// rounded reads a number from 0 to high and rounds it to 1/parts, halves upwards.
func rounded(parts, high float64) cellReader {
	return cellReader{
		read: func(text string) (tarozi.Value, bool) {
			n, err := strconv.ParseFloat(text, 64)
			if err != nil || math.IsNaN(n) || n < 0 || n > high {
				return tarozi.Value{}, false
			}
			return tarozi.Number(math.Round(n*parts) / parts), true
		},
		expected: "a number from 0 to " + strconv.FormatFloat(high, 'f', -1, 64),
	}
}
