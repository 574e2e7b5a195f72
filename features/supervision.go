package features

import (
	"slices"

	"github.com/tarozi/tarozi"
)

// joinSupervision finds the present supervision: the periods that overlap or adjoin each other up to one that covers the as-of
// day. Periods that begin later are plans and are not read.
func (r *reading) joinSupervision() {
	var begun []int
	for i := range r.h.Supervision {
		if r.ago(r.h.Supervision[i].From) >= 0 {
			begun = append(begun, i)
		}
	}
	slices.SortStableFunc(begun, func(a, b int) int { return r.h.Supervision[a].From.Compare(r.h.Supervision[b].From) })
	var chain []int
	lastAgo := 0 // age of the chain's last day; negative: it goes on after the as-of day
	for _, i := range begun {
		period := &r.h.Supervision[i]
		endAgo := -1
		if !period.To.IsZero() {
			endAgo = r.ago(period.To)
		}
		if len(chain) == 0 || r.ago(period.From) < lastAgo-1 {
			chain, lastAgo = chain[:0], endAgo
		}
		chain = append(chain, i)
		lastAgo = min(lastAgo, endAgo)
	}
	if len(chain) == 0 || lastAgo > 0 {
		return
	}
	r.start = r.h.Supervision[chain[0]].From
	r.startAgo = r.ago(r.start)
	for _, i := range chain {
		period := &r.h.Supervision[i]
		if period.From == r.start {
			r.first = append(r.first, i)
		}
		if period.To.IsZero() || r.ago(period.To) <= 0 {
			r.active = append(r.active, i)
		}
	}
}

// plannedRelease is the latest release planned by the sentences that are not yet served, since a person leaves prison when the last
// of them lets go, and the place of that sentence; -1 where there is none. A plan that has passed says nothing.
func (r *reading) plannedRelease() (day tarozi.Date, place int) {
	place = -1
	for i := range r.h.Sentences {
		s := &r.h.Sentences[i]
		if !r.unserved(s) || s.ReleasePlannedOn.IsZero() || r.ago(s.ReleasePlannedOn) > 0 {
			continue
		}
		order := s.ReleasePlannedOn.Compare(day)
		if place < 0 || order > 0 || (order == 0 && graver(s, &r.h.Sentences[place])) {
			day, place = s.ReleasePlannedOn, i
		}
	}
	return day, place
}

// planRelease takes the planned release as the start, with the supervision planned to begin on that day.
func (r *reading) planRelease() {
	day, place := r.plannedRelease()
	if place < 0 {
		r.chooseSentence()
		return
	}
	r.start, r.startAgo, r.sentence = day, r.ago(day), place
	for i := range r.h.Supervision {
		if r.h.Supervision[i].From == r.start {
			r.first = append(r.first, i)
			r.active = append(r.active, i)
		}
	}
}

// unserved reports whether the person is still held on the sentence, or still has it to serve, on the as-of day. Whoever is
// supervised in the community is not held on a sentence from before that, though a register may not have noted the release.
func (r *reading) unserved(s *tarozi.Sentence) bool {
	ago := r.ago(s.ImposedOn)
	if ago < 0 || (!s.ReleasedOn.IsZero() && r.ago(s.ReleasedOn) >= 0) {
		return false
	}
	return r.purpose == tarozi.PurposeRelease || r.start.IsZero() || ago < r.startAgo
}

// chooseSentence finds the sentence behind the present supervision: the last one imposed by the day it began; where there is
// none, the last one imposed by the as-of day. Of several on one day it is the gravest.
func (r *reading) chooseSentence() {
	by := r.startAgo
	if r.start.IsZero() || !slices.ContainsFunc(r.h.Sentences, func(s tarozi.Sentence) bool { return r.ago(s.ImposedOn) >= by }) {
		by = 0
	}
	for i := range r.h.Sentences {
		s := &r.h.Sentences[i]
		if r.ago(s.ImposedOn) < by {
			continue
		}
		if r.sentence < 0 {
			r.sentence = i
			continue
		}
		chosen := &r.h.Sentences[r.sentence]
		if order := s.ImposedOn.Compare(chosen.ImposedOn); order > 0 || (order == 0 && graver(s, chosen)) {
			r.sentence = i
		}
	}
}

// graver orders sentences of one day: by severity, then by days in custody, then by offence as the vocabulary lists them, then by
// type and release, so that the choice does not hang on the order in which they were sent.
func graver(a, b *tarozi.Sentence) bool {
	rank := func(s *tarozi.Sentence) [4]int {
		days := -1
		if s.CustodyDays != nil {
			days = *s.CustodyDays
		}
		return [4]int{
			slices.Index(tarozi.Severities, s.Severity), days,
			-slices.Index(tarozi.Offences, s.Offence), -slices.Index(tarozi.SentenceTypes, s.Type),
		}
	}
	left, right := rank(a), rank(b)
	if order := slices.Compare(left[:], right[:]); order != 0 {
		return order > 0
	}
	return a.ReleasedOn.After(b.ReleasedOn)
}
