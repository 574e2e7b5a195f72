package datasets

import (
	"bytes"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/features"
)

// columnFeature says which feature a column of the file must come back as, and what each text must be as a model's input. It is
// written from the code book of the data set and the encodings of the bundle's card, not from the reader under test.
type columnFeature struct {
	column, feature string
	value           func(text string) float64
}

func leadingNumber(text string) float64 {
	digits, _, _ := strings.Cut(text, " ")
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return math.NaN()
	}
	return n
}

func yesNo(text string) float64 {
	switch text {
	case "true":
		return 1
	case "false":
		return 0
	}
	return math.NaN()
}

func byName(values map[string]float64) func(string) float64 {
	return func(text string) float64 {
		if v, ok := values[text]; ok {
			return v
		}
		return math.NaN()
	}
}

// nearest gives the number to so many decimals, halves up, from its decimal text.
func nearest(decimals int) func(string) float64 {
	return func(text string) float64 {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return math.NaN()
		}
		scale := math.Pow(10, float64(decimals))
		return math.Floor(n*scale+0.5) / scale
	}
}

var releaseColumns = []columnFeature{
	{"Age_at_Release", "age_at_start", byName(map[string]float64{
		"18-22": 20, "23-27": 25, "28-32": 30, "33-37": 35, "38-42": 40, "43-47": 45, "48 or older": 50})},
	{"Gang_Affiliated", "gang_affiliation", yesNo},
	{"Supervision_Risk_Score_First", "intake_risk_score", leadingNumber},
	{"Supervision_Level_First", "supervision_level_first", byName(map[string]float64{"Standard": 0, "High": 1, "Specialized": 2})},
	{"Education_Level", "education", byName(map[string]float64{
		"Less than HS diploma": 0, "High School Diploma": 1, "At least some college": 2})},
	{"Dependents", "dependents", leadingNumber},
	{"Prison_Offense", "sentence_offence", byName(map[string]float64{
		"Violent/Non-Sex": 0, "Violent/Sex": 1, "Property": 2, "Drug": 3, "Other": 6})},
	{"Prison_Years", "custody_days", byName(map[string]float64{
		"Less than 1 year": 183, "1-2 years": 548, "Greater than 2 to 3 years": 913, "More than 3 years": 1278})},
	{"Prior_Arrest_Episodes_Felony", "prior_arrests_felony", leadingNumber},
	{"Prior_Arrest_Episodes_Misd", "prior_arrests_misdemeanour", leadingNumber},
	{"Prior_Arrest_Episodes_Violent", "prior_arrests_violent", leadingNumber},
	{"Prior_Arrest_Episodes_Property", "prior_arrests_property", leadingNumber},
	{"Prior_Arrest_Episodes_Drug", "prior_arrests_drug", leadingNumber},
	{"Prior_Arrest_Episodes_PPViolationCharges", "prior_arrests_supervision_breach", leadingNumber},
	{"Prior_Arrest_Episodes_DVCharges", "prior_arrest_domestic_violence", yesNo},
	{"Prior_Arrest_Episodes_GunCharges", "prior_arrest_weapon", yesNo},
	{"Prior_Conviction_Episodes_Felony", "prior_convictions_felony", leadingNumber},
	{"Prior_Conviction_Episodes_Misd", "prior_convictions_misdemeanour", leadingNumber},
	{"Prior_Conviction_Episodes_Viol", "prior_conviction_violent", yesNo},
	{"Prior_Conviction_Episodes_Prop", "prior_convictions_property", leadingNumber},
	{"Prior_Conviction_Episodes_Drug", "prior_convictions_drug", leadingNumber},
	{"Prior_Conviction_Episodes_PPViolationCharges", "prior_conviction_supervision_breach", yesNo},
	{"Prior_Conviction_Episodes_DomesticViolenceCharges", "prior_conviction_domestic_violence", yesNo},
	{"Prior_Conviction_Episodes_GunCharges", "prior_conviction_weapon", yesNo},
	{"Prior_Revocations_Parole", "prior_revocation_parole", yesNo},
	{"Prior_Revocations_Probation", "prior_revocation_probation", yesNo},
	{"Condition_MH_SA", "condition_treatment", yesNo},
	{"Condition_Cog_Ed", "condition_education", yesNo},
	{"Condition_Other", "condition_other", yesNo},
}

var activityColumns = []columnFeature{
	{"Violations_ElectronicMonitoring", "violation_electronic_monitoring", yesNo},
	{"Violations_Instruction", "violation_instruction", yesNo},
	{"Violations_FailToReport", "violation_fail_to_report", yesNo},
	{"Violations_MoveWithoutPermission", "violation_moved_without_permission", yesNo},
	{"Delinquency_Reports", "delinquency_reports", leadingNumber},
	{"Program_Attendances", "programme_sessions_attended", leadingNumber},
	{"Program_UnexcusedAbsences", "programme_sessions_missed", leadingNumber},
	{"Residence_Changes", "residence_changes", leadingNumber},
	{"Avg_Days_per_DrugTest", "days_per_drug_test", nearest(0)},
	{"DrugTests_THC_Positive", "drug_positive_share_thc", nearest(2)},
	{"DrugTests_Cocaine_Positive", "drug_positive_share_cocaine", nearest(2)},
	{"DrugTests_Meth_Positive", "drug_positive_share_meth", nearest(2)},
	{"DrugTests_Other_Positive", "drug_positive_share_other", nearest(2)},
	{"Percent_Days_Employed", "employed_share", nearest(2)},
	{"Jobs_Per_Year", "jobs_per_year", nearest(1)},
	{"Employment_Exempt", "employment_exempt", yesNo},
}

// checkRoundTrip extracts the features of every row of a file and compares them with the row's cells.
func checkRoundTrip(t *testing.T, name string, options NIJOptions) (rows int) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	cells := readCSV(t, name)
	i := 0
	faults := 0
	for row, err := range NIJ(bytes.NewReader(data), options) {
		if err != nil {
			t.Fatal(err)
		}
		x, err := features.Extract(&row.Request.History, features.Moment{AsOf: row.Request.AsOf, Zone: time.UTC})
		if err != nil {
			t.Fatalf("%s: %v", row.Request.History.PersonID, err)
		}
		if x.Months != options.Months || x.After != 0 || x.NotCounted != 0 {
			t.Errorf("%s: %d months, %d after, %d not counted", row.Request.History.PersonID, x.Months, x.After, x.NotCounted)
		}
		for _, c := range releaseColumns {
			faults += compare(t, x, c, cells[i], row.Request.History.PersonID, true)
		}
		for _, c := range activityColumns {
			faults += compare(t, x, c, cells[i], row.Request.History.PersonID, options.Activity)
		}
		if faults > 20 {
			t.Fatal("too many differences")
		}
		i++
	}
	if i != len(cells) {
		t.Errorf("%d cases of %d rows", i, len(cells))
	}
	return i
}

// compare reports 1 where the feature is not what the cell says, or is there though it was not asked for.
func compare(t *testing.T, x *features.Extraction, c columnFeature, cells map[string]string, person string, present bool) int {
	t.Helper()
	place, ok := features.Index(c.feature)
	if !ok {
		t.Fatalf("the catalogue has no %s", c.feature)
	}
	text, ok := cells[c.column]
	if !ok {
		t.Fatalf("the file has no %s", c.column)
	}
	want := math.NaN()
	if present {
		want = c.value(text)
	}
	got := number(x, place)
	if got == want || (math.IsNaN(got) && math.IsNaN(want)) {
		return 0
	}
	t.Errorf("%s: %s is %q, which must come back as %s = %g, not %g", person, c.column, text, c.feature, want, got)
	return 1
}

func TestNIJRoundTripThroughFeatures(t *testing.T) {
	for _, row := range []struct {
		name    string
		options NIJOptions
	}{
		{"at release", NIJOptions{}},
		{"after 12 months", NIJOptions{Months: 12}},
		{"after 24 months with activity", NIJOptions{Months: 24, Activity: true}},
		{"at release with activity", NIJOptions{Activity: true}},
	} {
		t.Run(row.name, func(t *testing.T) { checkRoundTrip(t, nijSample, row.options) })
	}
}

// Every column of the sample is either compared above or known to stay out of histories.
func TestNIJRoundTripLeavesNoColumnOut(t *testing.T) {
	compared := map[string]bool{"Gender": true, "Race": true, "Residence_PUMA": true}
	for _, c := range append(append([]columnFeature{}, releaseColumns...), activityColumns...) {
		compared[c.column] = true
	}
	for _, c := range sampleColumns {
		if !compared[c.name] {
			t.Errorf("nothing checks that %s comes back", c.name)
		}
	}
}

// number is the value of a feature as a number: NaN where missing, the place of a category in the catalogue, 0 or 1 for a flag.
func number(x *features.Extraction, place int) float64 {
	value := x.Entries[place].Value
	if value.Kind() == tarozi.TextValue {
		return float64(slices.Index(features.Catalogue()[place].Categories, value.Text()))
	}
	return value.Float()
}
