package datasets

import (
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/tarozi/tarozi"
)

// The NIJ file gives no dates. Everybody is released on one made-up day in the middle of its years, so that landmarks and
// horizons have days to stand on; features depend on differences of days alone.
var nijRelease = tarozi.Date{Year: 2014, Month: time.July, Day: 1}

const (
	nijSource = "nij-challenge"
	nijAgency = "georgia-parole"
	nijYears  = 3 // how long everybody was followed for arrests
)

// NIJOptions says which moment of a case the histories show.
type NIJOptions struct {
	Months   int  // since release: 0, 12 or 24
	Activity bool // add what is known only after release, as facts of the as-of day; see NIJ
}

// Case is one person of a data set: what a model may see, and apart from it what is for audit alone.
type Case struct {
	Request   tarozi.Request
	Protected tarozi.ProtectedAttributes
	Outcomes  []tarozi.Outcome
}

// NIJ reads rows of the NIJ Recidivism Forecasting Challenge file, with or without its four outcome columns, in the order of
// the file. Faults of a row come as one error (of *CellError, joined) in the row's place and reading goes on; a fault of the
// header or of the CSV syntax ends it.
//
// Dates are made up: release on 2014-07-01, birth on 1 July of the year that gives the age band's representative on that
// day. Time in prison is the middle of its band. "10 or more" counts as 10, and likewise for every capped count. A blank cell gives no fact.
//
// The activity columns are summed over the whole supervision up to arrest or end, not up to the as-of day: a model made from
// them is a benchmark, not a forecast. They are rounded; see nijActivity.
//
// Outcomes have the resolution of the file. A first new arrest is known by year: it is dated to the middle of that year. A
// violation is known to have happened or not "while supervised": it is dated to the middle of the three years, and absent
// where the row lacks its activity columns. Both say so in their note.
func NIJ(in io.Reader, options NIJOptions) iter.Seq2[Case, error] {
	return rows(in, nijColumns(), nijOutcomes, "ID", func(l *line) (Case, string) {
		c := nijCase(l, options)
		return c, c.Request.History.PersonID
	})
}

// nijColumns are the columns that every NIJ file has.
func nijColumns() []string {
	columns := []string{
		"ID", "Gender", "Race", "Age_at_Release", "Residence_PUMA", "Supervision_Level_First", "Prison_Offense", "Prison_Years", "Training_Sample",
	}
	for _, c := range nijConditions {
		columns = append(columns, c.text)
	}
	for _, c := range slices.Concat(nijFacts, nijActivity) {
		columns = append(columns, c.column)
	}
	return columns
}

func nijCase(l *line, options NIJOptions) Case {
	asOf := nijRelease.AddMonths(options.Months)
	id := l.cell("ID")
	if n, err := strconv.Atoi(id); err != nil || n < 1 || strconv.Itoa(n) != id {
		l.fault("ID", "%q is no row id: expected a whole number from 1", id)
	}
	if text := l.cell("Training_Sample"); text != "0" && text != "1" {
		l.fault("Training_Sample", `%q is not a value of this column: expected "0" or "1"`, text)
	}
	from := tarozi.Provenance{Source: nijSource, SourceID: id}
	person := "nij-" + id

	days := required(l, "Prison_Years", prisonYears)
	history := tarozi.CaseHistory{
		PersonID:  person,
		AgencyID:  nijAgency,
		BirthYear: nijRelease.Year - required(l, "Age_at_Release", ageBands),
		Sentences: []tarozi.Sentence{{
			ImposedOn:   nijRelease.AddDays(-days),
			Type:        "parole",
			Offence:     optional(l, "Prison_Offense", prisonOffences),
			CustodyDays: &days,
			ReleasedOn:  nijRelease,
			Provenance:  from,
		}},
		Supervision: []tarozi.Supervision{{
			From:       nijRelease,
			Kind:       tarozi.SupervisionParole,
			Level:      optional(l, "Supervision_Level_First", supervisionLevels),
			Conditions: nijConditionsOf(l),
			Provenance: from,
		}},
		Facts: appendFacts(make([]tarozi.Fact, 0, len(nijFacts)), l, nijFacts, nijRelease, from),
	}
	activity := appendFacts(nil, l, nijActivity, asOf, from)
	if options.Activity {
		history.Facts = append(history.Facts, activity...)
	}
	return Case{
		Request:   tarozi.Request{History: history, AsOf: asOf},
		Protected: nijProtected(l, person),
		Outcomes:  nijOutcomesOf(l, person, from),
	}
}

// required reads a column that is never blank.
func required[T any](l *line, column string, words []word[T]) T {
	text := l.cell(column)
	meaning, ok := meaningOf(words, text)
	if !ok {
		l.fault(column, "%q is not a value of this column: expected one of %s", text, texts(words))
	}
	return meaning
}

// optional reads a column that may be blank, which gives the zero value.
func optional[T any](l *line, column string, words []word[T]) T {
	if l.cell(column) == "" {
		var unknown T
		return unknown
	}
	return required(l, column, words)
}

func readFlag(l *line, column string) bool {
	text := l.cell(column)
	value, ok := trueFalseCell.read(text)
	if !ok {
		l.fault(column, "%q is not a value of this column: expected %s", text, trueFalseCell.expected)
	}
	return ok && value.Float() == 1
}

func nijConditionsOf(l *line) []tarozi.Condition {
	set := []tarozi.Condition{} // empty, not nil: known to be none
	for _, c := range nijConditions {
		if readFlag(l, c.text) {
			set = append(set, c.meaning)
		}
	}
	return set
}

func appendFacts(facts []tarozi.Fact, l *line, columns []factColumn, on tarozi.Date, from tarozi.Provenance) []tarozi.Fact {
	for _, c := range columns {
		text := l.cell(c.column)
		if text == "" && c.blank {
			continue
		}
		value, ok := c.reader.read(text)
		if !ok {
			l.fault(c.column, "%q is not a value of this column: expected %s", text, c.reader.expected)
			continue
		}
		facts = append(facts, tarozi.Fact{Feature: c.feature, Value: value, AsOf: on, Status: tarozi.Verified, Provenance: from})
	}
	return facts
}

func nijProtected(l *line, person string) tarozi.ProtectedAttributes {
	area := l.cell("Residence_PUMA")
	if n, err := strconv.Atoi(area); err != nil || n < 1 || n > 25 {
		l.fault("Residence_PUMA", "%q is not a value of this column: expected a whole number from 1 to 25", area)
	}
	return tarozi.ProtectedAttributes{PersonID: person, Attributes: map[string]string{
		"sex": required(l, "Gender", nijSexes), "race": required(l, "Race", nijRaces), "address_area": "puma-" + area,
	}}
}

func nijOutcomesOf(l *line, person string, from tarozi.Provenance) []tarozi.Outcome {
	var outcomes []tarozi.Outcome
	until := nijRelease.AddMonths(12 * nijYears)
	if l.table.has(nijOutcomes[0]) {
		arrest := tarozi.Outcome{PersonID: person, Kind: tarozi.Recidivism, FollowedFrom: nijRelease, FollowedUntil: until, Provenance: from}
		arrest.Note = "no arrest in the three years after release"
		for year := 1; year <= nijYears; year++ {
			column := nijOutcomes[year]
			if !readFlag(l, column) {
				continue
			}
			if arrest.Observed {
				l.fault(column, "the first arrest cannot fall into two years: one of the columns is wrong")
			}
			arrest.Observed = true
			arrest.ObservedOn = nijRelease.AddMonths(12*year - 6)
			arrest.Note = fmt.Sprintf("in year %d after release; the day is not known, the middle of that year stands for it", year)
		}
		if readFlag(l, nijOutcomes[0]) != arrest.Observed {
			l.fault(nijOutcomes[0], "this contradicts the columns of the single years: one of them is wrong")
		}
		outcomes = append(outcomes, arrest)
	}
	if breach, known := nijViolation(l); known {
		violation := tarozi.Outcome{
			PersonID: person, Kind: tarozi.ViolationOf, Observed: breach, FollowedFrom: nijRelease, FollowedUntil: until, Provenance: from,
		}
		violation.Note = "none while supervised, which may have ended earlier"
		if breach {
			violation.ObservedOn = nijRelease.AddMonths(6 * nijYears)
			violation.Note = "while supervised; the day is not known, the middle of the three years stands for it"
		}
		outcomes = append(outcomes, violation)
	}
	return outcomes
}

// nijViolation reports whether any of the violation flags is set or a delinquency report was made; known is false where the
// row lacks any of these columns and none of the others says yes.
func nijViolation(l *line) (breach, known bool) {
	known = true
	for _, column := range violationColumns {
		switch l.cell(column) {
		case "true":
			breach = true
		case "":
			known = false
		}
	}
	switch l.cell("Delinquency_Reports") {
	case "0":
	case "":
		known = false
	default:
		breach = true
	}
	return breach, known || breach
}
