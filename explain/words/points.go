package words

import (
	"math"
	"slices"

	"github.com/tarozi/tarozi"
)

// Rounded is v to so many decimals, half away from zero. Every number that people see is rounded by it, so that a number in a text and
// the same number in a sum are the same; x/text alone would round halves to even.
func Rounded(v float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	if r := math.Round(v*scale) / scale; !math.IsInf(r, 0) && !math.IsNaN(r) {
		return r
	}
	return v
}

// People is a probability as whole people out of 100.
func People(probability float64) int { return int(math.Round(100 * probability)) }

// Tenths is a probability as tenths of people out of 100.
func Tenths(probability float64) int { return int(math.Round(1000 * probability)) }

// shownFactors is how many factors are shown one by one.
const shownFactors = 9

// Steps is how a score comes about from its baseline in the numbers that people see: whole people of 100, or tenths of them. Baseline and
// the points sum to Total.
type Steps struct {
	Baseline, Total int
	Shown           []*tarozi.Contribution // one by one, largest first
	Points          []int                  // of Shown and, last, of all others together where there are any
	Decimals        int                    // 0, or 1 where tenths are counted
}

// StepsOf shows the largest factors one by one, and the others together. A factor whose share comes out as nothing joins the others.
// Contributions come largest first.
func StepsOf(s *tarozi.Score, tenths bool) Steps {
	steps, unit := Steps{Baseline: People(s.Baseline), Total: People(s.Probability)}, 100.0
	if tenths {
		steps, unit = Steps{Baseline: Tenths(s.Baseline), Total: Tenths(s.Probability), Decimals: 1}, 1000
	}
	for i := range s.Contributions {
		if c := &s.Contributions[i]; len(steps.Shown) < shownFactors && math.Abs(c.Points) >= 0.005 {
			steps.Shown = append(steps.Shown, c)
		}
	}
	for {
		parts, others := make([]float64, 0, len(steps.Shown)+1), 0.0
		for i := range s.Contributions {
			if c := &s.Contributions[i]; slices.Contains(steps.Shown, c) {
				parts = append(parts, unit*c.Points)
			} else {
				others += unit * c.Points
			}
		}
		if len(steps.Shown) < len(s.Contributions) {
			parts = append(parts, others)
		}
		steps.Points = Apportion(parts, steps.Total-steps.Baseline)
		nothing := slices.Index(steps.Points[:len(steps.Shown)], 0)
		if nothing < 0 {
			return steps
		}
		steps.Shown = slices.Delete(steps.Shown, nothing, nothing+1)
	}
}

// Effect is the plain sentence of a factor of the score: what it is and what it does to the score, with the number that the steps show.
// Those that they show together are rounded by themselves.
func (s *Steps) Effect(l *Locale, c *tarozi.Contribution) string {
	if at := slices.Index(s.Shown, c); at >= 0 {
		points := math.Abs(float64(s.Points[at])) / math.Pow10(s.Decimals)
		return l.contribution(c, tarozi.DirectionOf(s.Points[at]), points, s.Decimals)
	}
	return l.contribution(c, c.Direction, math.Abs(100*c.Points), 0)
}

// Apportion rounds parts to whole numbers that sum to total, by largest remainder: each is rounded down, and what is missing
// goes one by one to those with the largest remainders. No part is moved past a neighbouring whole number unless total lies
// further from the parts' sum than there are parts, which rounding a sum cannot do for two parts or more.
func Apportion(parts []float64, total int) []int {
	rounded := make([]int, len(parts))
	order := make([]int, len(parts))
	left := total
	for i, part := range parts {
		rounded[i] = int(math.Floor(part))
		left -= rounded[i]
		order[i] = i
	}
	if len(parts) == 0 {
		return rounded
	}
	remainder := func(i int) float64 { return parts[i] - math.Floor(parts[i]) }
	slices.SortStableFunc(order, func(a, b int) int {
		switch ra, rb := remainder(a), remainder(b); {
		case ra > rb:
			return -1
		case ra < rb:
			return 1
		default:
			return 0
		}
	})
	for i := 0; left > 0; i, left = i+1, left-1 {
		rounded[order[i%len(order)]]++
	}
	for i := len(order) - 1; left < 0; i, left = i-1, left+1 {
		rounded[order[(i+len(order))%len(order)]]--
	}
	return rounded
}
