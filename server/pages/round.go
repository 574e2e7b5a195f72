package pages

import (
	"math"
	"slices"
)

// apportion rounds parts to whole numbers that sum to total, by largest remainder: each is rounded down, and what is missing
// goes one by one to those with the largest remainders. No part is moved past a neighbouring whole number unless total lies
// further from the parts' sum than there are parts, which rounding a sum cannot do for two parts or more.
func apportion(parts []float64, total int) []int {
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
