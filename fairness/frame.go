package fairness

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/tarozi/tarozi"
)

// Frame is every figure of a table. It is made once by [Compute] and only read afterwards.
type Frame struct {
	Options Options
	// Probability tells whether the score was taken for a probability; without it, calibration is undefined.
	Probability bool
	// Weighted and Clustered tell whether the people were weighted, and whether some have more than one row; both make
	// the bootstrap replace Wilson's interval.
	Weighted, Clustered bool
	// N is the number of rows measured: outcome known, weight not zero.
	N int
	// Groups holds everybody first, then the groups of each attribute by name, then those of the intersections.
	Groups []Group
	// Calibration holds predicted against observed shares by bin, for everybody and each attribute; nil where the score
	// is no probability.
	Calibration []CalibrationBin
	// Pairs holds xAUC for the ordered pairs of groups of each attribute.
	Pairs []Pair
	// Spreads holds the overall disparities of each attribute and intersection.
	Spreads []Spread
	// Comparisons holds each group of an attribute or intersection against its reference group.
	Comparisons []Comparison
}

// Group is the figures of one group.
type Group struct {
	Attribute string // "all", "race" or "race,sex"
	Group     string // "all", "White" or "White,Male"
	Parts     []Part
	// Missing tells that the attribute of these people is not known.
	Missing bool
	// N counts rows, unweighted. It is -1 with NReason where it is too small to be shown.
	N       int
	NReason Reason
	// Score holds the [ScoreMetrics].
	Score map[Metric]Estimate
	// At holds the [ThresholdMetrics] at each threshold, ascending.
	At []AtThreshold
}

// AtThreshold is the figures of a group at one threshold.
type AtThreshold struct {
	Threshold float64
	// Counts is nil where a cell is too small to be shown.
	Counts  *Counts
	Metrics map[Metric]Estimate
}

// Counts is the unweighted table of outcome against selection.
type Counts struct {
	TP int `json:"tp"`
	FP int `json:"fp"`
	FN int `json:"fn"`
	TN int `json:"tn"`
}

// Pair is xAUC: the probability that a person of Positive's group with the event scores above a person of Negative's
// group without it.
type Pair struct {
	Attribute string   `json:"attribute"`
	Positive  string   `json:"positive"`
	Negative  string   `json:"negative"`
	XAUC      Estimate `json:"xauc"`
}

// Spread is how far the groups of an attribute lie apart in one figure. Threshold is nil for figures of the score.
type Spread struct {
	Attribute string   `json:"attribute"`
	Threshold *float64 `json:"threshold"`
	// Name is for example "demographic_parity_difference"; docs/fairness.md lists them.
	Name     string   `json:"name"`
	Estimate Estimate `json:"estimate"`
	// LeftOut names the groups whose figure is undefined, hidden or of unknown attribute.
	LeftOut []string `json:"left_out"`
}

// Comparison is a group against the reference group in one metric. Threshold is nil for figures of the score.
type Comparison struct {
	Attribute  string   `json:"attribute"`
	Group      string   `json:"group"`
	Reference  string   `json:"reference"`
	Threshold  *float64 `json:"threshold"`
	Metric     Metric   `json:"metric"`
	Difference Estimate `json:"difference"`
	// Ratio is undefined for AverageOdds.
	Ratio Estimate `json:"ratio"`
	// Verdict is nil for metrics and intersections without one.
	Verdict *Verdict `json:"verdict,omitempty"`
}

// Compute measures t. It fails if the table is malformed, nobody has a known outcome, a named reference group does not
// exist, or ctx ends; single figures that cannot be computed are undefined with their reason instead.
func Compute(ctx context.Context, t *Table, o Options) (*Frame, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := t.Check(); err != nil {
		return nil, err
	}
	p, err := newPlan(t, o)
	if err != nil {
		return nil, err
	}
	reference, err := p.references(o)
	if err != nil {
		return nil, err
	}
	data, counts := newTally(p), newTally(p)
	units := slices.Repeat([]float64{1}, len(p.rows))
	counts.run(p, units)
	if p.weight == nil {
		data = counts
	} else {
		data.run(p, p.weight)
	}
	l := newLayout(p, reference)
	b := &builder{l: l, o: o, counts: p.countCells(counts), f: l.newFigures()}
	l.ofGroups(data, b.f)
	b.hidden = suppress(p, b.counts, o.MinCell, o.Published)
	b.include()
	l.between(b.f)
	if b.replicates, err = bootstrap(ctx, l, o); err != nil {
		return nil, err
	}
	out := b.frame()
	out.Calibration = b.calibration(data)
	return out, nil
}

func (o Options) check() error {
	switch {
	case o.ScoreKind != "" && o.ScoreKind != AutoScore && o.ScoreKind != ProbabilityScore && o.ScoreKind != RankScore:
		return fmt.Errorf("fairness: score kind %q is none of auto, probability, rank", o.ScoreKind)
	case o.Replicates < 0 || o.MinCell < 0 || o.MaxPairGroups < 0 || o.Workers < 0:
		return fmt.Errorf("fairness: replicates, smallest cell, largest number of groups and workers must not be negative")
	case !(o.Level > 0 && o.Level < 1) || !(o.Alpha > 0 && o.Alpha < 1):
		return fmt.Errorf("fairness: confidence level %v and error rate %v must lie between 0 and 1", o.Level, o.Alpha)
	case !(o.TauLow > 0 && o.TauLow < 1 && o.TauHigh > 1) || math.IsInf(o.TauHigh, 0):
		return fmt.Errorf("fairness: tolerance %v to %v must have 1 inside", o.TauLow, o.TauHigh)
	}
	return nil
}

// references finds the reference group of each set: the named one or the largest of known attribute; of equals the one
// that does not depend on names.
func (p *plan) references(o Options) ([]int, error) {
	out := make([]int, len(p.sets))
	named := 0
	for i := range p.sets {
		s := &p.sets[i]
		out[i] = -1
		if len(s.of) == 0 {
			continue
		}
		if want, ok := o.Reference[s.attribute]; ok {
			named++
			if out[i] = slices.Index(s.names, want); out[i] < 0 {
				return nil, fmt.Errorf("fairness: reference group %q does not occur in %q; it has %q", want, s.attribute, s.names)
			}
			continue
		}
		size := make([]int, len(s.names))
		for _, c := range p.cell {
			size[s.member[c]]++
		}
		for g, n := range size {
			if s.missing[g] || n == 0 {
				continue
			}
			best := out[i]
			if best < 0 || n > size[best] || n == size[best] && p.content[s.first+g] < p.content[s.first+best] {
				out[i] = g
			}
		}
	}
	if named < len(o.Reference) {
		return nil, fmt.Errorf("fairness: a reference group is named for something that is no audited attribute: %v", o.Reference)
	}
	return out, nil
}

// groupCounts are the unweighted counts of a group by segment and outcome.
type groupCounts [][2]int

func (g groupCounts) total() (negatives, positives int) {
	for _, s := range g {
		negatives, positives = negatives+s[0], positives+s[1]
	}
	return negatives, positives
}

func (g groupCounts) at(cut int) Counts {
	negatives, positives := g.total()
	fp, tp := g[cut:].total()
	return Counts{TP: tp, FP: fp, FN: positives - tp, TN: negatives - fp}
}

func (p *plan) countCells(t *tally) []groupCounts {
	out := make([]groupCounts, p.groups)
	segments := len(p.segmentEnd)
	for g := range out {
		out[g] = make(groupCounts, segments)
		for s := range segments {
			at := (g*segments + s) * 2
			out[g][s] = [2]int{int(t.groupSums[at].weight), int(t.groupSums[at+1].weight)}
		}
	}
	return out
}

// builder assembles a frame from the evaluated layout.
type builder struct {
	l          *layout
	o          Options
	counts     []groupCounts
	f          *figures
	hidden     *mask
	replicates replicates
}

func (b *builder) include() {
	l := b.l
	l.include = make([]bool, l.p.groups*l.perGroup)
	for i := range l.p.sets {
		s := &l.p.sets[i]
		for g := range s.names {
			for k := range l.perGroup {
				at := b.f.place(l, s.first+g) + k
				l.include[at] = !s.missing[g] && b.hides(s.first+g, k) == "" && !math.IsNaN(b.f.value[at])
			}
		}
	}
}

// hides returns why the figure of a group is not shown, "" if it is.
func (b *builder) hides(group, figure int) Reason {
	if figure < nFree {
		return b.hidden.ofScore(group, figure)
	}
	return b.hidden.ofRate(group, (figure-nFree)/nRates, (figure-nFree)%nRates)
}

func (b *builder) estimate(place int) Estimate {
	if math.IsNaN(b.f.value[place]) {
		return undefined(b.f.reason[place])
	}
	return point(b.f.value[place])
}

// frame fills the groups in parallel, because percentiles sort a thousand values per figure.
func (b *builder) frame() *Frame {
	p := b.l.p
	out := &Frame{
		Options: b.o, Probability: p.probability, Weighted: p.weight != nil, Clustered: p.clustered, N: len(p.rows),
		Groups: make([]Group, p.groups),
	}
	pairs, spreads, comparisons := make([][]Pair, len(p.sets)), make([][]Spread, len(p.sets)), make([][]Comparison, len(p.sets))
	limit := make(chan struct{}, b.o.workers())
	var wg sync.WaitGroup
	work := func(do func(buffer []float64)) {
		limit <- struct{}{}
		wg.Go(func() {
			do(make([]float64, 0, len(b.replicates)))
			<-limit
		})
	}
	for i := range p.sets {
		members := b.positions(i)
		for g := range p.sets[i].names {
			work(func(buffer []float64) { out.Groups[p.sets[i].first+g] = b.group(i, g, members[g], buffer) })
		}
		work(func(buffer []float64) {
			pairs[i] = b.pairs(i, buffer)
			spreads[i] = b.spreads(i, buffer)
			comparisons[i] = b.comparisons(i, buffer)
		})
	}
	wg.Wait()
	out.Pairs, out.Spreads, out.Comparisons = slices.Concat(pairs...), slices.Concat(spreads...), slices.Concat(comparisons...)
	b.judge(out)
	return out
}

// positions lists the rows of each group of a set, for the calibration slope.
func (b *builder) positions(set int) [][]int32 {
	s := &b.l.p.sets[set]
	out := make([][]int32, len(s.names))
	if !b.l.p.probability {
		return out
	}
	for g := range out {
		negatives, positives := b.counts[s.first+g].total()
		out[g] = make([]int32, 0, negatives+positives)
	}
	for k, c := range b.l.p.cell {
		out[s.member[c]] = append(out[s.member[c]], int32(k))
	}
	return out
}

func (b *builder) group(set, g int, positions []int32, buffer []float64) Group {
	s := &b.l.p.sets[set]
	all := s.first + g
	negatives, positives := b.counts[all].total()
	n := negatives + positives
	out := Group{
		Attribute: s.attribute, Group: s.names[g], Parts: s.parts[g], Missing: s.missing[g], N: n,
		Score: make(map[Metric]Estimate, nFree),
	}
	if why := b.hidden.size(all); why != "" {
		out.N, out.NReason = -1, why
	}
	at := b.f.place(b.l, all)
	for k, m := range ScoreMetrics() {
		why := b.hides(all, k)
		switch {
		case why != "":
			out.Score[m] = undefined(why)
		case k == iSlope:
			out.Score[m] = slopeFit{p: b.l.p, positions: positions}.calibrationSlope(b.o.Level)
		case k == iBase:
			out.Score[m] = b.rate(at+k, n, buffer)
		default:
			out.Score[m] = b.replicates.percentiles(b.estimate(at+k), at+k, b.o.Level, buffer)
		}
	}
	for k, threshold := range b.l.p.thresholds {
		out.At = append(out.At, b.atThreshold(all, k, threshold, at+nFree+k*nRates, buffer))
	}
	return out
}

func (b *builder) atThreshold(group, k int, threshold float64, at int, buffer []float64) AtThreshold {
	c := b.counts[group].at(b.l.p.cut[k])
	out := AtThreshold{Threshold: threshold, Metrics: make(map[Metric]Estimate, nRates)}
	if b.hidden.ofRate(group, k, iTPR) == "" {
		out.Counts = &c
	}
	n := c.TP + c.FP + c.FN + c.TN
	denominator := [nRates]int{
		iSelection: n, iTPR: c.TP + c.FN, iFNR: c.TP + c.FN, iFPR: c.FP + c.TN, iTNR: c.FP + c.TN,
		iPPV: c.TP + c.FP, iNPV: c.FN + c.TN, iAccuracy: n,
	}
	for r, m := range ThresholdMetrics() {
		why := b.hidden.ofRate(group, k, r)
		switch {
		case why != "":
			out.Metrics[m] = undefined(why)
		case denominator[r] > 0:
			out.Metrics[m] = b.rate(at+r, denominator[r], buffer)
		default:
			out.Metrics[m] = b.replicates.percentiles(b.estimate(at+r), at+r, b.o.Level, buffer)
		}
	}
	return out
}

// rate gives a share of n people Wilson's interval, or the bootstrap's where people weigh differently or have several
// rows, since Wilson's supposes equal and independent people.
func (b *builder) rate(place, n int, buffer []float64) Estimate {
	e := b.estimate(place)
	if b.l.p.weight != nil || b.l.p.clustered {
		return b.replicates.percentiles(e, place, b.o.Level, buffer)
	}
	if e.Defined() {
		e.Low, e.High = tarozi.WilsonInterval(e.Value, float64(n), b.o.Level)
		e.Method = Wilson
	}
	return e
}

// sortBy sorts indices by the values they point to, equal ones by index.
func sortBy(order []int, by []float64) {
	slices.SortFunc(order, func(x, y int) int { return cmp.Or(cmp.Compare(by[x], by[y]), cmp.Compare(x, y)) })
}
