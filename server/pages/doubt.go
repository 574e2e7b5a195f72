package pages

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
)

// bound is an answer that seldom exceeds the sum of others: a part and its whole, or a conviction and the arrest before it. Registers
// do hold records that break one (a charge that was changed between arrest and sentence), so an answer is doubted and never refused.
type bound struct {
	part  string
	whole []string // all of them known, or nothing is doubted
	text  string
}

var bounds = []bound{
	{"prior_convictions_felony", []string{"prior_arrests_felony"}, "doubt.part"},
	{"prior_convictions_misdemeanour", []string{"prior_arrests_misdemeanour"}, "doubt.part"},
	{"prior_convictions_property", []string{"prior_arrests_property"}, "doubt.part"},
	{"prior_convictions_drug", []string{"prior_arrests_drug"}, "doubt.part"},
	{"prior_conviction_violent", []string{"prior_arrests_violent"}, "doubt.conviction"},
	{"prior_conviction_supervision_breach", []string{"prior_arrests_supervision_breach"}, "doubt.conviction"},
	{"prior_conviction_domestic_violence", []string{"prior_arrest_domestic_violence"}, "doubt.conviction"},
	{"prior_conviction_weapon", []string{"prior_arrest_weapon"}, "doubt.conviction"},
	{"prior_arrests_violent", []string{"prior_arrests_felony", "prior_arrests_misdemeanour"}, "doubt.part"},
	{"prior_arrests_property", []string{"prior_arrests_felony", "prior_arrests_misdemeanour"}, "doubt.part"},
	{"prior_arrests_drug", []string{"prior_arrests_felony", "prior_arrests_misdemeanour"}, "doubt.part"},
	{"violations_90d", []string{"violations_365d"}, "doubt.part"},
	{"custody_incidents_90d", []string{"custody_incidents_365d"}, "doubt.part"},
	{"custody_violence_365d", []string{"custody_incidents_365d"}, "doubt.part"},
	{"custody_contraband_365d", []string{"custody_incidents_365d"}, "doubt.part"},
}

// custodyDays is bounded by the days that the person has lived.
const custodyDays = "custody_days"

// doubts are the answers of a form that contradict each other, with the names of those that are doubted.
func doubts(l *words.Locale, f *form, born, today tarozi.Date) (list []fault, names []string) {
	for _, b := range bounds {
		part, known := f.figure(b.part)
		whole := 0.0
		for _, name := range b.whole {
			n, given := f.figure(name)
			whole, known = whole+n, known && given
		}
		if !known || part <= whole {
			continue
		}
		one, said := f.field(b.part), make([]string, len(b.whole))
		for i, name := range b.whole {
			said[i] = f.field(name).said()
		}
		list = append(list, fault{"#" + one.Anchor(), l.Text(b.text, "part", one.said(), "whole", strings.Join(said, "; "))})
		names = append(names, b.part)
	}
	if days, known := f.figure(custodyDays); known && !born.IsZero() && days > float64(born.DaysUntil(today)) {
		one := f.field(custodyDays)
		list = append(list, fault{"#" + one.Anchor(), l.Text("doubt.life", "part", one.said())})
		names = append(names, custodyDays)
	}
	return list, names
}

// asked reports whether everything doubted was asked about before, as the form that came back says.
func asked(before string, names []string) bool {
	known := strings.Fields(before)
	return !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(known, name) })
}

// figure is the number in a field, 1 or 0 for yes or no; known is false where the form does not ask or nothing is answered.
func (f *form) figure(name string) (n float64, known bool) {
	one := f.field(name)
	if one == nil {
		return 0, false
	}
	switch one.Value {
	case "true":
		return 1, true
	case "false":
		return 0, true
	}
	n, err := strconv.ParseFloat(strings.Replace(one.Value, ",", ".", 1), 64)
	return n, err == nil
}

// said is the question with its answer.
func (f *field) said() string {
	for _, o := range f.Options {
		if o.Checked {
			return f.Label + ": " + strings.ToLower(o.Label)
		}
	}
	return f.Label + ": " + f.Value
}
