package explain

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
)

// table is an attribution that was computed reference by reference: samples[i][z*factors+j] is part j of the move from
// reference z, in the i-th of several estimates, or in the only one where it is exact.
type table struct {
	margin     float64
	references []float64
	factors    int
	samples    [][]float64
}

func (t *table) Margin() float64       { return t.margin }
func (t *table) References() []float64 { return t.references }

func (t *table) Split(weights []Units) []Units {
	out := make([]Units, t.factors)
	share := 1 / float64(len(t.samples))
	for _, sample := range t.samples {
		for j, u := range t.splitOne(sample, weights) {
			out[j].add(u.times(share))
		}
	}
	return out
}

func (t *table) splitOne(sample []float64, weights []Units) []Units {
	out := make([]Units, t.factors)
	for z, w := range weights {
		for j := range out {
			out[j].add(w.times(sample[z*t.factors+j]))
		}
	}
	return out
}

// sampled is a table of estimates.
type sampled struct{ table }

// Errors are the standard errors of the means over the samples, which are independent of each other.
func (t *sampled) Errors(weights []Units) []Units {
	mean, squares := t.Split(weights), make([]Units, t.factors)
	for _, sample := range t.samples {
		for j, u := range t.splitOne(sample, weights) {
			p, l := u.Points-mean[j].Points, u.LogOdds-mean[j].LogOdds
			squares[j].add(Units{p * p, l * l})
		}
	}
	n := float64(len(t.samples))
	for j, s := range squares {
		squares[j] = Units{math.Sqrt(s.Points / (n * (n - 1))), math.Sqrt(s.LogOdds / (n * (n - 1)))}
	}
	return squares
}

// player is a factor in which the person differs from a background row, with its columns.
type player struct {
	factor  int
	columns []int
}

// players lists the factors in which two rows differ; the others are worth nothing between the two.
func players(row, reference []float32, factors []int, count int) []player {
	at := make([]int, count)
	var list []player
	for i := range row {
		if row[i] == reference[i] || row[i] != row[i] && reference[i] != reference[i] {
			continue
		}
		f := factors[i]
		if at[f] == 0 {
			list = append(list, player{factor: f})
			at[f] = len(list)
		}
		p := &list[at[f]-1]
		p.columns = append(p.columns, i)
	}
	return list
}

// enumerate explains any graph exactly: between the person and each background row it runs every coalition of the factors in
// which the two differ.
func (g *graph) enumerate(factors []int, count int) func([]float32) (attribution, error) {
	return func(row []float32) (attribution, error) {
		margin, _, err := g.score(row)
		if err != nil {
			return nil, err
		}
		parts := make([]float64, len(g.background)*count)
		for z, reference := range g.background {
			list := players(row, reference, factors, count)
			values, err := g.coalitions(row, reference, list)
			if err != nil {
				return nil, err
			}
			values[0], values[len(values)-1] = g.references[z], margin
			for i, p := range list {
				parts[z*count+p.factor] = shapley(values, i, len(list))
			}
		}
		return &table{margin, g.references, count, [][]float64{parts}}, nil
	}
}

// coalitions scores every coalition of the players, by its bits: the person's values inside, the reference's outside.
func (g *graph) coalitions(row, reference []float32, list []player) ([]float64, error) {
	var values []float64
	var err error
	all := 1 << len(list)
	flat := make([]float32, 0, min(all, batchRows)*g.columns)
	for first := 0; first < all; first += batchRows {
		flat = flat[:0]
		n := min(batchRows, all-first)
		for coalition := first; coalition < first+n; coalition++ {
			flat = append(flat, reference...)
			mixed := flat[len(flat)-g.columns:]
			for i, p := range list {
				if coalition&(1<<i) != 0 {
					p.copy(mixed, row)
				}
			}
		}
		if values, _, err = g.run(flat, n, values, nil); err != nil {
			return nil, err
		}
	}
	return values, finite(values)
}

func (p player) copy(to, from []float32) {
	for _, c := range p.columns {
		to[c] = from[c]
	}
}

func finite(values []float64) error {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("a mix of the person's and a background row's values scores %v", v)
		}
	}
	return nil
}

// shapley is player i's Shapley value (Shapley 1953) in a game of n players given by the value of each coalition.
func shapley(values []float64, i, n int) float64 {
	total := 0.0
	for coalition, value := range values {
		if coalition&(1<<i) == 0 {
			weight := coalitionWeight(bits.OnesCount(uint(coalition)), n)
			total += weight * (values[coalition|1<<i] - value)
		}
	}
	return total
}

// sample estimates what enumerate computes: it draws pairs of permutations, one the reverse of the other (antithetic; Mitchell
// et al. 2022), and gives each factor the mean of what it adds when the factors join one by one. Each pair is unbiased and
// sums to the move exactly; the pairs' spread gives the standard error. The same seed draws the same permutations.
func (g *graph) sample(factors []int, count, pairs int, seed uint64) func([]float32) (attribution, error) {
	return func(row []float32) (attribution, error) {
		margin, _, err := g.score(row)
		if err != nil {
			return nil, err
		}
		random := rand.New(rand.NewPCG(seed, seed))
		t := &sampled{table{margin: margin, references: g.references, factors: count}}
		order := make([]int, count)
		for i := range order {
			order[i] = i
		}
		for range pairs {
			random.Shuffle(count, func(i, j int) { order[i], order[j] = order[j], order[i] })
			parts := make([]float64, len(g.background)*count)
			for z, reference := range g.background {
				list := players(row, reference, factors, count)
				if err := g.joinBothWays(row, z, ordered(list, order), margin, parts[z*count:(z+1)*count]); err != nil {
					return nil, err
				}
			}
			t.samples = append(t.samples, parts)
		}
		return t, nil
	}
}

// ordered sorts the players by a permutation of the factors.
func ordered(list []player, order []int) []player {
	at := make([]int, len(order))
	for i := range at {
		at[i] = -1
	}
	for i, p := range list {
		at[p.factor] = i
	}
	out := make([]player, 0, len(list))
	for _, f := range order {
		if at[f] >= 0 {
			out = append(out, list[at[f]])
		}
	}
	return out
}

// joinBothWays lets the players join in order and in reverse, and adds half of what each adds both times to its part.
func (g *graph) joinBothWays(row []float32, z int, list []player, margin float64, parts []float64) error {
	n := len(list)
	if n == 0 {
		return nil
	}
	var flat []float32
	walk := func(at func(int) player) {
		mixed := append([]float32(nil), g.background[z]...)
		for i := range n - 1 {
			at(i).copy(mixed, row)
			flat = append(flat, mixed...)
		}
	}
	forwards := func(i int) player { return list[i] }
	backwards := func(i int) player { return list[n-1-i] }
	walk(forwards)
	walk(backwards)
	var values []float64
	var err error
	if n > 1 {
		if values, _, err = g.run(flat, 2*(n-1), nil, nil); err != nil {
			return err
		}
	}
	if err := finite(values); err != nil {
		return err
	}
	for way, at := range []func(int) player{forwards, backwards} {
		before := g.references[z]
		for i := range n {
			after := margin
			if i < n-1 {
				after = values[way*(n-1)+i]
			}
			parts[at(i).factor] += (after - before) / 2
			before = after
		}
	}
	return nil
}
