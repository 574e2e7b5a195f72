package model

import (
	"math"
	"slices"
	"testing"
)

// Every shipped graph keeps the direction that its card promises for a factor: from one value to the next, the main effect's difference
// plus the smallest differences of all its pairs, whatever their other factors are, never goes the other way.
func TestShippedBundlesAreMonotone(t *testing.T) {
	bundles, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bundles {
		promised, moved := 0, 0
		for _, input := range b.Card.Inputs {
			if input.Monotone == 0 {
				continue
			}
			promised++
			for _, h := range b.Heads {
				low, high := steps(t, b, h, input.Feature)
				if input.Monotone < 0 {
					low, high = -high, -low
				}
				if low < -monotoneTolerance {
					t.Errorf("%s, head %s: %s goes against its direction %+d by %g", b.Card.ID, h.ID, input.Feature, input.Monotone, -low)
				}
				if high > monotoneTolerance {
					moved++ // the same steps break the opposite promise, so the test sees them
				}
			}
		}
		if promised == 0 || moved < promised/2 {
			t.Errorf("%s: %d factors have a direction, only %d effects of them move at all", b.Card.ID, promised, moved)
		}
	}
}

// monotoneTolerance allows for terms in float32.
const monotoneTolerance = 2e-6

// steps gives the least and the most that the head's margin changes from one value of the feature to the next, over all values of the
// features that it is paired with, each pair at its worst.
func steps(t *testing.T, b *Bundle, h *Head, feature string) (least, most float64) {
	t.Helper()
	values := grid(b.Card, feature)
	lows, highs := make([]float64, len(values)-1), make([]float64, len(values)-1)
	at, _ := b.Card.Input(feature)
	row := make([]float32, len(b.Card.Inputs))
	for place, term := range h.Terms {
		if !slices.Contains(term.Features, feature) {
			continue
		}
		for i := range row {
			row[i] = float32(math.NaN())
		}
		partner, others := at, []float64{0}
		for _, f := range term.Features {
			if f != feature {
				partner, _ = b.Card.Input(f)
				others = append(grid(b.Card, f), math.NaN())
			}
		}
		low, high := filled(len(lows), math.Inf(1)), filled(len(lows), math.Inf(-1))
		for _, other := range others {
			row[partner] = float32(other)
			last := math.NaN()
			for i, v := range values {
				row[at] = float32(v)
				out, err := h.Run(row)
				if err != nil {
					t.Fatal(err)
				}
				if now := out.Terms[place]; i > 0 {
					low[i-1], high[i-1] = min(low[i-1], now-last), max(high[i-1], now-last)
				}
				last = out.Terms[place]
			}
		}
		for i := range lows {
			lows[i] += low[i]
			highs[i] += high[i]
		}
	}
	return slices.Min(lows), slices.Max(highs)
}

func filled(n int, v float64) []float64 {
	list := make([]float64, n)
	for i := range list {
		list[i] = v
	}
	return list
}

// gridPoints is how finely a range is cut that holds more whole numbers than that, or fractions.
const gridPoints = 200

// grid lists values over the card's range of a feature, rising: every category, every whole number of a short range, and one value
// beyond a range that is open above.
func grid(card *Card, feature string) []float64 {
	at, _ := card.Input(feature)
	input := card.Inputs[at]
	low, high, step := input.Min, input.Max, 1.0
	switch {
	case len(input.Categories) > 0:
		low, high = 0, float64(len(input.Categories)-1)
	case input.Kind == "share" || high-low > gridPoints || high-low < 1:
		step = (high - low) / gridPoints
	}
	var values []float64
	for i := 0; low+float64(i)*step <= high+step/2; i++ {
		values = append(values, low+float64(i)*step)
	}
	if input.OpenAbove {
		values = append(values, high+max(1, step))
	}
	return values
}
