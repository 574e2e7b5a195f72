package datasets

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/tarozi/tarozi"
)

// Population describes made-up people. docs/synthetic.md states how their lives are drawn.
type Population struct {
	People   int
	Seed     uint64
	Until    tarozi.Date // the last day of every record; nothing later is known
	Agencies int         // over how many agencies people are spread: 1 to MaxAgencies
	// Shift is added to every month's log-odds of every outcome. Not 0, it makes a population that a model made from another
	// one does not fit.
	Shift float64
}

// Person is one made-up person with everything recorded until the population's last day.
type Person struct {
	History   tarozi.CaseHistory
	AsOf      tarozi.Date
	Purpose   tarozi.Purpose // release for a person in prison
	Identity  tarozi.Identity
	Protected tarozi.ProtectedAttributes
	Outcomes  []tarozi.Outcome // from the begin of the records until AsOf, or until supervision ended
}

// Landmark is one person as of one day, and what happened next.
type Landmark struct {
	Person
	Truth []Truth // the month after AsOf as the process states it, one for each outcome
}

// Truth is what the stated process says about the month after a landmark.
type Truth struct {
	PersonID string             `json:"person_id"`
	AsOf     tarozi.Date        `json:"as_of"`
	Outcome  tarozi.OutcomeKind `json:"outcome"`
	Base     float64            `json:"base"`
	Terms    map[string]float64 `json:"terms"`
	LogOdds  float64            `json:"log_odds"`
}

// HorizonMonths is how far ahead the outcomes of a landmark look.
const HorizonMonths = 3

// Synthetic makes the demonstration's people: n of them in three agencies, as of until. Person i depends on the seed and on i
// alone; another last day moves a life in time without changing it. n below 1 gives nobody.
func Synthetic(n int, seed uint64, until tarozi.Date) iter.Seq[Person] {
	return Population{People: n, Seed: seed, Until: until, Agencies: 3}.All()
}

// Check reports a population that cannot be made.
func (p Population) Check() error {
	switch {
	case p.People < 1 || p.People > 10_000_000:
		return fmt.Errorf("a population has 1 to 10000000 people, not %d", p.People)
	case p.Agencies < 1 || p.Agencies > MaxAgencies:
		return fmt.Errorf("people are spread over 1 to %d agencies, not %d", MaxAgencies, p.Agencies)
	case p.Until.Year < 1960 || p.Until.Year > 2100:
		return fmt.Errorf("the last day lies between 1960 and 2100, not on %v", p.Until)
	}
	return nil
}

// All gives every person as of the population's last day.
func (p Population) All() iter.Seq[Person] {
	return func(yield func(Person) bool) {
		for i := range p.People {
			l := p.live(i)
			if !yield(l.person(p.Until)) {
				return
			}
		}
	}
}

// At gives every person as of so many months after their records begin, with the outcomes from then to the population's last
// day. People whose records are shorter, or whose supervision had ended, are left out.
func (p Population) At(months int) iter.Seq[Landmark] {
	return func(yield func(Landmark) bool) {
		for i := range p.People {
			l := p.live(i)
			asOf := l.start.AddMonths(months)
			if asOf.Before(l.end()) && !yield(l.landmark(asOf, l.end())) {
				return
			}
		}
	}
}

// Landmarks gives every person as of the end of every month from the first on, as long as the following HorizonMonths are known,
// with the outcomes of those months. One person's landmarks follow each other.
func (p Population) Landmarks() iter.Seq[Landmark] {
	return func(yield func(Landmark) bool) {
		for i := range p.People {
			for mark := range p.live(i).landmarks() {
				if !yield(mark) {
					return
				}
			}
		}
	}
}

// live draws the life of person i.
func (p Population) live(i int) *life {
	// The odd multiplier keeps the generators of neighbouring people far apart.
	random := rand.New(rand.NewPCG(p.Seed, uint64(i)*0x9E3779B97F4A7C15))
	l := &life{
		random: random, id: fmt.Sprintf("syn-%d-%d", p.Seed, i), until: p.Until, shift: p.Shift,
		happened: make(map[string][]int), months: make(map[int]map[string]float64),
	}
	l.begin(p.Agencies)
	if l.prison {
		l.liveInPrison()
	} else {
		l.liveUnderSupervision()
	}
	l.spoil()
	if !l.revoked.IsZero() {
		day := l.start.DaysUntil(l.revoked)
		l.events = slices.DeleteFunc(l.events, func(e tarozi.Event) bool { return l.start.DaysUntil(tarozi.DateOf(e.At)) > day })
	}
	for _, days := range l.happened {
		slices.Sort(days)
	}
	slices.SortStableFunc(l.events, func(a, b tarozi.Event) int {
		if order := a.At.Compare(b.At); order != 0 {
			return order
		}
		return a.ReceivedAt.Compare(b.ReceivedAt)
	})
	return l
}

// person is what was known by the end of a day.
func (l *life) person(asOf tarozi.Date) Person {
	return Person{
		History: l.historyAsOf(asOf), AsOf: asOf, Purpose: l.purpose(asOf), Identity: l.identity, Protected: l.protected,
		Outcomes: l.outcomes(l.start, l.end()),
	}
}

func (l *life) landmark(asOf, until tarozi.Date) Landmark {
	mark := Landmark{Person: l.person(asOf)}
	mark.Outcomes = l.outcomes(asOf, until)
	quantities := l.months[l.start.DaysUntil(asOf)]
	for _, process := range Processes() {
		if !l.exposed(process.Outcome, asOf) {
			continue
		}
		truth := Truth{
			PersonID: l.id, AsOf: asOf, Outcome: process.Outcome, Base: process.Base + l.shift,
			Terms: make(map[string]float64, len(process.Terms)), LogOdds: process.LogOdds(quantities) + l.shift,
		}
		for _, term := range process.Terms {
			truth.Terms[term.Quantity] = term.Effect(quantities[term.Quantity])
		}
		mark.Truth = append(mark.Truth, truth)
	}
	return mark
}

func (l *life) landmarks() iter.Seq[Landmark] {
	return func(yield func(Landmark) bool) {
		for months := 1; ; months++ {
			until := l.start.AddMonths(months + HorizonMonths)
			if until.After(l.end()) || !yield(l.landmark(l.start.AddMonths(months), until)) {
				return
			}
		}
	}
}

// purpose is what a person is scored for on a day.
func (l *life) purpose(asOf tarozi.Date) tarozi.Purpose {
	if l.prison || (!l.revoked.IsZero() && !asOf.Before(l.revoked)) {
		return tarozi.PurposeRelease
	}
	return tarozi.PurposeSupervision
}

// end is the last day on which outcomes are known: the population's, or that on which supervision was revoked.
func (l *life) end() tarozi.Date {
	if !l.revoked.IsZero() && l.revoked.Before(l.until) {
		return l.revoked
	}
	return l.until
}

// exposed reports whether the outcome can come about after a day.
func (l *life) exposed(kind tarozi.OutcomeKind, asOf tarozi.Date) bool {
	switch kind {
	case tarozi.CustodyIncident:
		return l.prison
	case tarozi.Recidivism:
		return !l.prison && (len(l.happened[dayOfArrest]) == 0 || l.happened[dayOfArrest][0] > l.start.DaysUntil(asOf))
	default:
		return !l.prison
	}
}

// outcomes are what truly happened after from and until the day until, by the outcomes that could come about.
func (l *life) outcomes(from, until tarozi.Date) []tarozi.Outcome {
	var list []tarozi.Outcome
	for _, o := range []struct {
		kind tarozi.OutcomeKind
		days string
	}{{tarozi.Recidivism, dayOfArrest}, {tarozi.ViolationOf, dayOfViolation}, {tarozi.CustodyIncident, dayOfIncident}} {
		if !l.exposed(o.kind, from) {
			continue
		}
		outcome := tarozi.Outcome{PersonID: l.id, Kind: o.kind, FollowedFrom: from, FollowedUntil: until,
			Provenance: tarozi.Provenance{Source: syntheticSource}}
		for _, day := range l.happened[o.days] {
			if on := l.start.AddDays(day); on.After(from) && !on.After(until) {
				outcome.Observed, outcome.ObservedOn = true, on
				break
			}
		}
		list = append(list, outcome)
	}
	return list
}

// historyAsOf is the history as it stood in the register at the end of a day: what happened and was received by then.
func (l *life) historyAsOf(asOf tarozi.Date) tarozi.CaseHistory {
	h := l.history
	midnight := time.Date(asOf.Year, asOf.Month, asOf.Day+1, 0, 0, 0, 0, tashkent)
	h.Events = nil
	for _, e := range l.events {
		if e.ReceivedAt.Before(midnight) {
			h.Events = append(h.Events, e)
		}
	}
	h.Facts = slices.Concat(l.history.Facts, l.review(asOf))
	h.Sentences = slices.DeleteFunc(slices.Clone(h.Sentences), func(s tarozi.Sentence) bool { return s.ImposedOn.After(asOf) })
	h.Supervision = slices.Clone(h.Supervision)
	for i := range h.Supervision {
		if h.Supervision[i].To.After(asOf) {
			h.Supervision[i].To = tarozi.Date{}
		}
	}
	return h
}
