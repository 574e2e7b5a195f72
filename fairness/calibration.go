package fairness

import (
	"math"
	"slices"

	"github.com/tarozi/tarozi"
)

// CalibrationBin is one of the bins of the score in which predicted and observed shares of a group are compared; the last
// one is closed. Bins without anybody are left out. They are ten, or wider where some of ten would be hidden: see [builder.bins].
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
	cuts, hidden := b.bins()
	segments := len(p.segmentEnd)
	var out []CalibrationBin
	for i := range p.sets {
		s := &p.sets[i]
		if len(s.of) > 1 {
			continue
		}
		for g, name := range s.names {
			bins := make([]struct {
				total [2]sums
				n     int
			}, len(cuts)-1)
			for seg, bin := range p.binsOf(cuts) {
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
				c := CalibrationBin{Attribute: s.attribute, Group: name, Low: cuts[k], High: cuts[k+1]}
				if why := hidden[(s.first+g)*len(cuts)+k]; why != "" {
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

// bins chooses the edges of the bins, from 0 to 1, the same for every group, and says what of them is hidden. They are the
// tenths where all of them can be shown. Else they are the ranges between the thresholds, to which each tenth is added, from
// below, that hides nothing more: a bin across a threshold would give away its smaller part.
func (b *builder) bins() ([]float64, []Reason) {
	tenths := make([]float64, eceBins+1)
	for k := range tenths {
		tenths[k] = float64(k) / eceBins
	}
	hidden := b.hiddenBins(tenths)
	least := b.hiddenCount(tenths, hidden)
	if least == 0 || b.l.p.upper >= 0 {
		return tenths, hidden
	}
	with := func(edges []float64, edge float64) []float64 {
		edges = append(slices.Clone(edges), edge)
		slices.Sort(edges)
		return slices.Compact(edges)
	}
	edges := []float64{0, 1}
	for _, t := range b.l.p.thresholds {
		if t > 0 && t < 1 {
			edges = with(edges, t)
		}
	}
	hidden = b.hiddenBins(edges)
	least = b.hiddenCount(edges, hidden)
	for _, tenth := range tenths {
		wider := with(edges, tenth)
		if len(wider) == len(edges) {
			continue
		}
		why := b.hiddenBins(wider)
		if n := b.hiddenCount(wider, why); n <= least {
			edges, hidden, least = wider, why, n
		}
	}
	return edges, hidden
}

// hiddenCount counts the hidden bins of everybody and of each attribute.
func (b *builder) hiddenCount(edges []float64, hidden []Reason) int {
	n := 0
	for i := range b.l.p.sets {
		s := &b.l.p.sets[i]
		if len(s.of) > 1 {
			continue
		}
		for g := range s.names {
			for _, why := range hidden[(s.first+g)*len(edges) : (s.first+g+1)*len(edges)-1] {
				if why != "" {
					n++
				}
			}
		}
	}
	return n
}

// binsOf says in which of the bins each segment lies. Inner edges are tenths or thresholds, which segments do not cross.
func (p *plan) binsOf(edges []float64) []int {
	of := make([]int, len(p.segmentEnd))
	bin := 0
	for seg := range of {
		for seg > 0 && bin+2 < len(edges) && p.segmentEnd[seg-1] >= p.from(edges[bin+1]) {
			bin++
		}
		of[seg] = bin
	}
	return of
}

// from is the first position in the order whose score is at least an edge.
func (p *plan) from(edge float64) int {
	at, _ := slices.BinarySearch(p.score, edge)
	return at
}

// hiddenBins applies small-cell suppression to the bins of every group: element group*len(edges)+bin, with the whole
// group as the last element of each. Bins add up to their group and groups to their parents, so that both ways of
// working a hidden bin out are closed; where a threshold cuts a bin, its parts count as cells, and where it bounds one,
// what is hidden at the threshold is hidden here.
func (b *builder) hiddenBins(edges []float64) []Reason {
	p := b.l.p
	elements, last := len(edges), len(edges)-1
	h := hider{smallest: b.o.MinCell, size: make([]int, p.groups*elements), content: make([]uint64, p.groups*elements)}
	start := make([]Reason, p.groups*elements)
	cells := make([][]int, p.groups*elements)
	of := p.binsOf(edges)
	for g := range p.groups {
		whole := relation{parent: g*elements + last}
		for seg, bin := range of {
			c := b.counts[g][seg]
			at := g*elements + bin
			h.size[at] += c[0] + c[1]
			if part := cells[at]; part != nil && !slices.Contains(p.cut, seg) {
				part[len(part)-2], part[len(part)-1] = part[len(part)-2]+c[0], part[len(part)-1]+c[1]
			} else {
				cells[at] = append(part, c[0], c[1])
			}
		}
		negatives, positives := b.counts[g].total()
		h.size[whole.parent] = negatives + positives
		cells[whole.parent] = []int{negatives, positives}
		for bin := range elements {
			start[g*elements+bin] = b.hidden.outcomes[g]
			h.content[g*elements+bin] = mix64(p.content[g] + uint64(bin))
			if bin < last {
				whole.members = append(whole.members, g*elements+bin)
			}
		}
		for k, t := range p.thresholds {
			for bin := range last {
				if at := g*elements + bin; start[at] == "" && (edges[bin] == t || edges[bin+1] == t) {
					start[at] = b.hidden.joint[k][g]
				}
			}
		}
		h.relations = append(h.relations, whole)
	}
	for _, r := range p.relations() {
		for bin := range last {
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
