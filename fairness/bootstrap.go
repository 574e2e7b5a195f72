package fairness

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/stat"
)

// minDefinedShare is the share of replicates that must be defined for percentiles to be shown.
const minDefinedShare = 0.5

// replicates are the bootstrap values of a layout, by replicate and then by place.
type replicates [][]float64

// bootstrap evaluates the layout on count reweighted copies of the plan. Each replicate depends on the seed and its own
// number alone, so the number of workers changes nothing.
func bootstrap(ctx context.Context, l *layout, o Options) (replicates, error) {
	if o.Replicates == 0 {
		return nil, nil
	}
	out := make(replicates, o.Replicates)
	table := newPoissonTable()
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(o.workers(), o.Replicates) {
		wg.Go(func() {
			t, f := newTally(l.p), l.newFigures()
			r := replicateWeights{key: l.p.key, base: l.p.weight, table: table, weights: make([]float64, len(l.p.key))}
			for b := range next {
				r.seed = mix64(o.Seed + goldenGamma*uint64(b+1))
				t.run(l.p, r.fill())
				l.ofGroups(t, f)
				l.between(f)
				out[b] = slices.Clone(f.value)
			}
		})
	}
	var stopped error
feed:
	for b := range out {
		select {
		case next <- b:
		case <-ctx.Done():
			stopped = fmt.Errorf("fairness: bootstrap stopped after %d of %d replicates: %w", b, len(out), ctx.Err())
			break feed
		}
	}
	close(next)
	wg.Wait()
	return out, stopped
}

// percentiles adds the percentile interval to a defined estimate.
func (r replicates) percentiles(e Estimate, place int, level float64, buffer []float64) Estimate {
	if len(r) == 0 || !e.Defined() {
		return e
	}
	defined := buffer[:0]
	for _, v := range r {
		if !math.IsNaN(v[place]) {
			defined = append(defined, v[place])
		}
	}
	e.UndefinedReplicates = len(r) - len(defined)
	if float64(len(defined)) < minDefinedShare*float64(len(r)) {
		e.Reason = TooFewReplicates
		return e
	}
	slices.Sort(defined)
	if defined[0] == defined[len(defined)-1] {
		// Ten of ten people are ten of ten in every replicate: that is no interval of no width.
		e.Reason = NoSpread
		return e
	}
	e.Low = quantile(defined, (1-level)/2)
	e.High = quantile(defined, (1+level)/2)
	e.Method = Bootstrap
	return e
}

// quantile interpolates between order statistics of sorted values (type 7 of Hyndman and Fan 1996, numpy's default).
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	k := int(at)
	if k+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[k] + (at-float64(k))*(sorted[k+1]-sorted[k])
}

// still says that a figure is the same in every replicate in which it is defined.
func (r replicates) still(place int) bool {
	first := math.NaN()
	for _, v := range r {
		switch {
		case math.IsNaN(first):
			first = v[place]
		case !math.IsNaN(v[place]) && v[place] != first:
			return false
		}
	}
	return true
}

// logSpread returns the standard deviation of the logarithm of a ratio over the replicates, and the share of
// replicates in which the logarithm exists.
func (r replicates) logSpread(place int, buffer []float64) (sd, share float64) {
	logs := buffer[:0]
	for _, v := range r {
		if v[place] > 0 {
			logs = append(logs, math.Log(v[place]))
		}
	}
	if len(logs) < 2 {
		return math.NaN(), 0
	}
	return stat.StdDev(logs, nil), float64(len(logs)) / float64(len(r))
}
