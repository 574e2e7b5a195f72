package datasets

import (
	"io"
	"iter"
	"strconv"
)

// COMPASRow is one person screened in Broward County, with the vendor's scores and what happened in two years. The file has
// neither sentence nor supervision, its record is one count of unstated make, and its people wait for trial: there is no case
// history in it that a model of ours was made for, so none is written.
type COMPASRow struct {
	ID            string
	Decile        int  // risk of recidivism, 1 to 10
	ViolentDecile int  // risk of violent recidivism, 1 to 10
	Recidivism    bool // within two years
	Violent       bool // a violent offence at any time in the data
	Sex           string
	Race          string // as published
	AgeBand       string
	// What a model of one's own can be made from.
	Age, JuvenileFelonies, JuvenileMisdemeanours, JuvenileOther, Priors int
	FelonyCharge                                                        bool
}

// compasColumns are the columns of ProPublica's two-year file that are left when those that identify people are taken out.
var compasColumns = []string{
	"id", "sex", "age", "age_cat", "race", "juv_fel_count", "juv_misd_count", "juv_other_count", "priors_count", "c_charge_degree",
	"days_b_screening_arrest", "is_recid", "is_violent_recid", "decile_score", "score_text", "v_decile_score", "v_score_text", "start", "end",
	"event", "two_year_recid",
}

var (
	compasSexes = []word[string]{{"Male", "male"}, {"Female", "female"}}
	compasAges  = []word[string]{{"Less than 25", "under_25"}, {"25 - 45", "25_to_44"}, {"Greater than 45", "45_and_over"}}
	compasRaces = []word[string]{
		{"African-American", "African-American"}, {"Asian", "Asian"}, {"Caucasian", "Caucasian"}, {"Hispanic", "Hispanic"},
		{"Native American", "Native American"}, {"Other", "Other"},
	}
	compasCharge = []word[bool]{{"F", true}, {"M", false}}
	zeroOne      = []word[bool]{{"0", false}, {"1", true}}
	scoreTexts   = []word[[2]int]{{"Low", [2]int{1, 4}}, {"Medium", [2]int{5, 7}}, {"High", [2]int{8, 10}}}
)

// COMPAS reads the file of COMPAS scores, in its order. Faults come as with NIJ.
func COMPAS(in io.Reader) iter.Seq2[COMPASRow, error] {
	return rows(in, compasColumns, nil, "id", func(l *line) (COMPASRow, string) {
		row := compasRow(l)
		return row, row.ID
	})
}

func compasRow(l *line) COMPASRow {
	row := COMPASRow{
		ID:                    "compas-" + strconv.Itoa(l.whole("id", 1, 1_000_000)),
		Decile:                l.decile("decile_score", "score_text"),
		ViolentDecile:         l.decile("v_decile_score", "v_score_text"),
		Recidivism:            required(l, "two_year_recid", zeroOne),
		Violent:               required(l, "is_violent_recid", zeroOne),
		Sex:                   required(l, "sex", compasSexes),
		Race:                  required(l, "race", compasRaces),
		AgeBand:               required(l, "age_cat", compasAges),
		Age:                   l.whole("age", 10, 120),
		JuvenileFelonies:      l.whole("juv_fel_count", 0, 500),
		JuvenileMisdemeanours: l.whole("juv_misd_count", 0, 500),
		JuvenileOther:         l.whole("juv_other_count", 0, 500),
		Priors:                l.whole("priors_count", 0, 500),
		FelonyCharge:          required(l, "c_charge_degree", compasCharge),
	}
	if !required(l, "is_recid", zeroOne) && row.Recidivism {
		l.fault("two_year_recid", "this contradicts is_recid, which knows of no recidivism at all: one of them is wrong")
	}
	return row
}

// decile reads a score and holds it against its text.
func (l *line) decile(column, text string) int {
	n := l.whole(column, 1, 10)
	if bounds := required(l, text, scoreTexts); len(l.faults) == 0 && (n < bounds[0] || n > bounds[1]) {
		l.fault(text, "%q contradicts %s, which is %d: one of them is wrong", l.cell(text), column, n)
	}
	return n
}

// whole reads a whole number within bounds.
func (l *line) whole(column string, low, high int) int {
	reader := whole(low, high)
	value, ok := reader.read(l.cell(column))
	if !ok {
		l.fault(column, "%q is not a value of this column: expected %s", l.cell(column), reader.expected)
		return 0
	}
	return int(value.Float())
}

// COMPASHeader names the columns of COMPASRow.Fields: scores, outcomes and groups for `tarozi fairness`, then what a model of one's
// own can be made from.
func COMPASHeader() []string {
	return []string{
		"person_id", "decile", "violent_decile", "recidivism", "violent_recidivism", "sex", "race", "age_band",
		"age", "juvenile_felonies", "juvenile_misdemeanours", "juvenile_other", "priors", "felony_charge",
	}
}

// Fields is the row as texts, yes and no as 1 and 0.
func (r COMPASRow) Fields() []string {
	flag := func(yes bool) string { return strconv.Itoa(int(indicator(yes))) }
	return []string{
		r.ID, strconv.Itoa(r.Decile), strconv.Itoa(r.ViolentDecile), flag(r.Recidivism), flag(r.Violent), r.Sex, r.Race, r.AgeBand,
		strconv.Itoa(r.Age), strconv.Itoa(r.JuvenileFelonies), strconv.Itoa(r.JuvenileMisdemeanours), strconv.Itoa(r.JuvenileOther),
		strconv.Itoa(r.Priors), flag(r.FelonyCharge),
	}
}
