package features

import (
	"math"
	"slices"

	"github.com/tarozi/tarozi"
)

// measure reads a feature's value from the records alone.
type measure = func(r *reading, q query) found

// match picks events.
type match = func(e *tarozi.Event) bool

func every(*tarozi.Event) bool { return true }

// factsOnly is the measure of a feature that no record but a fact speaks of.
func factsOnly(*reading, query) found { return found{missing: tarozi.NoRecord} }

// lifetime is the length of a window without an end.
const lifetime = math.MaxInt

// counted counts the events of type t that match and lie in the last `days` days.
func counted(t tarozi.EventType, days int, is match) measure {
	return func(r *reading, q query) found {
		if !r.held(t, q) {
			return found{missing: r.absent(t)}
		}
		f := found{held: true}
		for _, k := range r.events[t] {
			if k.counts(q) && k.ago < days && is(k.event) {
				f.number++
				f.evidence = append(f.evidence, tarozi.Evidence(k.event.ID))
			}
		}
		return f
	}
}

// countedSinceStart counts the events of type t that match and lie in the present supervision, its first day included.
func countedSinceStart(t tarozi.EventType, is match) measure {
	return func(r *reading, q query) found {
		if r.start.IsZero() {
			return found{missing: tarozi.NoRecord}
		}
		return counted(t, r.startAgo+1, is)(r, q)
	}
}

// newArrests counts the established arrests after the first day of the present supervision.
func newArrests(r *reading, q query) found {
	if r.start.IsZero() {
		return found{missing: tarozi.NoRecord}
	}
	return counted(tarozi.EventArrest, r.startAgo, every)(r, q)
}

// shared is the share of the events in the whole that are also in the part, over the last `days` days.
func shared(t tarozi.EventType, days int, part, whole match) measure {
	return func(r *reading, q query) found {
		if !r.held(t, q) {
			return found{missing: r.absent(t)}
		}
		f := found{held: true, ago: days}
		parts, all := 0, 0
		for _, k := range r.events[t] {
			if !k.counts(q) || k.ago >= days || !whole(k.event) {
				continue
			}
			all++
			if part(k.event) {
				parts++
			}
			f.ago = min(f.ago, k.ago)
			f.evidence = append(f.evidence, tarozi.Evidence(k.event.ID))
		}
		if all == 0 {
			f.missing = tarozi.NotApplicable
			return f
		}
		f.number = float64(parts) / float64(all)
		return f
	}
}

// sharedSinceStart is shared over the present supervision, rounded to whole percents.
func sharedSinceStart(t tarozi.EventType, part, whole match) measure {
	return func(r *reading, q query) found {
		if r.start.IsZero() {
			return found{missing: tarozi.NoRecord}
		}
		f := shared(t, r.startAgo+1, part, whole)(r, q)
		f.number = rounded(f.number, 100)
		return f
	}
}

// daysSince is the number of days since the last event of type t that matches.
func daysSince(t tarozi.EventType, is match) measure {
	return func(r *reading, q query) found {
		if !r.held(t, q) {
			return found{missing: r.absent(t)}
		}
		list := r.events[t]
		for i := len(list) - 1; i >= 0; i-- {
			if k := &list[i]; k.counts(q) && is(k.event) {
				return found{number: float64(k.ago), ago: k.ago, evidence: []tarozi.Evidence{tarozi.Evidence(k.event.ID)}}
			}
		}
		return found{missing: tarozi.NotApplicable}
	}
}

// daysPerTest is the mean number of days of the present supervision between drug tests.
func daysPerTest(r *reading, q query) found {
	f := countedSinceStart(tarozi.EventDrugTest, every)(r, q)
	switch {
	case f.missing != "":
		return f
	case f.number == 0:
		return found{missing: tarozi.NotApplicable}
	}
	f.number = rounded(float64(r.startAgo+1)/f.number, 1)
	f.ago = r.latest(tarozi.EventDrugTest)
	return f
}

// latest is the age of the latest established event of type t; the whole supervision where there is none.
func (r *reading) latest(t tarozi.EventType) int {
	list := r.events[t]
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].established {
			return list[i].ago
		}
	}
	return r.startAgo
}

func rounded(v, steps float64) float64 { return math.Round(v*steps) / steps }

func (r *reading) birth() (day tarozi.Date, evidence []tarozi.Evidence) {
	if r.h.BirthYear != 0 {
		return r.h.Born(), []tarozi.Evidence{birthYear}
	}
	return r.h.Born(), []tarozi.Evidence{"#/birth_date"}
}

const birthYear tarozi.Evidence = "#/birth_year"

// age is the measure of completed years on a day of which the age is ago.
func (r *reading) age(day tarozi.Date) found {
	born, evidence := r.birth()
	switch {
	case born.IsZero() || day.IsZero():
		return found{missing: tarozi.NoRecord}
	case born.After(day):
		return found{missing: tarozi.NotApplicable}
	}
	return found{number: float64(born.YearsUntil(day)), ago: r.ago(day), evidence: evidence}
}

func ageNow(r *reading, _ query) found { return r.age(r.asOf) }

func ageAtStart(r *reading, _ query) found { return r.age(r.start) }

func daysUnderSupervision(r *reading, _ query) found {
	if r.start.IsZero() {
		return found{missing: tarozi.NoRecord}
	}
	return found{number: float64(r.startAgo), ago: r.startAgo, evidence: r.periods(r.first)}
}

func (r *reading) periods(places []int) []tarozi.Evidence {
	var list []tarozi.Evidence
	for _, i := range places {
		list = append(list, pointer("supervision", i))
	}
	return list
}

// closest is the closest level among the periods given: of several at once, the strictest is the one a person lives under.
func (r *reading) closest(places []int) found {
	f := found{missing: tarozi.NoRecord}
	best := -1
	for _, i := range places {
		period := &r.h.Supervision[i]
		if level := slices.Index(tarozi.SupervisionLevels, period.Level); level > best {
			best = level
			f = found{category: string(period.Level), ago: r.ago(period.From), evidence: []tarozi.Evidence{pointer("supervision", i)}}
		}
	}
	return f
}

func levelFirst(r *reading, _ query) found { return r.closest(r.first) }

// levelNow is the level of the period that began last among those of the as-of day; of several on one day, the closest.
func levelNow(r *reading, _ query) found {
	var last []int
	for _, i := range r.active {
		period := &r.h.Supervision[i]
		if period.Level == "" {
			continue
		}
		if len(last) > 0 && period.From != r.h.Supervision[last[0]].From {
			last = last[:0]
		}
		last = append(last, i)
	}
	return r.closest(last)
}

// begun is the age of the last beginning among periods in the order of their beginnings.
func (r *reading) begun(places []int) int { return r.ago(r.h.Supervision[places[len(places)-1]].From) }

func monitoredNow(r *reading, _ query) found {
	if len(r.active) == 0 {
		return found{missing: tarozi.NoRecord}
	}
	f := found{ago: r.begun(r.active), evidence: r.periods(r.active)}
	var monitored []int
	for _, i := range r.active {
		if r.h.Supervision[i].Kind == tarozi.SupervisionElectronicMonitoring {
			monitored = append(monitored, i)
		}
	}
	if len(monitored) > 0 {
		f.number, f.evidence = 1, r.periods(monitored)
	}
	return f
}

// condition tells whether a period of supervision on the as-of day carries one of the conditions. Where none does and a period's
// conditions are not known, the answer is not known.
func condition(of ...tarozi.Condition) measure {
	return func(r *reading, _ query) found {
		if len(r.active) == 0 {
			return found{missing: tarozi.NoRecord}
		}
		var carrying []int
		unknown := false
		for _, i := range r.active {
			conditions := r.h.Supervision[i].Conditions
			unknown = unknown || conditions == nil
			if slices.ContainsFunc(conditions, func(c tarozi.Condition) bool { return slices.Contains(of, c) }) {
				carrying = append(carrying, i)
			}
		}
		switch {
		case len(carrying) > 0:
			return found{number: 1, ago: r.begun(carrying), evidence: r.periods(carrying)}
		case unknown:
			return found{missing: tarozi.NoRecord}
		default:
			return found{ago: r.begun(r.active), evidence: r.periods(r.active)}
		}
	}
}

// ofSentence is a category read from the sentence behind the present supervision.
func ofSentence(pick func(s *tarozi.Sentence) string) measure {
	return func(r *reading, _ query) found {
		if r.sentence < 0 {
			return found{missing: tarozi.NoRecord}
		}
		s := &r.h.Sentences[r.sentence]
		name := pick(s)
		if name == "" {
			return found{missing: tarozi.NoRecord}
		}
		return found{category: name, ago: r.ago(s.ImposedOn), evidence: []tarozi.Evidence{pointer("sentences", r.sentence)}}
	}
}

// custodyDays is the time in custody before release on the sentence behind the present supervision: as the sentence states it, else
// from its day to the release (before a release, to the planned one).
func custodyDays(r *reading, _ query) found {
	if r.sentence < 0 {
		return found{missing: tarozi.NoRecord}
	}
	s := &r.h.Sentences[r.sentence]
	f := found{ago: r.ago(s.ImposedOn), evidence: []tarozi.Evidence{pointer("sentences", r.sentence)}}
	switch {
	case s.CustodyDays != nil:
		f.number = float64(*s.CustodyDays)
	case s.Type != tarozi.SentenceCustody && s.Type != sentenceParole:
		return found{missing: tarozi.NotApplicable}
	case !s.ReleasedOn.IsZero() && r.ago(s.ReleasedOn) >= 0:
		f.number = float64(s.ImposedOn.DaysUntil(s.ReleasedOn))
	case r.purpose == tarozi.PurposeRelease && !r.start.IsZero():
		f.number = float64(s.ImposedOn.DaysUntil(r.start))
	default:
		return found{missing: tarozi.NoRecord}
	}
	return f
}

const sentenceParole tarozi.SentenceType = "parole"

// daysInCustody counts from the earliest of the custodial sentences that the person is still held on.
func daysInCustody(r *reading, _ query) found {
	f := found{missing: tarozi.NoRecord}
	for i := range r.h.Sentences {
		s := &r.h.Sentences[i]
		ago := r.ago(s.ImposedOn)
		if ago < 0 {
			continue
		}
		if s.Type != tarozi.SentenceCustody || !r.unserved(s) {
			if f.missing != "" {
				f.missing = tarozi.NotApplicable
			}
			continue
		}
		if f.missing != "" || float64(ago) > f.number {
			f = found{number: float64(ago), ago: ago, evidence: []tarozi.Evidence{pointer("sentences", i)}}
		}
	}
	return f
}

func daysToRelease(r *reading, _ query) found {
	day, place := r.plannedRelease()
	if place < 0 {
		return found{missing: tarozi.NoRecord}
	}
	return found{number: float64(r.asOf.DaysUntil(day)), ago: r.ago(r.h.Sentences[place].ImposedOn),
		evidence: []tarozi.Evidence{pointer("sentences", place)}}
}
