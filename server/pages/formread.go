package pages

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/features"
	"github.com/tarozi/tarozi/model"
)

// enteredBy is the source of what an officer types.
const enteredBy = "officer"

// recordAt reads the place of a record from a pointer such as #/facts/2; the list is empty for the id of an event.
func recordAt(e tarozi.Evidence) (list string, i int) {
	place, ok := strings.CutPrefix(string(e), "#/")
	if !ok {
		return "", 0
	}
	list, number, _ := strings.Cut(place, "/")
	i, err := strconv.Atoi(number)
	if err != nil {
		return "", 0
	}
	return list, i
}

// fill takes over what was typed, as it was typed.
func (f *form) fill(values url.Values) {
	f.each(func(one *field) {
		if one.Kind == fieldDate {
			one.Day, one.Month, one.Year = values.Get(one.Name+"-day"), values.Get(one.Name+"-month"), values.Get(one.Name+"-year")
			return
		}
		value := strings.TrimSpace(values.Get(one.Name))
		if one.Kind == fieldChoice && !values.Has(one.Name) && one.Prefilled {
			return
		}
		one.set(value)
	})
}

// reader turns what was typed into a history, and notes on each field what to mend.
type reader struct {
	l     *words.Locale
	form  *form
	now   time.Time
	today tarozi.Date
	by    string // the account that states the facts
	typed *tarozi.CaseHistory
	faces map[string]*field // by JSON pointer, for faults that the service finds
}

// read gives the history that the form states; ok is false where some field has an error.
func (p *Pages) read(l *words.Locale, f *form, card *model.Card, who tarozi.Actor, personID string) (h *tarozi.CaseHistory, faces map[string]*field, ok bool, err error) {
	copied := *f.history
	r := &reader{l: l, form: f, now: p.Now(), today: p.today(), by: who.AccountID, typed: &copied, faces: map[string]*field{}}
	r.typed.PersonID, r.typed.AgencyID = personID, who.AgencyID
	r.born()
	r.start()
	if err := r.restate(p.Zone, f.purpose); err != nil {
		return nil, nil, false, err
	}
	for _, input := range card.Inputs {
		if one := f.field(input.Feature); one != nil && one.feature != nil {
			r.fact(one, input.Required)
		}
	}
	ok = true
	f.each(func(one *field) { ok = ok && one.Error == "" })
	return r.typed, r.faces, ok, nil
}

// restate finds what the history gives once it holds what start added: a new sentence or period takes the place of stored ones, and
// what the form shows must then be stated as facts to stay what is scored.
func (r *reader) restate(zone *time.Location, purpose tarozi.Purpose) error {
	for _, name := range []string{fieldBorn, fieldFrom, fieldSort, fieldImposed, fieldRelease} {
		if one := r.form.field(name); one != nil && one.Error != "" {
			return nil // the form goes back as it was typed
		}
	}
	if r.form.field(fieldFrom) == nil && r.form.field(fieldImposed) == nil {
		return nil
	}
	given, err := features.Extract(r.typed, features.Moment{AsOf: r.today, Zone: zone, Purpose: purpose})
	if err != nil {
		return fmt.Errorf("reading the history with what was typed: %w", err)
	}
	r.form.each(func(one *field) {
		if one.feature != nil {
			at, _ := features.Index(one.feature.Key)
			one.stored = given.Entries[at].Value
		}
	})
	return nil
}

func (r *reader) born() {
	one := r.form.field(fieldBorn)
	if one == nil {
		return
	}
	r.faces["/history/birth_date"], r.faces["/history/birth_year"] = one, one
	if one.Day == "" && one.Month == "" && one.Year != "" {
		year, err := strconv.Atoi(strings.TrimSpace(one.Year))
		if err != nil || year < r.today.Year-110 || year > r.today.Year-10 {
			one.Error = r.l.Text("assess.fault.year", "from", r.today.Year-110, "to", r.today.Year-10)
			return
		}
		r.typed.BirthYear = year
		return
	}
	day, given := r.date(one)
	switch {
	case one.Error != "":
	case !given:
		one.Error = r.l.Text("assess.fault.born")
	case day.Year < r.today.Year-110 || day.YearsUntil(r.today) < 10:
		one.Error = r.l.Text("assess.fault.year", "from", r.today.Year-110, "to", r.today.Year-10)
	default:
		r.typed.BirthDate = day
	}
}

// date reads a day; given is false where all three parts are empty.
func (r *reader) date(one *field) (day tarozi.Date, given bool) {
	d, m, y := strings.TrimSpace(one.Day), strings.TrimSpace(one.Month), strings.TrimSpace(one.Year)
	if d == "" && m == "" && y == "" {
		return tarozi.Date{}, false
	}
	dayNumber, errDay := strconv.Atoi(d)
	month, errMonth := strconv.Atoi(m)
	year, errYear := strconv.Atoi(y)
	if errDay != nil || errMonth != nil || errYear != nil || len(y) != 4 {
		one.Error = r.l.Text("assess.fault.date_parts")
		return tarozi.Date{}, true
	}
	day, err := tarozi.ParseDate(fmt.Sprintf("%04d-%02d-%02d", year, month, dayNumber))
	if err != nil {
		one.Error = r.l.Text("assess.fault.date")
	}
	return day, true
}

// On which side of today a day must lie; today itself is on both.
const (
	notAfter  = -1
	notBefore = 1
)

// day reads a day that must be given, on the side of today; missing is the text that asks for it.
func (r *reader) day(one *field, missing string, side int) tarozi.Date {
	day, given := r.date(one)
	switch {
	case one.Error != "":
	case !given:
		one.Error = r.l.Text(missing)
	case side == notAfter && day.After(r.today):
		one.Error = r.l.Text("assess.fault.future", "today", r.l.Date(r.today))
	case side == notBefore && day.Before(r.today):
		one.Error = r.l.Text("assess.fault.past", "today", r.l.Date(r.today))
	}
	return day
}

// start reads the begin of supervision, or the sentence with its planned release.
func (r *reader) start() {
	if from := r.form.field(fieldFrom); from != nil {
		day := r.day(from, "assess.fault.from", notAfter)
		kind := r.form.field(fieldSort)
		if !kind.offers(kind.Value) {
			kind.Error = r.l.Text("assess.fault.kind")
		}
		at := fmt.Sprintf("/history/supervision/%d", len(r.typed.Supervision))
		r.faces[at+"/from"], r.faces[at+"/kind"] = from, kind
		r.typed.Supervision = append(r.typed.Supervision[:len(r.typed.Supervision):len(r.typed.Supervision)], tarozi.Supervision{
			From: day, Kind: tarozi.SupervisionKind(kind.Value), Provenance: r.provenance()})
	}
	if imposed := r.form.field(fieldImposed); imposed != nil {
		day := r.day(imposed, "assess.fault.imposed", notAfter)
		release := r.form.field(fieldRelease)
		planned := r.day(release, "assess.fault.release", notBefore)
		place := heldOn(r.typed, day)
		r.typed.Sentences = slices.Clone(r.typed.Sentences)
		if place < 0 {
			place = len(r.typed.Sentences)
			r.typed.Sentences = append(r.typed.Sentences, tarozi.Sentence{ImposedOn: day, Type: tarozi.SentenceCustody})
		}
		r.typed.Sentences[place].ReleasePlannedOn, r.typed.Sentences[place].Provenance = planned, r.provenance()
		at := fmt.Sprintf("/history/sentences/%d", place)
		r.faces[at+"/imposed_on"], r.faces[at+"/release_planned_on"] = imposed, release
	}
}

// heldOn is the place of the latest custodial sentence that the person has not been released from, imposed on the day where one is
// given; -1 where there is none.
func heldOn(h *tarozi.CaseHistory, day tarozi.Date) int {
	place := -1
	for i, s := range h.Sentences {
		fits := s.Type == tarozi.SentenceCustody && s.ReleasedOn.IsZero() && (day.IsZero() || s.ImposedOn == day)
		if fits && (place < 0 || s.ImposedOn.After(h.Sentences[place].ImposedOn)) {
			place = i
		}
	}
	return place
}

func (r *reader) provenance() tarozi.Provenance {
	return tarozi.Provenance{Source: enteredBy, SourceID: r.by}
}

// fact reads one value; a value that differs from what is stored becomes a fact of today.
func (r *reader) fact(one *field, required bool) {
	if one.Value == "" {
		switch {
		case one.Prefilled:
			one.Error = r.l.Text("assess.fault.emptied")
		case required:
			one.Error = r.l.Text("assess.fault.required")
		}
		return
	}
	value, fault := r.value(one)
	if one.Error = fault; fault != "" || value == one.stored {
		return
	}
	r.faces[fmt.Sprintf("/history/facts/%d/value", len(r.typed.Facts))] = one
	r.typed.Facts = append(r.typed.Facts[:len(r.typed.Facts):len(r.typed.Facts)], tarozi.Fact{Feature: one.feature.Key, Value: value,
		AsOf: r.today, ReceivedAt: r.now, Status: tarozi.Verified, Provenance: r.provenance()})
}

func (r *reader) value(one *field) (value tarozi.Value, fault string) {
	feature := one.feature
	switch feature.Kind {
	case features.KindFlag, features.KindCategory:
		if !one.offers(one.Value) {
			return value, r.l.Text("assess.fault.choice")
		}
		if feature.Kind == features.KindCategory {
			return tarozi.Category(one.Value), ""
		}
		return tarozi.Flag(one.Value == "true"), ""
	}
	from, to := feature.Min, feature.Max
	if feature.Kind == features.KindShare {
		from, to = 100*from, 100*to
	}
	number, err := strconv.ParseFloat(strings.Replace(one.Value, ",", ".", 1), 64)
	whole := feature.Whole && number != math.Trunc(number)
	if err != nil || math.IsNaN(number) || whole || number < from || number > to {
		id := "assess.fault.number"
		if feature.Whole {
			id = "assess.fault.whole"
		}
		return value, r.l.Text(id, "from", r.l.Number(from, 0), "to", r.l.Number(to, 0))
	}
	if feature.Kind == features.KindShare {
		number /= 100
	}
	return tarozi.Number(number), ""
}
