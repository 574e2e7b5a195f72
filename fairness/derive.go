package fairness

import (
	"cmp"
	"math"
	"slices"
)

// layout gives every figure that is bootstrapped its place in one flat vector: the figures of each group, then the
// pairs (xAUC), spreads and comparisons of each set.
//
// Within a group the figures of the score come first (iBase...), then those of each threshold (iSelection...).
type layout struct {
	p         *plan
	perGroup  int
	pairs     []int // set -> first place of its G*G pairs
	spreads   []int // set -> first place of its spreads
	compares  []int // set -> first place of its comparisons
	reference []int // set -> its reference group, or -1
	size      int
	// include says which group figures take part in spreads and comparisons: not hidden, not of people whose
	// attribute is missing, and defined in the data. A replicate in which one of them is undefined is undefined.
	include []bool
}

// Figures over the groups of a set at one threshold, after the difference and ratio of each rate.
const (
	iOddsMax = 2*nRates + iota
	iOddsMean
	iOddsRatio
	iBetweenEntropy
	iBetweenTheil
	nSpreadRates
)

// Figures of a group against the reference at one threshold: difference and ratio of each rate, then average odds.
const (
	iAverageOdds  = 2 * nRates
	nCompareRates = 2*nRates + 1
)

func newLayout(p *plan, reference []int) *layout {
	l := &layout{p: p, reference: reference, perGroup: nFree + len(p.thresholds)*nRates}
	l.size = p.groups * l.perGroup
	for i := range p.sets {
		s := &p.sets[i]
		l.pairs = append(l.pairs, l.size)
		if s.pairs {
			l.size += len(s.names) * len(s.names)
		}
		l.spreads = append(l.spreads, l.size)
		if len(s.of) > 0 {
			l.size += l.spreadSize()
		}
		l.compares = append(l.compares, l.size)
		if len(s.of) > 0 {
			l.size += len(s.names) * l.compareSize()
		}
	}
	return l
}

func (l *layout) spreadSize() int  { return 2*nFree + len(l.p.thresholds)*nSpreadRates }
func (l *layout) compareSize() int { return 2*nFree + len(l.p.thresholds)*nCompareRates }

// figures is one evaluation of the layout: values (NaN where undefined) and the reasons.
type figures struct {
	value  []float64
	reason []Reason
	weight []float64 // total weight of each group
}

func (l *layout) newFigures() *figures {
	return &figures{make([]float64, l.size), make([]Reason, l.size), make([]float64, l.p.groups)}
}

func (f *figures) set(place int, v float64) { f.value[place], f.reason[place] = v, "" }

func (f *figures) undefined(place int, why Reason) { f.value[place], f.reason[place] = math.NaN(), why }

// quotient sets num/den, or undefined for the reason given where den is zero.
func (f *figures) quotient(place int, num, den float64, why Reason) {
	if den == 0 {
		f.undefined(place, why)
		return
	}
	f.set(place, num/den)
}

// confusion is the weighted two by two table of a group at a threshold.
type confusion struct{ tp, fp, fn, tn float64 }

// ofGroups derives the figures of every group and pair.
func (l *layout) ofGroups(t *tally, f *figures) {
	p := l.p
	segments := len(p.segmentEnd)
	for i := range p.sets {
		s := &p.sets[i]
		size := len(s.names)
		classes := make([][2]float64, size)
		for g := range size {
			all := s.first + g
			seg := t.groupSums[all*segments*2 : (all+1)*segments*2]
			at := f.place(l, all)
			total := l.ofScore(seg, f, at)
			classes[g] = [2]float64{total[0].weight, total[1].weight}
			f.weight[all] = total[0].weight + total[1].weight
			if p.probability && l.atBound(s, g) {
				f.undefined(at+iLogLoss, ScoreAtBound)
			}
			l.auc(f, at+iAUC, t.below[s.belowAt(g, g)], classes[g][1], classes[g][0])
			for k, cut := range p.cut {
				var c confusion
				for j := range segments {
					n, y := seg[2*j].weight, seg[2*j+1].weight
					if j >= cut {
						c.fp, c.tp = c.fp+n, c.tp+y
					} else {
						c.tn, c.fn = c.tn+n, c.fn+y
					}
				}
				ofConfusion(c, f, at+nFree+k*nRates)
			}
		}
		if !s.pairs {
			continue
		}
		for g := range size {
			for h := range size {
				l.auc(f, l.pairs[i]+g*size+h, t.below[s.belowAt(g, h)], classes[g][1], classes[h][0])
			}
		}
	}
}

func (f *figures) place(l *layout, group int) int { return group * l.perGroup }

func (l *layout) atBound(s *groupSet, g int) bool {
	for c, bound := range l.p.atBound {
		if bound && int(s.member[c]) == g {
			return true
		}
	}
	return false
}

// auc sets the probability that a positive scores above a negative, ties half (Mann and Whitney 1947); with the two
// from different groups it is xAUC (Kallus and Zhou 2019).
func (l *layout) auc(f *figures, place int, below, positives, negatives float64) {
	switch {
	case positives == 0 && negatives == 0:
		f.undefined(place, EmptyGroup)
	case positives == 0:
		f.undefined(place, NoPositives)
	case negatives == 0:
		f.undefined(place, NoNegatives)
	default:
		f.set(place, below/(positives*negatives))
	}
}

// ofScore derives the figures that need no threshold, AUC and slope apart, and returns the totals by outcome.
func (l *layout) ofScore(seg []sums, f *figures, at int) [2]sums {
	var total [2]sums
	for j := range seg {
		total[j%2].add(&seg[j])
	}
	n := total[0].weight + total[1].weight
	observed, expected := total[1].weight, total[0].score+total[1].score
	f.quotient(at+iBase, observed, n, EmptyGroup)
	f.quotient(at+iMean, expected, n, EmptyGroup)
	f.undefined(at+iSlope, NotConverged)
	if !l.p.probability {
		for _, k := range []int{iOMinusE, iOE, iBrier, iLogLoss, iECE, iSlope} {
			f.undefined(at+k, ScoreNotProbability)
		}
		return total
	}
	f.quotient(at+iOMinusE, observed-expected, n, EmptyGroup)
	f.quotient(at+iBrier, total[0].squared+total[1].squared, n, EmptyGroup)
	f.quotient(at+iLogLoss, total[0].log+total[1].log, n, EmptyGroup)
	why := ZeroDenominator
	if n == 0 {
		why = EmptyGroup
	}
	f.quotient(at+iOE, observed, expected, why)

	var gap, binGap float64
	for j := range l.p.bin {
		if j > 0 && l.p.bin[j] != l.p.bin[j-1] {
			gap, binGap = gap+math.Abs(binGap), 0
		}
		binGap += seg[2*j+1].weight - seg[2*j].score - seg[2*j+1].score
	}
	f.quotient(at+iECE, gap+math.Abs(binGap), n, EmptyGroup)
	return total
}

// ofConfusion derives the rates of one threshold. b = 1 + prediction - outcome with "not called high risk" and "not
// seen again" as the favourable 1 gives 0 for a false positive, 2 for a false negative, else 1 (Speicher et al. 2018).
func ofConfusion(c confusion, f *figures, at int) {
	n := c.tp + c.fp + c.fn + c.tn
	ratio := func(place int, num, den float64, why Reason) {
		if n == 0 {
			why = EmptyGroup
		}
		f.quotient(at+place, num, den, why)
	}
	ratio(iSelection, c.tp+c.fp, n, EmptyGroup)
	ratio(iTPR, c.tp, c.tp+c.fn, NoPositives)
	ratio(iFNR, c.fn, c.tp+c.fn, NoPositives)
	ratio(iFPR, c.fp, c.fp+c.tn, NoNegatives)
	ratio(iTNR, c.tn, c.fp+c.tn, NoNegatives)
	ratio(iPPV, c.tp, c.tp+c.fp, NoneSelected)
	ratio(iNPV, c.tn, c.tn+c.fn, AllSelected)
	ratio(iAccuracy, c.tp+c.tn, n, EmptyGroup)

	mean := (n + c.fn - c.fp) / n
	if !(mean > 0) {
		why := ZeroDenominator
		if n == 0 {
			why = EmptyGroup
		}
		f.undefined(at+iEntropy, why)
		f.undefined(at+iTheil, why)
		return
	}
	fair := c.tp + c.tn
	f.set(at+iEntropy, ((fair+4*c.fn)/(n*mean*mean)-1)/2)
	f.set(at+iTheil, (fair*xlogx(1/mean)+c.fn*xlogx(2/mean))/n)
}

// xlogx is x ln x, continued by 0 at 0.
func xlogx(x float64) float64 {
	if x == 0 {
		return 0
	}
	return x * math.Log(x)
}

// between derives spreads and comparisons from the figures of the groups.
func (l *layout) between(f *figures) {
	for i := range l.p.sets {
		if len(l.p.sets[i].of) == 0 {
			continue
		}
		to := l.spreads[i]
		for k := range nFree {
			l.spread(f, i, k, to+2*k)
		}
		to += 2 * nFree
		for k := range l.p.thresholds {
			l.spreadAt(f, i, nFree+k*nRates, to+k*nSpreadRates)
		}
		for g := range l.p.sets[i].names {
			l.compare(f, i, g, l.compares[i]+g*l.compareSize())
		}
	}
}

// spread sets max - min and min / max of one figure over the groups that have it.
func (l *layout) spread(f *figures, set, figure, to int) {
	s := &l.p.sets[set]
	low, high, groups := math.Inf(1), math.Inf(-1), 0
	for g := range s.names {
		at := f.place(l, s.first+g) + figure
		if !l.include[at] {
			continue
		}
		v := f.value[at]
		if math.IsNaN(v) {
			f.undefined(to, GroupUndefined)
			f.undefined(to+1, GroupUndefined)
			return
		}
		low, high, groups = min(low, v), max(high, v), groups+1
	}
	if groups < 2 {
		f.undefined(to, FewerThanTwoGroups)
		f.undefined(to+1, FewerThanTwoGroups)
		return
	}
	f.set(to, high-low)
	f.quotient(to+1, low, high, ZeroDenominator)
}

// spreadAt sets the spreads of one threshold: each rate, equalised odds (Hardt, Price, Srebro 2016; maximum, mean and
// ratio as fairlearn has them), and the part of generalised entropy and Theil that lies between groups.
func (l *layout) spreadAt(f *figures, set, rates, to int) {
	for r := range nRates {
		l.spread(f, set, rates+r, to+2*r)
	}
	both := func(place int, join func(a, b float64) float64, a, b int) {
		for _, k := range []int{a, b} {
			if math.IsNaN(f.value[k]) {
				f.undefined(to+place, f.reason[k])
				return
			}
		}
		f.set(to+place, join(f.value[a], f.value[b]))
	}
	tpr, fpr := to+2*iTPR, to+2*iFPR
	both(iOddsMax, math.Max, tpr, fpr)
	both(iOddsMean, func(a, b float64) float64 { return (a + b) / 2 }, tpr, fpr)
	both(iOddsRatio, math.Min, tpr+1, fpr+1)
	l.betweenEntropy(f, set, rates, to)
}

func (l *layout) betweenEntropy(f *figures, set, rates, to int) {
	s := &l.p.sets[set]
	var n, total, squares float64
	type part struct{ n, benefit float64 }
	var parts []part
	for g := range s.names {
		at := f.place(l, s.first+g)
		if !l.include[at+iBase] || !l.include[at+rates+iSelection] {
			continue
		}
		q := part{f.weight[s.first+g], 1 + f.value[at+iBase] - f.value[at+rates+iSelection]}
		parts = append(parts, q)
	}
	// Sums of floats depend on their order in the last bit; the order must not depend on names.
	slices.SortFunc(parts, func(x, y part) int { return cmp.Or(cmp.Compare(x.n, y.n), cmp.Compare(x.benefit, y.benefit)) })
	for _, q := range parts {
		n, total, squares = n+q.n, total+q.n*q.benefit, squares+q.n*q.benefit*q.benefit
	}
	why := ZeroDenominator
	if len(parts) < 2 {
		why = FewerThanTwoGroups
	}
	if len(parts) < 2 || !(total > 0) {
		f.undefined(to+iBetweenEntropy, why)
		f.undefined(to+iBetweenTheil, why)
		return
	}
	mean, theil := total/n, 0.0
	for _, q := range parts {
		theil += q.n * xlogx(q.benefit/mean)
	}
	f.set(to+iBetweenEntropy, (squares/(n*mean*mean)-1)/2)
	f.set(to+iBetweenTheil, theil/n)
}

// compare sets difference and ratio of each figure of a group and the reference group of its set.
func (l *layout) compare(f *figures, set, group, to int) {
	s, reference := &l.p.sets[set], l.reference[set]
	own := f.place(l, s.first+group)
	pair := func(figure, place int) {
		if reference < 0 {
			f.undefined(place, FewerThanTwoGroups)
			f.undefined(place+1, FewerThanTwoGroups)
			return
		}
		a, b := own+figure, f.place(l, s.first+reference)+figure
		if !l.include[a] || !l.include[b] || math.IsNaN(f.value[a]) || math.IsNaN(f.value[b]) {
			f.undefined(place, GroupUndefined)
			f.undefined(place+1, GroupUndefined)
			return
		}
		f.set(place, f.value[a]-f.value[b])
		f.quotient(place+1, f.value[a], f.value[b], ZeroDenominator)
	}
	for k := range nFree {
		pair(k, to+2*k)
	}
	to += 2 * nFree
	for k := range l.p.thresholds {
		for r := range nRates {
			pair(nFree+k*nRates+r, to+2*r)
		}
		tpr, fpr := f.value[to+2*iTPR], f.value[to+2*iFPR]
		if math.IsNaN(tpr) || math.IsNaN(fpr) {
			f.undefined(to+iAverageOdds, GroupUndefined)
		} else {
			f.set(to+iAverageOdds, (tpr+fpr)/2)
		}
		to += nCompareRates
	}
}
