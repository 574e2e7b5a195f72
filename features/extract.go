package features

import (
	"errors"
	"math"
	"slices"
	"time"

	"github.com/tarozi/tarozi"
)

// Moment says as of when, in which zone and for what a history is read.
type Moment struct {
	AsOf    tarozi.Date    // the end of that day in Zone
	Zone    *time.Location // the day of an instant is taken in this zone, never in the zone it was written in
	Purpose tarozi.Purpose // empty: under supervision
}

// Entry is the value of one feature, or why it is missing.
type Entry struct {
	Value    tarozi.Value         // unknown exactly where Missing is set
	Missing  tarozi.MissingReason // empty where there is a value
	Evidence []tarozi.Evidence    // the records behind the value, facts first, then events by day; none where nothing happened
	AgeDays  int                  // days from the fact that the value rests on to the as-of day; 0 without a fact
}

// Extraction is what a history says as of a moment.
type Extraction struct {
	Entries []Entry // one for each feature, in catalogue order
	// Start is the day on which the present supervision began: overlapping and adjoining periods are one supervision. For
	// tarozi.PurposeRelease it is the planned day of release. Zero where nobody supervises the person on the as-of day, or no
	// release is planned for it or later.
	Start  tarozi.Date
	Months int // whole months from Start to the as-of day; 0 before Start
	// NewArrests are the established arrests since Start. One on the very day of Start is taken to have led to it (house arrest
	// begins on the day of the arrest) and is not new.
	NewArrests    []tarozi.Evidence
	After         int  // events and facts not read because they lie after the as-of day or were received after it
	NotCounted    int  // records by the as-of day that count for nothing because they are not established
	BirthYearOnly bool // an age rests on the year of birth alone
}

// Extract reads the history as of the moment. The history must have passed its Validate. The error is an *tarozi.Error of code
// tarozi.Malformed where the facts do not fit the catalogue (ValidateFacts); any other error is a caller's mistake: a Moment
// without a day or zone.
func Extract(h *tarozi.CaseHistory, m Moment) (*Extraction, error) {
	if m.Zone == nil || m.AsOf.IsZero() {
		return nil, errors.New("extracting features: the moment needs a day and a time zone")
	}
	if err := ValidateFacts(h); err != nil {
		return nil, err
	}
	r := read(h, m)
	x := &Extraction{Entries: make([]Entry, len(catalogue)), Start: r.start, After: r.after}
	for i := range catalogue {
		e := r.entry(i)
		if e.Missing == tarozi.NoRecord && r.doubted[i] {
			e.Missing = tarozi.NotEstablished
		}
		x.BirthYearOnly = x.BirthYearOnly || slices.Contains(e.Evidence, birthYear)
		x.Entries[i] = e
	}
	x.NotCounted = r.notCounted
	if !r.start.IsZero() {
		x.Months = r.start.MonthsUntil(m.AsOf)
		x.NewArrests = newArrests(r, query{}).evidence
	}
	return x, nil
}

// entry gives the value of feature i. Without disputed records it is what verified facts and records say. A disputed fact, and a
// disputed event in the person's favour, replaces that only where the value becomes better for the person, so that no record
// that is not established can ever make a value worse.
func (r *reading) entry(i int) Entry {
	d := &catalogue[i]
	var base *stated
	if r.verified[i].fact != nil {
		base = &r.verified[i]
	}
	without := r.combine(d, base, false)
	if d.Adverse == 0 {
		return without
	}
	best, chosen := without, false
	if r.favour && readsEvents(d) {
		// A value from nothing would only say that some disputed record exists.
		if e := r.combine(d, base, true); len(e.Evidence) > 0 && d.gained(e, without) {
			best = e
		}
	}
	for j := range r.disputed[i] {
		disputed := &r.disputed[i][j]
		if base != nil && !disputed.later(base) {
			continue
		}
		for _, favour := range []bool{false, true} {
			e := r.combine(d, disputed, favour)
			if without.Missing != "" && !d.favourable(e) {
				continue
			}
			if best.Missing != "" || d.better(e, best) {
				best, chosen = e, true
			}
		}
	}
	if chosen {
		r.notCounted--
	}
	return best
}

func readsEvents(d *definition) bool {
	return slices.ContainsFunc(d.Sources, func(s string) bool {
		return slices.Contains(tarozi.EventTypes, tarozi.EventType(s))
	})
}

// better reports whether a is a value that speaks less against the person than b.
func (d *definition) better(a, b Entry) bool {
	return a.Missing == "" && float64(d.Adverse)*a.Value.Float() < float64(d.Adverse)*b.Value.Float()
}

// favourable reports whether a value speaks for the person when nothing else is known: none of what speaks against, or some of
// what speaks in favour. A missing value does not.
func (d *definition) favourable(e Entry) bool {
	if d.Adverse > 0 {
		return e.Value.Float() == d.Min
	}
	return e.Value.Float() > d.Min
}

// gained reports whether disputed events in the person's favour give a value, and one better than there is without them.
func (d *definition) gained(with, without Entry) bool {
	if without.Missing != "" {
		return d.Adverse > 0 || d.favourable(with)
	}
	return d.better(with, without)
}

// combine makes the value from a fact (nil: none) and the records, by the feature's rule.
func (r *reading) combine(d *definition, base *stated, favour bool) Entry {
	if d.bound {
		if r.purpose == tarozi.PurposeRelease {
			return Entry{Missing: tarozi.NotApplicable}
		}
		if base != nil && !r.start.IsZero() && base.ago > r.startAgo {
			base = nil // it speaks of an earlier supervision
		}
	}
	q := query{favour: favour}
	switch d.Rule {
	case RuleLifetime, RuleSinceStart:
		if base != nil {
			q.since = base.ago
			q.limited = true
		}
		f := d.derive(r, q)
		switch {
		case base != nil:
			e := r.stated(d, base)
			e.Value = d.value(base.fact.Value.Float() + f.number)
			e.Evidence = append(e.Evidence, f.evidence...)
			return e
		case f.missing != "":
			return Entry{Missing: f.missing}
		default:
			return Entry{Value: d.value(f.number), Evidence: f.evidence}
		}
	case RuleWindow:
		f := d.derive(r, q)
		switch {
		case !f.held && base != nil:
			return r.stated(d, base)
		default:
			return d.derived(f)
		}
	default:
		f := d.derive(r, q)
		if base != nil && (f.missing != "" || base.ago <= f.ago) {
			return r.stated(d, base)
		}
		return d.derived(f)
	}
}

func (d *definition) derived(f found) Entry {
	if f.missing != "" {
		return Entry{Missing: f.missing}
	}
	if d.Kind == KindCategory {
		return Entry{Value: tarozi.Category(f.category), Evidence: f.evidence}
	}
	return Entry{Value: d.value(f.number), Evidence: f.evidence}
}

// stated is the entry of a fact alone. A stated length of time runs on to the as-of day.
func (r *reading) stated(d *definition, base *stated) Entry {
	value := base.fact.Value
	if d.elapsed != 0 {
		value = tarozi.Number(math.Max(0, value.Float()+float64(d.elapsed*base.ago)))
	}
	return Entry{Value: value, Evidence: []tarozi.Evidence{pointer("facts", base.index)}, AgeDays: base.ago}
}

func (d *definition) value(number float64) tarozi.Value {
	if d.Kind == KindFlag {
		return tarozi.Flag(number > 0)
	}
	return tarozi.Number(number)
}
