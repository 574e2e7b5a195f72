package features

import (
	"math"
	"slices"

	"github.com/tarozi/tarozi"
)

// span is a period of days by age: from the older to the younger, both included.
type span struct{ older, younger int }

// workSpans lists the periods of one kind of work within the last `days` days, and the records behind them; updated is the age of
// the latest day on which one of them began or ended, without end where there is none.
func (r *reading) workSpans(kind tarozi.Work, days int, q query) (spans []span, evidence []tarozi.Evidence, updated int) {
	updated = math.MaxInt
	for _, k := range r.events[tarozi.EventEmployment] {
		if k.event.Work != kind || !k.counts(q) {
			continue
		}
		s := span{older: k.ago}
		changed := k.ago
		if !k.event.Until.IsZero() && r.ago(k.event.Until) >= 0 {
			s.younger = r.ago(k.event.Until)
			changed = s.younger
		}
		if s.younger > s.older || s.younger >= days {
			continue
		}
		s.older = min(s.older, days-1)
		spans = append(spans, s)
		evidence = append(evidence, tarozi.Evidence(k.event.ID))
		updated = min(updated, changed)
	}
	return spans, evidence, updated
}

// covered counts the days that at least one span covers: periods that overlap count once.
func covered(spans []span) int {
	ordered := slices.Clone(spans)
	slices.SortFunc(ordered, func(a, b span) int { return b.older - a.older })
	total, next := 0, 0 // next: age of the first day not yet counted
	for i, s := range ordered {
		if i == 0 || s.older < next {
			next = s.older
		}
		if s.younger <= next {
			total += next - s.younger + 1
			next = s.younger - 1
		}
	}
	return total
}

// employedShare is the share of days with a job among the last `days` days on which work was expected: days on which the person was
// exempt and had no job are left out.
func (r *reading) employedShare(days int, q query) found {
	if !r.held(tarozi.EventEmployment, q) {
		return found{missing: r.absent(tarozi.EventEmployment)}
	}
	jobs, evidence, updated := r.workSpans(tarozi.WorkJob, days, q)
	exempt, exemptEvidence, exemptUpdated := r.workSpans(tarozi.WorkExempt, days, q)
	worked := covered(jobs)
	expected := days - (covered(slices.Concat(jobs, exempt)) - worked)
	f := found{held: true, ago: min(updated, exemptUpdated), evidence: append(evidence, exemptEvidence...)}
	if expected == 0 {
		f.missing = tarozi.NotApplicable
		return f
	}
	f.number = float64(worked) / float64(expected)
	return f
}

func employedShareSinceStart(r *reading, q query) found {
	if r.start.IsZero() {
		return found{missing: tarozi.NoRecord}
	}
	f := r.employedShare(r.startAgo+1, q)
	f.number = rounded(f.number, 100)
	return f
}

func employedShareWindow(days int) measure {
	return func(r *reading, q query) found { return r.employedShare(days, q) }
}

// employedNow tells whether a job covers the as-of day. It has no meaning for a person who is exempt and has none.
func employedNow(r *reading, q query) found {
	if !r.held(tarozi.EventEmployment, q) {
		return found{missing: r.absent(tarozi.EventEmployment)}
	}
	if jobs, evidence, _ := r.workSpans(tarozi.WorkJob, 1, q); len(jobs) > 0 {
		return found{number: 1, ago: r.workChanged(q), evidence: evidence}
	}
	if exempt, _, _ := r.workSpans(tarozi.WorkExempt, 1, q); len(exempt) > 0 {
		return found{missing: tarozi.NotApplicable}
	}
	return found{ago: r.workChanged(q), evidence: r.lastWork(q)}
}

// exemptNow tells whether a period of exemption covers the as-of day.
func exemptNow(r *reading, q query) found {
	if !r.held(tarozi.EventEmployment, q) {
		return found{missing: r.absent(tarozi.EventEmployment)}
	}
	f := found{ago: r.workChanged(q)}
	if spans, evidence, _ := r.workSpans(tarozi.WorkExempt, 1, q); len(spans) > 0 {
		f.number, f.evidence = 1, evidence
	}
	return f
}

// workChanged is the age of the latest day on which a period of work began or ended.
func (r *reading) workChanged(q query) int {
	_, _, jobs := r.workSpans(tarozi.WorkJob, lifetime, q)
	_, _, exempt := r.workSpans(tarozi.WorkExempt, lifetime, q)
	return min(jobs, exempt)
}

// lastWork is the period of work that ended last.
func (r *reading) lastWork(q query) []tarozi.Evidence {
	var last *record
	for i := range r.events[tarozi.EventEmployment] {
		k := &r.events[tarozi.EventEmployment][i]
		if !k.counts(q) || k.event.Until.IsZero() {
			continue
		}
		if last == nil || k.event.Until.After(last.event.Until) {
			last = k
		}
	}
	if last == nil {
		return nil
	}
	return []tarozi.Evidence{tarozi.Evidence(last.event.ID)}
}

// leastJobDays is what a shorter supervision counts as in jobs by year: one job on the first day would else be 365 a year.
const leastJobDays = 30

// jobsPerYear is the number of jobs held during the present supervision, by year of 365.25 days, to one decimal.
func jobsPerYear(r *reading, q query) found {
	if r.start.IsZero() {
		return found{missing: tarozi.NoRecord}
	}
	if !r.held(tarozi.EventEmployment, q) {
		return found{missing: r.absent(tarozi.EventEmployment)}
	}
	days := r.startAgo + 1
	jobs, evidence, updated := r.workSpans(tarozi.WorkJob, days, q)
	return found{number: rounded(float64(len(jobs))/float64(max(days, leastJobDays))*365.25, 10), ago: updated, evidence: evidence}
}
