package words

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nicksnyder/go-i18n/v2/i18n"

	"github.com/tarozi/tarozi"
)

// Vocabularies of the categories that features take.
var vocabulary = map[string]string{
	"education":               "education",
	"supervision_level_first": "level",
	"supervision_level":       "level",
	"sentence_offence":        "offence",
	"sentence_severity":       "severity",
}

// measured lists the units that a value needs beside it; of the others ("arrests") the feature's name says what is counted.
var measured = map[string]bool{"years": true, "days": true, "people": true}

// Feature is the name of a feature, such as "Age when supervision began".
func (l *Locale) Feature(key string) string { return l.Text("feature." + key + ".name") }

// Term is the word for one name of a closed list of the vocabulary, such as Term("offence", "drug").
func (l *Locale) Term(list, name string) string { return l.Text("term." + list + "." + name) }

// Value writes the value of a feature with its unit: "4 arrests", "yes", "secondary education", "unknown".
func (l *Locale) Value(feature string, v tarozi.Value, unit string) string {
	switch v.Kind() {
	case tarozi.FlagValue:
		if v.Float() == 1 {
			return l.Text("value.yes")
		}
		return l.Text("value.no")
	case tarozi.TextValue:
		return l.Term(vocabulary[feature], v.Text())
	case tarozi.NumberValue:
		return l.amount(v.Float(), unit)
	default:
		return l.Text("value.unknown")
	}
}

func (l *Locale) amount(v float64, unit string) string {
	switch {
	case unit == "share":
		return l.Percent(v, 0)
	case unit != "":
		return l.count("unit."+unit, v)
	case v != math.Trunc(v):
		return l.Number(v, 1)
	default:
		return l.Number(v, 0)
	}
}

// Figure is Value without a unit that the feature's name already says: "4" arrests, but "24 years".
func (l *Locale) Figure(feature string, v tarozi.Value, unit string) string {
	if !measured[unit] && unit != "share" {
		unit = ""
	}
	return l.Value(feature, v, unit)
}

// Factor names what a contribution is about with its value, of a pair both: "Age when supervision began: 24 years".
func (l *Locale) Factor(c tarozi.Contribution) string {
	if c.Remedy != "" {
		return l.Text("factor.remedy", "group", l.Group(c.Remedy+"="+c.Value.Text()))
	}
	said := l.Text("factor.one", "name", l.Feature(c.Feature), "value", l.Figure(c.Feature, c.Value, c.Unit))
	if c.With == nil {
		return said
	}
	second := l.Text("factor.one", "name", l.Feature(c.With.Feature), "value", l.Figure(c.With.Feature, c.With.Value, c.With.Unit))
	return l.Text("factor.pair", "first", said, "second", goOn(second))
}

// contribution is one plain sentence: the factor and what it does to the score, in people of 100.
func (l *Locale) contribution(c *tarozi.Contribution, direction tarozi.Direction, points float64, decimals int) string {
	id := "contribution." + string(direction)
	if direction != tarozi.Neutral && Rounded(points, decimals) == 0 {
		id += "_little"
	}
	return l.Text(id, "factor", l.Factor(*c), "points", l.Number(points, decimals))
}

// Missing says which input is missing, why, and how the model reads the gap.
func (l *Locale) Missing(m tarozi.Missing) string {
	return l.Text("missing.sentence", "feature", l.Feature(m.Feature), "reason", l.Text("missing.reason."+string(m.Reason)),
		"counted", l.Text("missing.counted."+m.CountedAs))
}

// Warning says what the reader must know.
func (l *Locale) Warning(w tarozi.Warning) string {
	data := map[string]any{}
	if w.Feature != "" {
		data["feature"] = l.Feature(w.Feature)
	}
	if w.Outcome != "" {
		data["outcome"] = l.Score(w.Outcome, horizon(w.Horizon))
	}
	if w.Group != "" {
		data["group"] = l.Group(w.Group)
	}
	if w.Horizon > 0 {
		data["horizon"] = l.Plural("unit.months", w.Horizon)
	}
	id := "warning." + string(w.Code)
	if l.ids[id] {
		return begin(l.Plural(id, w.Count, data))
	}
	return begin(l.Text(id, data))
}

// begin writes a sentence's first letter as a capital.
func begin(sentence string) string {
	first, size := utf8.DecodeRuneInString(sentence)
	return string(unicode.ToUpper(first)) + sentence[size:]
}

// goOn writes a name's first letter small, for the middle of a sentence; abbreviations stay.
func goOn(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	if next, _ := utf8.DecodeRuneInString(name[size:]); unicode.IsUpper(next) {
		return name
	}
	return string(unicode.ToLower(first)) + name[size:]
}

func horizon(months int) *int {
	if months == 0 {
		return nil
	}
	return &months
}

// Group names a group of an attribute written attribute=group, such as sex=female.
func (l *Locale) Group(group string) string {
	attribute, name, _ := strings.Cut(group, "=")
	if id := "group." + attribute + "." + name; l.Has(id) {
		return l.Text(id)
	}
	return group
}

// Score names what a score is about: "new arrest within 12 months", or "violation of conditions" where it has no horizon.
func (l *Locale) Score(outcome tarozi.OutcomeKind, months *int) string {
	name := l.Term("outcome", string(outcome))
	if months == nil {
		return name
	}
	return l.Text("score.within", "outcome", name, "within", l.Plural("within", *months))
}

// Sentence says a score's number about people, as what the model expects and not as what was seen: "The model expects 31 of 100 people
// with a score like this to be arrested again within 12 months." What was seen is said by Observed.
func (l *Locale) Sentence(s tarozi.Score) string {
	people := People(s.Probability)
	return l.sentence(s, people, l.Number(float64(people), 0))
}

// NearSentence is Sentence to a tenth of a person, for a score that whole people would put on the other side of a cut: "The model expects
// about 17.6 of 100 people …".
func (l *Locale) NearSentence(s tarozi.Score) string {
	people := float64(Tenths(s.Probability)) / 10
	return l.sentence(s, strconv.FormatFloat(people, 'f', 1, 64), l.Text("sentence.about", "people", l.Number(people, 1)))
}

// Observed says what happened to the people of the card's sample among whom the score lies, and in what way that speaks of the score; s
// must have an observed range.
func (l *Locale) Observed(s *tarozi.Score) string {
	r := s.ObservedRange
	id := "observed.similar"
	switch {
	case r.ScoresTo == 0:
		id = "observed.unknown"
	case r.TooWide():
		id = "observed.wide"
	}
	said := l.Text(id, "from", People(r.ScoresFrom), "to", People(r.ScoresTo), "low", People(r.Low), "high", People(r.High),
		"events", l.Number(float64(r.Events), 0), "people", l.Number(float64(r.People), 0))
	switch {
	case s.Probability > r.High:
		said += " " + l.Text("observed.above")
	case s.Probability < r.Low:
		said += " " + l.Text("observed.below")
	}
	return said
}

// sentence says a number of people, n in words; count chooses the plural form.
func (l *Locale) sentence(s tarozi.Score, count any, n string) string {
	id, data := "sentence."+string(s.Outcome), map[string]any{"n": n}
	if s.HorizonMonths != nil {
		id, data["within"] = id+"_within", l.Plural("within", *s.HorizonMonths)
	}
	return l.localize(id, &i18n.LocalizeConfig{MessageID: id, PluralCount: count, TemplateData: data})
}

// Notice says what a score of this model is and is not.
func (l *Locale) Notice(ref tarozi.ModelRef) string {
	return l.Text("notice.sentence", "validity", l.Text("notice."+string(ref.Validity)))
}

// Annotate fills every Text, the odds of each contribution, the fit of each observed range and the Notice of an assessment. Lists are the assessment's own: give it a copy where others read it.
func (l *Locale) Annotate(a *tarozi.Assessment) {
	a.Notice = l.Notice(a.Model)
	for i := range a.Missing {
		a.Missing[i].Text = l.Missing(a.Missing[i])
	}
	for i := range a.Warnings {
		a.Warnings[i].Text = l.Warning(a.Warnings[i])
	}
	for i := range a.Scores {
		s := &a.Scores[i]
		if s.ObservedRange != nil {
			r := *s.ObservedRange
			r.Fit, r.Text = r.FitOf(s.Probability), l.Observed(s)
			s.ObservedRange = &r
		}
		steps := StepsOf(s, false)
		for j := range s.Contributions {
			c := &s.Contributions[j]
			c.Odds, c.Text = tarozi.OddsFactor(c.LogOdds), steps.Effect(l, c)
		}
	}
}

// Hint says how to count a feature, for forms; empty where no hint is needed.
func (l *Locale) Hint(key string) string {
	if id := "feature." + key + ".hint"; l.Has(id) {
		return l.Text(id)
	}
	return ""
}
