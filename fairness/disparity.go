package fairness

import "math"

// spreadNames are the words of the literature for the spread of a metric; other metrics keep their own name.
var spreadNames = map[Metric]string{
	SelectionRate: "demographic_parity",
	TPR:           "equal_opportunity",
	PPV:           "predictive_parity",
	NPV:           "negative_predictive_parity",
}

func spreadName(m Metric) string {
	if name, ok := spreadNames[m]; ok {
		return name
	}
	return string(m)
}

func (b *builder) pairs(set int, buffer []float64) []Pair {
	s := &b.l.p.sets[set]
	if !s.pairs {
		return nil
	}
	var out []Pair
	for g, positive := range s.names {
		for h, negative := range s.names {
			if g == h {
				continue
			}
			place := b.l.pairs[set] + g*len(s.names) + h
			e := b.replicates.percentiles(b.estimate(place), place, b.o.Level, buffer)
			for _, group := range []int{s.first + g, s.first + h} {
				if why := b.hides(group, iAUC); why != "" {
					e = undefined(why)
				}
			}
			out = append(out, Pair{s.attribute, positive, negative, e})
		}
	}
	return out
}

// leftOut names the groups that a spread of the figure does not cover.
func (b *builder) leftOut(s *groupSet, figures ...int) []string {
	out := []string{}
	for g, name := range s.names {
		for _, k := range figures {
			if !b.l.include[b.f.place(b.l, s.first+g)+k] {
				out = append(out, name)
				break
			}
		}
	}
	return out
}

func (b *builder) spreads(set int, buffer []float64) []Spread {
	s := &b.l.p.sets[set]
	if len(s.of) == 0 {
		return nil
	}
	var out []Spread
	add := func(threshold *float64, name string, place int, figures ...int) {
		e := b.replicates.percentiles(b.estimate(place), place, b.o.Level, buffer)
		out = append(out, Spread{s.attribute, threshold, name, e, b.leftOut(s, figures...)})
	}
	to := b.l.spreads[set]
	for k, m := range ScoreMetrics() {
		if k == iSlope {
			continue
		}
		add(nil, spreadName(m)+"_difference", to+2*k, k)
		if k != iOMinusE {
			add(nil, spreadName(m)+"_ratio", to+2*k+1, k)
		}
	}
	to += 2 * nFree
	for k := range b.l.p.thresholds {
		at, rates := &b.l.p.thresholds[k], nFree+k*nRates
		for r, m := range ThresholdMetrics() {
			add(at, spreadName(m)+"_difference", to+2*r, rates+r)
			add(at, spreadName(m)+"_ratio", to+2*r+1, rates+r)
		}
		tpr, fpr := rates+iTPR, rates+iFPR
		add(at, "equalized_odds_difference", to+iOddsMax, tpr, fpr)
		add(at, "equalized_odds_mean_difference", to+iOddsMean, tpr, fpr)
		add(at, "equalized_odds_ratio", to+iOddsRatio, tpr, fpr)
		add(at, "between_group_generalised_entropy", to+iBetweenEntropy, iBase, rates+iSelection)
		add(at, "between_group_theil", to+iBetweenTheil, iBase, rates+iSelection)
		to += nSpreadRates
	}
	return out
}

func (b *builder) comparisons(set int, buffer []float64) []Comparison {
	s, reference := &b.l.p.sets[set], b.l.reference[set]
	if reference < 0 {
		return nil
	}
	var out []Comparison
	for g, name := range s.names {
		if g == reference || s.missing[g] {
			continue
		}
		add := func(threshold *float64, m Metric, figure, difference, ratio int) {
			c := Comparison{Attribute: s.attribute, Group: name, Reference: s.names[reference], Threshold: threshold, Metric: m}
			c.Difference = b.compared(s, g, reference, figure, difference, buffer)
			c.Ratio = undefined(ZeroDenominator)
			if ratio >= 0 {
				c.Ratio = b.compared(s, g, reference, figure, ratio, buffer)
				figures := [2]int{b.f.place(b.l, s.first+g) + figure, b.f.place(b.l, s.first+reference) + figure}
				c.Verdict = b.test(s, m, threshold, c.Ratio, ratio, figures, buffer)
			}
			out = append(out, c)
		}
		to := b.l.compares[set] + g*b.l.compareSize()
		for k, m := range ScoreMetrics() {
			if k != iSlope {
				add(nil, m, k, to+2*k, to+2*k+1)
			}
		}
		to += 2 * nFree
		for k := range b.l.p.thresholds {
			at, rates := &b.l.p.thresholds[k], nFree+k*nRates
			for r, m := range ThresholdMetrics() {
				add(at, m, rates+r, to+2*r, to+2*r+1)
			}
			add(at, AverageOdds, rates+iTPR, to+iAverageOdds, -1)
			to += nCompareRates
		}
	}
	return out
}

// compared gives a comparison its interval or, where undefined, the reason of the group behind it.
func (b *builder) compared(s *groupSet, group, reference, figure, place int, buffer []float64) Estimate {
	e := b.estimate(place)
	if e.Defined() {
		return b.replicates.percentiles(e, place, b.o.Level, buffer)
	}
	for _, g := range []int{s.first + group, s.first + reference} {
		if why := b.hides(g, figure); why != "" {
			return undefined(why)
		}
		at := b.f.place(b.l, g) + figure
		if math.IsNaN(b.f.value[at]) {
			return undefined(b.f.reason[at])
		}
	}
	return e
}
