package features

import "slices"

// Version is the version of the catalogue. It changes whenever a feature's meaning, range, order or rule does, and is
// stored with each assessment.
const Version = "1"

// Kind says what a value of a feature looks like.
type Kind string

// The kinds.
const (
	KindCount    Kind = "count"    // a number of things or years
	KindCategory Kind = "category" // one of Feature.Categories, by name
	KindFlag     Kind = "flag"     // yes or no
	KindShare    Kind = "share"    // a fraction between 0 and 1
	KindDays     Kind = "days"     // a length of time
)

// Rule says how facts and records make a feature's value.
type Rule string

// The rules.
const (
	// RuleLifetime: the latest fact plus the established events after its day; without a fact, the established events.
	RuleLifetime Rule = "lifetime"
	// RuleSinceStart: as RuleLifetime, within the present supervision.
	RuleSinceStart Rule = "since_start"
	// RuleWindow: events alone where the history holds that kind of event, else the latest fact.
	RuleWindow Rule = "window"
	// RuleLatest: the later of the latest fact and the latest record; of one day, the fact.
	RuleLatest Rule = "latest"
)

// Feature describes one input that a model may have.
type Feature struct {
	Key        string   `json:"key"`
	Kind       Kind     `json:"kind"`
	Unit       string   `json:"unit,omitzero"` // unit key for texts: "", "years", "days", "people", "arrests", ...
	Min        float64  `json:"min"`           // Min and Max: allowed range of a stated value; facts outside are refused
	Max        float64  `json:"max"`
	Whole      bool     `json:"whole,omitzero"`      // only whole numbers can be stated
	Categories []string `json:"categories,omitzero"` // of KindCategory: the names in the order in which models number them
	Rule       Rule     `json:"rule"`
	WindowDays int      `json:"window_days,omitzero"` // of RuleWindow: length of the window, ending with the as-of day
	Sources    []string `json:"sources"`              // what feeds it: "facts", "birth_date", "sentences", "supervision" or types of events
	Topic      string   `json:"topic"`                // for forms and pages: person, offence, record, supervision, monitoring, work, programme, custody
	Changeable bool     `json:"changeable,omitzero"`  // whether the person can change it from here on
	// Adverse is 1 where a larger value speaks against the person (a flag: true), -1 where a smaller one does, 0 where neither
	// is certain. It decides which disputed records keep counting: those that move the value in the person's favour, and no
	// others; of features with 0, none.
	Adverse int    `json:"adverse"`
	Doc     string `json:"doc"` // one sentence: what the value is
}

// Catalogue lists every feature in catalogue order, which is the order of Extraction.Entries. The copy is the caller's.
func Catalogue() []Feature {
	list := make([]Feature, len(catalogue))
	for i := range catalogue {
		list[i] = catalogue[i].copy()
	}
	return list
}

// Lookup finds a feature by its key.
func Lookup(key string) (Feature, bool) {
	i, ok := indexes[key]
	if !ok {
		return Feature{}, false
	}
	return catalogue[i].copy(), true
}

// Index is the place of a feature in the catalogue.
func Index(key string) (int, bool) {
	i, ok := indexes[key]
	return i, ok
}

func (d *definition) copy() Feature {
	f := d.Feature
	f.Categories = slices.Clone(f.Categories)
	f.Sources = slices.Clone(f.Sources)
	return f
}

// definition is a feature with the way its value is read from records.
type definition struct {
	Feature
	derive  func(r *reading, q query) found
	bound   bool // it speaks of the present supervision alone: earlier facts are not read, before a release it has no meaning
	elapsed int  // of a stated length of time: 1 where it grows by a day each day, -1 where it shrinks
}

// The catalogue never changes after it is built.
var (
	catalogue = slices.Concat(startFeatures(), recordFeatures(), activityFeatures(), presentFeatures(), monitoringFeatures(), custodyFeatures())
	indexes   = indexed(catalogue)
)

func indexed(list []definition) map[string]int {
	places := make(map[string]int, len(list))
	for i := range list {
		places[list[i].Key] = i
	}
	return places
}
