package fairness

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Drift compares the distribution of a feature, score or outcome now with that of a reference period.
type Drift struct {
	Name string `json:"name"`
	// PSI is the population stability index over the shares of bins; KS the largest distance of the distribution
	// functions. By custom 0.1 and 0.25 of PSI are called a moderate and a large shift; they are no tests.
	PSI           Estimate `json:"psi"`
	KS            Estimate `json:"ks"`
	N             int      `json:"n"`
	NBefore       int      `json:"n_before"`
	Missing       float64  `json:"missing"`        // share of missing values now
	MissingBefore float64  `json:"missing_before"` // and before
}

// psiBins is how many quantile bins of the reference PSI uses.
const psiBins = 10

// NumberDrift measures the drift of numbers; NaN is missing and counted apart. PSI uses bins between the deciles of the
// values before, merged where values are tied (see binEdges). Both are undefined where one side has no value.
func NumberDrift(name string, before, now []float64) (Drift, error) {
	a, b := present(before), present(now)
	for _, v := range slices.Concat(a, b) {
		if math.IsInf(v, 0) {
			return Drift{}, fmt.Errorf("fairness: drift of %s: an infinite value", name)
		}
	}
	d := Drift{Name: name, N: len(b), NBefore: len(a), Missing: missingShare(now, b), MissingBefore: missingShare(before, a)}
	if len(a) == 0 || len(b) == 0 {
		d.PSI, d.KS = undefined(EmptyGroup), undefined(EmptyGroup)
		return d, nil
	}
	slices.Sort(a)
	slices.Sort(b)
	d.KS = point(stat.KolmogorovSmirnov(a, nil, b, nil))
	edges := binEdges(a, b)
	d.PSI = psi(binCounts(a, edges), binCounts(b, edges))
	return d, nil
}

// binEdges are the deciles of the values before, sorted, without repetition; a value on an edge belongs to the bin above. Where nine
// tenths or more are the smallest value, as with a rare flag, no decile parts it from the others, and one edge does: else such a
// feature could never drift.
func binEdges(before, now []float64) []float64 {
	var edges []float64
	for k := 1; k < psiBins; k++ {
		edges = append(edges, quantile(before, float64(k)/psiBins))
	}
	edges = slices.Compact(edges)
	smallest := before[0]
	if edges[0] == smallest { // it would leave the first bin empty
		edges = edges[1:]
	}
	if len(edges) > 0 {
		return edges
	}
	if now[0] < smallest {
		edges = append(edges, smallest)
	}
	next := math.Inf(1)
	for _, values := range [][]float64{before, now} {
		if at := slices.IndexFunc(values, func(v float64) bool { return v > smallest }); at >= 0 {
			next = min(next, values[at])
		}
	}
	if !math.IsInf(next, 1) {
		edges = append(edges, next)
	}
	return edges
}

// CategoryDrift measures the drift of categories; "" is missing and counted apart. KS is undefined for
// categories ([NotOrdered]).
func CategoryDrift(name string, before, now []string) Drift {
	counts := func(values []string) (map[string]float64, int) {
		m, n := make(map[string]float64), 0
		for _, v := range values {
			if v != "" {
				m[v]++
				n++
			}
		}
		return m, n
	}
	a, n := counts(before)
	b, m := counts(now)
	d := Drift{Name: name, N: m, NBefore: n, KS: undefined(NotOrdered)}
	if len(now) > 0 {
		d.Missing = 1 - float64(m)/float64(len(now))
	}
	if len(before) > 0 {
		d.MissingBefore = 1 - float64(n)/float64(len(before))
	}
	var levels []string
	for v := range a {
		levels = append(levels, v)
	}
	for v := range b {
		if _, ok := a[v]; !ok {
			levels = append(levels, v)
		}
	}
	slices.Sort(levels)
	x, y := make([]float64, len(levels)), make([]float64, len(levels))
	for k, v := range levels {
		x[k], y[k] = a[v], b[v]
	}
	d.PSI = psi(x, y)
	return d
}

func present(values []float64) []float64 {
	out := make([]float64, 0, len(values))
	for _, v := range values {
		if !math.IsNaN(v) {
			out = append(out, v)
		}
	}
	return out
}

func missingShare(all, there []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	return 1 - float64(len(there))/float64(len(all))
}

// binCounts counts sorted values between edges.
func binCounts(sorted, edges []float64) []float64 {
	out := make([]float64, len(edges)+1)
	start := 0
	for k, e := range edges {
		end, _ := slices.BinarySearch(sorted, e)
		out[k] = float64(end - start)
		start = end
	}
	out[len(edges)] = float64(len(sorted) - start)
	return out
}

// psi is the sum of (q - p) ln(q / p) over bins (Siddiqi 2006; the symmetric divergence of Jeffreys 1946). A bin that is empty on one side
// has half a person there: with none the index would be infinite, and a value never seen before, however many have it, could be no finding;
// with half, a single person in such a bin among hundreds is none.
func psi(before, now []float64) Estimate {
	var n, m float64
	for k := range before {
		n, m = n+before[k], m+now[k]
	}
	if n == 0 || m == 0 {
		return undefined(EmptyGroup)
	}
	sum := 0.0
	for k := range before {
		if before[k] == 0 && now[k] == 0 {
			continue
		}
		p, q := max(before[k], 0.5)/n, max(now[k], 0.5)/m
		sum += (q - p) * math.Log(q/p)
	}
	return point(sum)
}
