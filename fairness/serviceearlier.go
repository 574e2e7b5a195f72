package fairness

import (
	"cmp"
	"math"
	"slices"

	"github.com/tarozi/tarozi"
)

// earlier is what the reports before have shown of the same agency's people: whoever keeps them could subtract.
type earlier struct {
	hider
	reports []*Report
}

// told says that a count differs from an earlier one, shown by one of the reports, by too few people. at gives a report's own, nil where it
// has or shows none.
func (e *earlier) told(n int, at func(*Service) *int) bool {
	for _, r := range e.reports {
		if r.Service == nil {
			continue
		}
		if was := at(r.Service); was != nil && e.small(difference(n, *was)) {
			return true
		}
	}
	return false
}

// during is told among reports whose periods overlap: other periods count other people.
func (e *earlier) during(period ReportPeriod, n int, at func(*Service) *int) bool {
	return e.told(n, func(s *Service) *int {
		if s.Period.From.After(period.To) || period.From.After(s.Period.To) {
			return nil
		}
		return at(s)
	})
}

// inBand is how many people of an earlier report's band had the event or not, and both together.
func inBand(s *Service, band tarozi.Band) (n, events *int) {
	for _, b := range s.Bands {
		if b.Band == band && b.N != nil && b.Observed.Defined() {
			k := int(math.Round(b.Observed.Value * float64(*b.N)))
			return b.N, &k
		}
	}
	return nil, nil
}

// stepsBefore are the counts that follow from the earlier reports' simulators for a group at a cut.
func (e *earlier) stepsBefore(part Part, threshold float64) []GroupRow {
	var rows []GroupRow
	for _, r := range e.reports {
		if r.Service == nil {
			continue
		}
		var whole *Counts
		for _, g := range r.Groups {
			if g.Attribute == part.Attribute && g.Group == part.Group && g.Counts != nil {
				whole = g.Counts
			}
		}
		if whole == nil {
			continue // nobody can turn its shares into people
		}
		events, others := whole.TP+whole.FN, whole.FP+whole.TN
		for _, s := range r.Service.Simulator {
			if s.Attribute != part.Attribute || s.Group != part.Group || s.Threshold != threshold || !s.FNR.Defined() || !s.FPR.Defined() {
				continue
			}
			fn, fp := int(math.Round(s.FNR.Value*float64(events))), int(math.Round(s.FPR.Value*float64(others)))
			rows = append(rows, GroupRow{Counts: &Counts{TP: events - fn, FP: fp, FN: fn, TN: others - fp}})
		}
	}
	return rows
}

// settle hides what would give a small number away beside earlier reports.
func (e *earlier) settle(s *Service) {
	for i := range s.Drift {
		d := &s.Drift[i]
		of := func(pick func(*DriftRow) *int) func(*Service) *int {
			return func(was *Service) *int {
				for k := range was.Drift {
					if was.Drift[k].Name == d.Name {
						return pick(&was.Drift[k])
					}
				}
				return nil
			}
		}
		now, before := func(r *DriftRow) *int { return r.N }, func(r *DriftRow) *int { return r.NBefore }
		if d.N != nil && e.during(s.Period, *d.N, of(now)) {
			d.N = nil
		}
		if d.NBefore != nil && e.told(*d.NBefore, of(before)) {
			d.NBefore = nil
		}
	}
	for i := range s.Expected {
		x := &s.Expected[i]
		if x.N != nil && e.during(s.Period, *x.N, func(was *Service) *int {
			for _, o := range was.Expected {
				if o.Threshold == x.Threshold {
					return o.N
				}
			}
			return nil
		}) {
			x.N = nil
		}
	}
	e.settleWork(s)
	told := map[string]bool{} // attributes of which a row gives a number away; the others of the attribute would give it away too
	for _, j := range s.Judgement {
		told[j.Attribute] = told[j.Attribute] || j.N != nil && e.told(*j.N, func(was *Service) *int {
			for _, o := range was.Judgement {
				if o.Attribute == j.Attribute && o.Group == j.Group {
					return o.N
				}
			}
			return nil
		})
	}
	for i := range s.Judgement {
		if j := &s.Judgement[i]; told[j.Attribute] {
			none := undefined(ComplementaryCell)
			*j = JudgementRow{Attribute: j.Attribute, Group: j.Group, NReason: ComplementaryCell, Same: none, Towards: none, Away: none, Up: none,
				Down: none, OwnRight: none, ScoreRight: none, FinalRight: none}
		}
	}
}

// settleWork hides counts of the period's work beside earlier reports. What was scored is the sum of three others: where one of the four is
// hidden, another is too.
func (e *earlier) settleWork(s *Service) {
	var sum []*Count
	hidden := 0
	for i := range s.Workflow {
		w := &s.Workflow[i]
		if w.N != nil && e.during(s.Period, *w.N, func(was *Service) *int {
			for _, o := range was.Workflow {
				if o.What == w.What {
					return o.N
				}
			}
			return nil
		}) {
			w.N = nil
		}
		if slices.Contains([]string{"scored", "reviewed", "unreviewed", "expired"}, w.What) {
			if w.N == nil {
				hidden++
			} else if *w.N > 0 {
				sum = append(sum, w)
			}
		}
	}
	if hidden == 1 && len(sum) > 0 {
		slices.MinFunc(sum, func(a, b *Count) int { return cmp.Compare(*a.N, *b.N) }).N = nil
	}
}
