package fairness

import (
	"math"
	"slices"
)

// Small cells. A figure is hidden where a count that it shows, or that can be worked out from what else is shown, is 1
// to smallest-1 (primary suppression), and further figures are hidden until sums over groups give no hidden one away
// (complementary suppression; Cox 1980, Hundepool et al. 2012). Zero is no small cell: nobody stands behind it.
//
// Four layers are dealt with one after the other, because each tells something else:
//
//	whole     the size of the group                          hides everything
//	outcomes  how many had the event                         hides all but size, selection rate and mean score
//	selected  how many are at or above a threshold           hides the selection rate
//	joint     outcome against selection, four cells          hides every rate that joins the two
//
// A score of two values, as a decision is, selects by itself: its mean tells how many have the larger one, and AUC, Brier
// score and the like tell the four cells. There the mean is hidden like a selection rate, the others like rates that join.
//
// With size, outcomes and selection shown and the joint layer hidden one degree of freedom stays open, so that none of
// the four cells follows. Thresholds are taken in ascending order, and the differences from the last one shown count as
// cells too. So do differences from the same figure in earlier reports about the same people: whoever holds both learns
// the newcomers.

// mask says which figures are hidden because they rest on too few people.
type mask struct {
	whole    []Reason
	outcomes []Reason
	mean     []Reason   // of the score
	joined   []Reason   // figures of score and outcome without a threshold
	selected [][]Reason // threshold, group
	joint    [][]Reason // threshold, group
}

func (m *mask) size(group int) Reason { return m.whole[group] }

func (m *mask) ofScore(group, figure int) Reason {
	switch figure {
	case iMean:
		return m.mean[group]
	case iBase:
		return m.outcomes[group]
	default:
		return m.joined[group]
	}
}

func (m *mask) ofRate(group, threshold, rate int) Reason {
	if rate == iSelection {
		return m.selected[threshold][group]
	}
	return m.joint[threshold][group]
}

// relation says that the counts of the members add up to those of the parent.
type relation struct {
	members []int
	parent  int
}

// relations lists every way in which groups add up: attributes to everybody, intersections to either attribute.
func (p *plan) relations() []relation {
	at := make(map[Part]int)
	var out []relation
	for i := range p.sets {
		s := &p.sets[i]
		switch len(s.of) {
		case 1:
			r := relation{}
			for g := range s.names {
				at[s.parts[g][0]] = s.first + g
				r.members = append(r.members, s.first+g)
			}
			out = append(out, r)
		case 2:
			of := make(map[int]int) // parent -> position in out
			for g := range s.names {
				for _, part := range s.parts[g] {
					parent := at[part]
					k, ok := of[parent]
					if !ok {
						k = len(out)
						of[parent] = k
						out = append(out, relation{parent: parent})
					}
					out[k].members = append(out[k].members, s.first+g)
				}
			}
		}
	}
	return out
}

// suppress decides what of the groups' counts is shown. smallest below 2 hides nothing. published are the rows of
// earlier reports about the same people.
func suppress(p *plan, counts []groupCounts, smallest int, published []GroupRow) *mask {
	before := p.published(published)
	h := hider{smallest: smallest, relations: p.relations(), size: make([]int, p.groups), content: p.content}
	classes := make([][]int, p.groups)
	for g, c := range counts {
		negatives, positives := c.total()
		h.size[g] = negatives + positives
		classes[g] = []int{negatives, positives}
	}
	m := &mask{}
	m.whole = h.layer(nil, func(g int) []int { return append(before[g].sizes(h.size[g]), h.size[g]) })
	m.outcomes = h.layer(m.whole, func(g int) []int { return append(before[g].classes(classes[g]), classes[g]...) })

	m.mean, m.joined = m.whole, m.outcomes
	if p.upper >= 0 {
		m.mean = h.layer(m.whole, func(g int) []int { c := counts[g].at(p.upper); return []int{c.TP + c.FP, c.FN + c.TN} })
		m.joined = h.layer(merge(m.outcomes, m.mean), func(g int) []int {
			c := counts[g].at(p.upper)
			return []int{c.TP, c.FP, c.FN, c.TN}
		})
	}

	// What was last shown of each group: at first everybody is selected.
	lastSelected, lastJoint := make([]int, p.groups), make([][2]int, p.groups)
	for g := range p.groups {
		lastSelected[g], lastJoint[g] = h.size[g], [2]int{classes[g][0], classes[g][1]}
	}
	for k, cut := range p.cut {
		at := p.thresholds[k]
		selected := h.layer(m.whole, func(g int) []int {
			c := counts[g].at(cut)
			return append(before[g].selected(at, c), c.TP+c.FP, lastSelected[g]-c.TP-c.FP)
		})
		joint := h.layer(merge(m.outcomes, selected), func(g int) []int {
			c := counts[g].at(cut)
			return append(before[g].joint(at, c), c.FP, c.TP, lastJoint[g][0]-c.FP, lastJoint[g][1]-c.TP)
		})
		for g := range p.groups {
			c := counts[g].at(cut)
			if selected[g] == "" {
				lastSelected[g] = c.TP + c.FP
			}
			if joint[g] == "" {
				lastJoint[g] = [2]int{c.FP, c.TP}
			}
		}
		m.selected, m.joint = append(m.selected, selected), append(m.joint, joint)
		if p.upper >= 0 && p.segmentEnd[cut-1] == p.segmentEnd[p.upper-1] {
			// The threshold parts the two scores: what it hides, the mean must not tell, and the other way round.
			m.mean, m.joined = merge(m.mean, selected), merge(m.joined, joint)
			m.selected[k], m.joint[k] = merge(selected, m.mean), merge(joint, m.joined)
		}
	}
	return m
}

func merge(a, b []Reason) []Reason {
	out := make([]Reason, len(a))
	for i := range out {
		if out[i] = a[i]; out[i] == "" {
			out[i] = b[i]
		}
	}
	return out
}

// hider applies primary and complementary suppression to one layer of counts.
type hider struct {
	smallest  int
	relations []relation
	size      []int
	// content breaks ties of size; nil where there is none, and the first of equals is taken.
	content []uint64
}

func (h *hider) small(n int) bool { return n >= 1 && n < h.smallest }

// layer hides groups with a small cell, starting from those hidden already, and goes on until no relation tells.
func (h *hider) layer(start []Reason, cells func(group int) []int) []Reason {
	hidden := make([]Reason, len(h.size))
	copy(hidden, start)
	for g := range hidden {
		for _, n := range cells(g) {
			if hidden[g] == "" && h.small(n) {
				hidden[g] = SmallCell
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for _, r := range h.relations {
			for h.tells(r, hidden, cells) && h.hide(r, hidden) {
				changed = true
			}
		}
		if !changed {
			changed = h.closeChains(hidden)
		}
	}
	return hidden
}

// hide hides one more element of a relation, if there is one.
func (h *hider) hide(r relation, hidden []Reason) bool {
	next := h.next(r, hidden)
	if next >= 0 {
		hidden[next] = ComplementaryCell
	}
	return next >= 0
}

// closeChains looks for hidden elements that follow from several relations together, though from none alone, and hides
// one more element: of a relation of such an element, or, where those are used up, of any relation with something
// hidden. It reports whether it hid any.
func (h *hider) closeChains(hidden []Reason) bool {
	determined := h.determined(hidden)
	for _, g := range determined {
		for _, r := range h.relations {
			if r.has(g) && h.hide(r, hidden) {
				return true
			}
		}
	}
	if len(determined) == 0 {
		return false
	}
	for _, r := range h.relations {
		some := hidden[r.parent] != "" || slices.ContainsFunc(r.members, func(g int) bool { return hidden[g] != "" })
		if some && h.hide(r, hidden) {
			return true
		}
	}
	return false
}

func (r relation) has(element int) bool {
	return r.parent == element || slices.Contains(r.members, element)
}

// determined lists the hidden elements that the relations fix. With the shown ones known, each relation is a linear
// equation in the hidden ones; an element is fixed where the reduced equations have a row of it alone.
func (h *hider) determined(hidden []Reason) []int {
	column := make(map[int]int)
	var elements []int
	for g, why := range hidden {
		if why != "" && h.size[g] > 0 {
			column[g] = len(elements)
			elements = append(elements, g)
		}
	}
	var rows [][]float64
	for _, r := range h.relations {
		row := make([]float64, len(elements))
		used := false
		for _, g := range r.members {
			if c, ok := column[g]; ok {
				row[c], used = 1, true
			}
		}
		if c, ok := column[r.parent]; ok {
			row[c], used = -1, true
		}
		if used {
			rows = append(rows, row)
		}
	}
	var out []int
	for _, row := range reduce(rows) {
		only, count := 0, 0
		for c, v := range row {
			if v != 0 {
				only, count = c, count+1
			}
		}
		if count == 1 {
			out = append(out, elements[only])
		}
	}
	return out
}

// reduce brings rows of small integers to reduced echelon form; entries that rounding leaves near zero become zero.
func reduce(rows [][]float64) [][]float64 {
	const nothing = 1e-9
	done := 0
	for c := 0; done < len(rows) && c < len(rows[0]); c++ {
		best := done
		for r := done; r < len(rows); r++ {
			if math.Abs(rows[r][c]) > math.Abs(rows[best][c]) {
				best = r
			}
		}
		pivot := rows[best][c]
		if math.Abs(pivot) < nothing {
			continue
		}
		rows[done], rows[best] = rows[best], rows[done]
		for k := range rows[done] {
			rows[done][k] /= pivot
		}
		for r := range rows {
			f := rows[r][c]
			if r == done || f == 0 {
				continue
			}
			for k, v := range rows[done] {
				if rows[r][k] -= f * v; math.Abs(rows[r][k]) < nothing {
					rows[r][k] = 0
				}
			}
		}
		done++
	}
	return rows[:done]
}

// tells reports whether a relation gives a hidden count away: one hidden element follows from the others, and hidden
// members together follow from a shown parent.
func (h *hider) tells(r relation, hidden []Reason, cells func(group int) []int) bool {
	count := 0
	var sum []int
	for _, g := range r.members {
		if hidden[g] == "" || h.size[g] == 0 {
			continue
		}
		count++
		for k, n := range cells(g) {
			if k == len(sum) {
				sum = append(sum, 0)
			}
			sum[k] += n
		}
	}
	if hidden[r.parent] != "" {
		return count == 0
	}
	if count == 1 {
		return true
	}
	for _, n := range sum {
		if h.small(n) {
			return true
		}
	}
	return false
}

// next chooses the smallest shown member with somebody in it, else the parent; -1 if there is nothing left to hide.
func (h *hider) next(r relation, hidden []Reason) int {
	best := -1
	for _, g := range r.members {
		if hidden[g] == "" && h.size[g] > 0 && (best < 0 || h.less(g, best)) {
			best = g
		}
	}
	if best < 0 && hidden[r.parent] == "" {
		best = r.parent
	}
	return best
}

func (h *hider) less(a, b int) bool {
	if h.size[a] != h.size[b] || h.content == nil {
		return h.size[a] < h.size[b]
	}
	return h.content[a] < h.content[b]
}
