package fairness

import (
	"math"

	"github.com/tarozi/tarozi"
)

// CalibrationBin is one of the ten bins of the score in which predicted and observed shares of a group are compared;
// the last one is closed. Bins without anybody are left out.
type CalibrationBin struct {
	Attribute string  `json:"attribute"`
	Group     string  `json:"group"`
	Low       float64 `json:"low"`
	High      float64 `json:"high"`
	// N is nil where a count that it shows is too small.
	N         *int     `json:"n"`
	MeanScore Estimate `json:"mean_score"`
	// Observed is the share that had the event, with Wilson's interval; weighted data have none.
	Observed Estimate `json:"observed"`
}

// calibration lists the bins of everybody and of each attribute, not of intersections. data are the weighted tallies,
// the builder's counts the unweighted ones.
func (b *builder) calibration(data *tally) []CalibrationBin {
	p := b.l.p
	if !p.probability {
		return nil
	}
	hidden := b.hiddenBins()
	segments := len(p.segmentEnd)
	var out []CalibrationBin
	for i := range p.sets {
		s := &p.sets[i]
		if len(s.of) > 1 {
			continue
		}
		for g, name := range s.names {
			var bins [eceBins]struct {
				total [2]sums
				n     int
			}
			for seg, bin := range p.bin {
				at := ((s.first+g)*segments + seg) * 2
				bins[bin].total[0].add(&data.groupSums[at])
				bins[bin].total[1].add(&data.groupSums[at+1])
				c := b.counts[s.first+g][seg]
				bins[bin].n += c[0] + c[1]
			}
			for k, bin := range bins {
				if bin.n == 0 {
					continue
				}
				c := CalibrationBin{Attribute: s.attribute, Group: name, Low: float64(k) / eceBins, High: float64(k+1) / eceBins}
				if why := hidden[(s.first+g)*(eceBins+1)+k]; why != "" {
					c.MeanScore, c.Observed = undefined(why), undefined(why)
				} else {
					c.N = &bin.n
					weight := bin.total[0].weight + bin.total[1].weight
					c.MeanScore = point((bin.total[0].score + bin.total[1].score) / weight)
					c.Observed = point(bin.total[1].weight / weight)
					if p.weight == nil && !p.clustered {
						c.Observed.Low, c.Observed.High = tarozi.WilsonInterval(c.Observed.Value, float64(bin.n), b.o.Level)
						c.Observed.Method = Wilson
					}
				}
				out = append(out, c)
			}
		}
	}
	return out
}

// hiddenBins applies small-cell suppression to the bins of every group: element group*(eceBins+1)+bin, with the whole
// group as the last element of each. Bins add up to their group and groups to their parents, so that both ways of
// working a hidden bin out are closed; where a threshold cuts a bin, its parts count as cells.
func (b *builder) hiddenBins() []Reason {
	p := b.l.p
	const elements = eceBins + 1
	h := hider{smallest: b.o.MinCell, size: make([]int, p.groups*elements), content: make([]uint64, p.groups*elements)}
	start := make([]Reason, p.groups*elements)
	cells := make([][]int, p.groups*elements)
	for g := range p.groups {
		whole := relation{parent: g*elements + eceBins}
		for seg, bin := range p.bin {
			c := b.counts[g][seg]
			at := g*elements + bin
			h.size[at] += c[0] + c[1]
			cells[at] = append(cells[at], c[0], c[1])
		}
		negatives, positives := b.counts[g].total()
		h.size[whole.parent] = negatives + positives
		cells[whole.parent] = []int{negatives, positives}
		for bin := range elements {
			start[g*elements+bin] = b.hidden.outcomes[g]
			h.content[g*elements+bin] = mix64(p.content[g] + uint64(bin))
			if bin < eceBins {
				whole.members = append(whole.members, g*elements+bin)
			}
		}
		h.relations = append(h.relations, whole)
	}
	for _, r := range p.relations() {
		for bin := range eceBins {
			of := relation{parent: r.parent*elements + bin}
			for _, g := range r.members {
				of.members = append(of.members, g*elements+bin)
			}
			h.relations = append(h.relations, of)
		}
	}
	return h.layer(start, func(element int) []int { return cells[element] })
}

// ExpectedWithoutOutcomes are accuracy figures that a calibrated score promises before any outcome is known.
type ExpectedWithoutOutcomes struct {
	BaseRate, TPR, FPR, PPV, NPV, Accuracy float64
}

// EstimateWithoutOutcomes takes each score for the share of such people who will have the event and returns the rates
// that follow at a threshold (confidence-based performance estimation, Guillory et al. 2021). It holds only as far as
// the score is calibrated for these people, which is what nobody knows before outcomes arrive. Rates that would divide
// by zero are NaN, as are all where there is no score or one outside [0, 1].
func EstimateWithoutOutcomes(score []float64, threshold float64) ExpectedWithoutOutcomes {
	var tp, fp, fn, tn float64
	for _, s := range score {
		if !(s >= 0 && s <= 1) {
			nan := math.NaN()
			return ExpectedWithoutOutcomes{nan, nan, nan, nan, nan, nan}
		}
		if s >= threshold {
			tp, fp = tp+s, fp+1-s
		} else {
			fn, tn = fn+s, tn+1-s
		}
	}
	n := tp + fp + fn + tn
	return ExpectedWithoutOutcomes{
		BaseRate: (tp + fn) / n, TPR: tp / (tp + fn), FPR: fp / (fp + tn), PPV: tp / (tp + fp), NPV: tn / (tn + fn),
		Accuracy: (tp + tn) / n,
	}
}
