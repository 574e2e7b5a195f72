package pages

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/features"
	"github.com/tarozi/tarozi/model"
)

// form is the questions of a new assessment, with what was typed or is known, and what is wrong with it.
type form struct {
	purpose tarozi.Purpose
	isNew   bool // a person of whom nothing is stored
	groups  []group
	known   *features.Extraction // of what is stored; nil for a new person
	history *tarozi.CaseHistory  // as stored; empty for a new person
	doubts  []fault              // answers that contradict each other and have not been asked about
	doubted []string             // their names
}

type group struct {
	Title  string
	Hint   string
	Fields []*field
}

// The kinds of fields.
const (
	fieldText   = "text"
	fieldNumber = "number"
	fieldDate   = "date"
	fieldChoice = "choice"
)

type field struct {
	Name, Label, Hint, Unit string
	Kind                    string
	Value                   string // text, number, or the choice
	Day, Month, Year        string // of a date
	Options                 []option
	Source                  string // where the value on the page comes from; empty where nothing is known
	Prefilled               bool
	Error                   string
	YearEnough              bool // a date of which the year alone may be given
	Needed                  bool // without it there is no score

	feature *features.Feature // of a fact
	stored  tarozi.Value      // what is stored; unknown where nothing is
}

type option struct {
	Value, Label string
	Checked      bool
}

// Anchor is the id of the input that a link to the field leads to.
func (f *field) Anchor() string {
	switch {
	case f.Kind == fieldDate && f.YearEnough:
		return f.Name + "-year"
	case f.Kind == fieldDate:
		return f.Name + "-day"
	case f.Kind == fieldChoice:
		return f.Name + "-0"
	default:
		return f.Name
	}
}

// Names of the fields that are no facts.
const (
	fieldName     = "name"
	fieldRegister = "register"
	fieldBorn     = "born"
	fieldFrom     = "from"
	fieldSort     = "kind"
	fieldImposed  = "imposed"
	fieldRelease  = "release"
)

func (f *form) field(name string) *field {
	for _, g := range f.groups {
		for _, one := range g.Fields {
			if one.Name == name {
				return one
			}
		}
	}
	return nil
}

func (f *form) each(do func(*field)) {
	for _, g := range f.groups {
		for _, one := range g.Fields {
			do(one)
		}
	}
}

// newForm asks what the card reads, grouped by topic; what the history says is filled in. A derived input (age) is not asked.
func (p *Pages) newForm(l *words.Locale, card *model.Card, purpose tarozi.Purpose, history *tarozi.CaseHistory) (*form, error) {
	f := &form{purpose: purpose, isNew: history == nil, history: history}
	if f.isNew {
		f.history = &tarozi.CaseHistory{}
	} else {
		known, err := features.Extract(history, features.Moment{AsOf: p.today(), Zone: p.Zone, Purpose: purpose})
		if err != nil {
			return nil, err
		}
		f.known = known
	}
	person := group{Title: l.Text("assess.group.person")}
	if f.isNew {
		person.Fields = append(person.Fields,
			&field{Name: fieldName, Kind: fieldText, Label: l.Text("assess.name"), Hint: l.Text("assess.name_hint")},
			&field{Name: fieldRegister, Kind: fieldText, Label: l.Text("assess.register"), Hint: l.Text("assess.register_hint")})
	}
	if f.history.Born().IsZero() {
		person.Fields = append(person.Fields, &field{Name: fieldBorn, Kind: fieldDate, YearEnough: true, Needed: true,
			Label: l.Text("assess.born"), Hint: l.Text("assess.born_hint")})
	}
	if len(person.Fields) > 0 {
		f.groups = append(f.groups, person)
	}
	if f.known == nil || f.known.Start.IsZero() {
		f.groups = append(f.groups, startGroup(l, purpose, f.history))
	}
	byTopic := map[string]int{}
	if len(person.Fields) > 0 {
		byTopic["person"] = 0
	}
	for _, input := range card.Inputs {
		feature, _ := features.Lookup(input.Feature)
		if derived(&feature) {
			continue
		}
		at, begun := byTopic[feature.Topic]
		if !begun {
			at = len(f.groups)
			byTopic[feature.Topic] = at
			f.groups = append(f.groups, group{Title: l.Term("topic", feature.Topic), Hint: l.Text("assess.group_hint")})
		}
		one := p.factField(l, f, &feature)
		one.Needed = input.Required
		f.groups[at].Fields = append(f.groups[at].Fields, one)
	}
	return f, nil
}

// derived reports whether a feature follows from the date of birth, so that nobody is asked for it.
func derived(feature *features.Feature) bool {
	for _, source := range feature.Sources {
		if source == "birth_date" {
			return true
		}
	}
	return false
}

// startGroup asks what the assessment counts time from: the begin of supervision, or the planned release.
func startGroup(l *words.Locale, purpose tarozi.Purpose, h *tarozi.CaseHistory) group {
	if purpose == tarozi.PurposeRelease {
		imposed := &field{Name: fieldImposed, Kind: fieldDate, Needed: true, Label: l.Text("assess.imposed")}
		if place := heldOn(h, tarozi.Date{}); place >= 0 {
			day := h.Sentences[place].ImposedOn
			imposed.Day, imposed.Month, imposed.Year = strconv.Itoa(day.Day), strconv.Itoa(int(day.Month)), strconv.Itoa(day.Year)
			imposed.Prefilled, imposed.Source = true, l.Text("assess.source.sentence", "date", l.Date(day))
		}
		return group{Title: l.Text("assess.group.release"), Fields: []*field{
			imposed,
			{Name: fieldRelease, Kind: fieldDate, Needed: true, Label: l.Text("assess.release"), Hint: l.Text("assess.release_hint")},
		}}
	}
	kinds := &field{Name: fieldSort, Kind: fieldChoice, Needed: true, Label: l.Text("assess.kind")}
	for _, kind := range tarozi.SupervisionKinds {
		kinds.Options = append(kinds.Options, option{Value: string(kind), Label: l.Term("supervision_kind", string(kind))})
	}
	return group{Title: l.Text("assess.group.supervision"), Fields: []*field{
		{Name: fieldFrom, Kind: fieldDate, Needed: true, Label: l.Text("assess.from"), Hint: l.Text("assess.from_hint")}, kinds,
	}}
}

// factField asks for one feature; what is stored stands in it, with where it comes from.
func (p *Pages) factField(l *words.Locale, f *form, feature *features.Feature) *field {
	one := &field{Name: feature.Key, Label: l.Feature(feature.Key), Hint: l.Hint(feature.Key), feature: feature, Kind: fieldNumber}
	switch feature.Kind {
	case features.KindFlag:
		one.Kind = fieldChoice
		one.Options = []option{{Value: "true", Label: l.Text("assess.yes")}, {Value: "false", Label: l.Text("assess.no")}}
	case features.KindCategory:
		one.Kind = fieldChoice
		for _, name := range feature.Categories {
			one.Options = append(one.Options, option{Value: name, Label: l.Value(feature.Key, tarozi.Category(name), "")})
		}
	default:
		one.Unit = l.Text("assess.unit." + cmp.Or(feature.Unit, "points"))
	}
	if f.known != nil {
		at, _ := features.Index(feature.Key)
		entry := f.known.Entries[at]
		if one.stored = entry.Value; !one.stored.IsZero() {
			one.Prefilled = true
			one.Source = p.source(l, f.history, entry)
			one.set(typed(feature, entry.Value))
		}
	}
	if one.Kind == fieldChoice && !one.Prefilled {
		one.Options = append(one.Options, option{Value: "", Label: l.Text("assess.unknown")})
	}
	return one
}

// offers reports whether the value is one of the choices.
func (f *field) offers(value string) bool {
	return slices.ContainsFunc(f.Options, func(o option) bool { return o.Value == value && value != "" })
}

// set puts a value into the field as if it were typed.
func (f *field) set(value string) {
	f.Value = value
	for i := range f.Options {
		f.Options[i].Checked = f.Options[i].Value == value && value != ""
	}
}

// typed is how a value would be typed into its field.
func typed(feature *features.Feature, v tarozi.Value) string {
	if feature.Kind == features.KindShare {
		return strconv.FormatFloat(100*v.Float(), 'f', -1, 64)
	}
	return v.String()
}

// source says where a stored value comes from.
func (p *Pages) source(l *words.Locale, h *tarozi.CaseHistory, e features.Entry) string {
	if len(e.Evidence) == 0 {
		return l.Text("assess.source.none")
	}
	events := len(e.Evidence)
	for _, record := range e.Evidence {
		list, i := recordAt(record)
		switch {
		case list == "facts" && i < len(h.Facts):
			fact := h.Facts[i]
			said := l.Text("assess.source.fact", "date", l.Date(fact.AsOf))
			if events > 1 {
				said = l.Plural("assess.source.fact_and", events-1, "date", l.Date(fact.AsOf))
			}
			return said
		case list == "sentences" && i < len(h.Sentences):
			return l.Text("assess.source.sentence", "date", l.Date(h.Sentences[i].ImposedOn))
		case list == "supervision" && i < len(h.Supervision):
			return l.Text("assess.source.supervision", "date", l.Date(h.Supervision[i].From))
		}
	}
	return l.Plural("assess.source.events", events)
}
