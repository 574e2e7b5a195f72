package fairness

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// SimulatorGrid returns the thresholds between which a committee may move a cut: of the candidates, ascending, those
// that leave at least smallest people of every group of every attribute between one and the next, below the first and
// from the last up. So no step shows fewer people than may be shown. Groups too small for any step are named in
// leftOut, attribute by attribute, and do not hold the grid up.
func SimulatorGrid(t *Table, candidates []float64, smallest int) (grid []float64, leftOut []Part, err error) {
	for _, c := range candidates {
		if math.IsNaN(c) || math.IsInf(c, 0) {
			return nil, nil, fmt.Errorf("fairness: candidate threshold %v is not finite", c)
		}
	}
	candidates = slices.Clone(candidates)
	slices.Sort(candidates)
	candidates = slices.Compact(candidates)

	var groups [][]float64
	for _, a := range t.Attributes {
		scores := make([][]float64, len(a.Levels))
		for i, c := range a.Codes {
			if t.Outcome[i] != Unknown {
				scores[c] = append(scores[c], t.Score[i])
			}
		}
		for l, s := range scores {
			if len(s) < 2*smallest {
				leftOut = append(leftOut, Part{a.Name, a.Levels[l]})
				continue
			}
			slices.Sort(s)
			groups = append(groups, s)
		}
	}
	slices.SortFunc(leftOut, func(x, y Part) int {
		return slices.Compare([]string{x.Attribute, x.Group}, []string{y.Attribute, y.Group})
	})
	below := make([]int, len(groups))
	for _, c := range candidates {
		next := make([]int, len(groups))
		wide := true
		for g, s := range groups {
			next[g], _ = slices.BinarySearch(s, c)
			wide = wide && next[g]-below[g] >= smallest && len(s)-next[g] >= smallest
		}
		if wide {
			grid, below = append(grid, c), next
		}
	}
	return grid, leftOut, nil
}

// Simulate computes the frame on the thresholds of the simulator's grid. Its groups left out of the grid are still
// subject to the suppression of small cells.
func Simulate(ctx context.Context, t *Table, candidates []float64, o Options) (*Frame, []Part, error) {
	grid, leftOut, err := SimulatorGrid(t, candidates, max(1, o.MinCell))
	if err != nil {
		return nil, nil, err
	}
	if len(grid) == 0 {
		return nil, leftOut, fmt.Errorf("fairness: no threshold leaves %d people of every group on both sides", max(1, o.MinCell))
	}
	o.Thresholds, o.NoIntersections = grid, true
	f, err := Compute(ctx, t, o)
	return f, leftOut, err
}
