package fairness

import "math"

// publishedRows are the rows of earlier reports about one group.
type publishedRows []GroupRow

// published sorts the rows of earlier reports by the plan's groups; groups that are no longer there are ignored.
func (p *plan) published(rows []GroupRow) []publishedRows {
	out := make([]publishedRows, p.groups)
	if len(rows) == 0 {
		return out
	}
	at := make(map[Part]int)
	for i := range p.sets {
		s := &p.sets[i]
		for g, name := range s.names {
			at[Part{s.attribute, name}] = s.first + g
		}
	}
	for _, r := range rows {
		if g, ok := at[Part{r.Attribute, r.Group}]; ok {
			out[g] = append(out[g], r)
		}
	}
	return out
}

func difference(a, b int) int { return max(a-b, b-a) }

// sizes are the differences in size that earlier reports give away.
func (rows publishedRows) sizes(n int) []int {
	var out []int
	for _, r := range rows {
		if r.N != nil {
			out = append(out, difference(n, *r.N))
		}
	}
	return out
}

// classes are the differences in the numbers without and with the event.
func (rows publishedRows) classes(now []int) []int {
	var out []int
	for _, r := range rows {
		base := r.Metrics[BaseRate]
		// A weighted base rate is no count; the unweighted ones have Wilson's interval.
		if r.N == nil || !base.Defined() || base.Method != Wilson {
			continue
		}
		positives := int(math.Round(base.Value * float64(*r.N)))
		out = append(out, difference(now[0], *r.N-positives), difference(now[1], positives))
	}
	return out
}

// selected are the differences in the numbers on either side of a threshold.
func (rows publishedRows) selected(threshold float64, now Counts) []int {
	var out []int
	for _, r := range rows {
		rate := r.Metrics[SelectionRate]
		if r.N == nil || r.Threshold == nil || *r.Threshold != threshold || !rate.Defined() || rate.Method != Wilson {
			continue
		}
		selected := int(math.Round(rate.Value * float64(*r.N)))
		out = append(out, difference(now.TP+now.FP, selected), difference(now.FN+now.TN, *r.N-selected))
	}
	return out
}

// joint are the differences in the four cells at a threshold.
func (rows publishedRows) joint(threshold float64, now Counts) []int {
	var out []int
	for _, r := range rows {
		if r.Counts == nil || r.Threshold == nil || *r.Threshold != threshold {
			continue
		}
		c := *r.Counts
		out = append(out, difference(now.TP, c.TP), difference(now.FP, c.FP), difference(now.FN, c.FN), difference(now.TN, c.TN))
	}
	return out
}
