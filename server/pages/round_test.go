package pages

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestApportion(t *testing.T) {
	for _, row := range []struct {
		name  string
		parts []float64
		total int
		want  []int
	}{
		{"largest remainder first", []float64{1.2, 2.7, 0.4}, 4, []int{1, 3, 0}},
		{"below zero", []float64{-0.3, -1.6, 2.1}, 0, []int{0, -2, 2}},
		{"whole already", []float64{1, -2}, -1, []int{1, -2}},
		{"total rounded up past the sum", []float64{1, 1}, 3, []int{2, 1}},
		{"total rounded down below the sum", []float64{1, 1}, 1, []int{1, 0}},
		{"one part takes it all", []float64{0.4}, 1, []int{1}},
		{"none", nil, 0, []int{}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := apportion(row.parts, row.total); !slices.Equal(got, row.want) {
				t.Errorf("apportion(%v, %d) = %v, want %v", row.parts, row.total, got, row.want)
			}
		})
	}
}

// Whatever is apportioned sums to the total, and no part moves by as much as two.
func TestApportionSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.Float64Range(-40, 40), 1, 40).Draw(t, "parts")
		sum := 0.0
		for _, p := range parts {
			sum += p
		}
		total := int(math.Round(sum))
		got, found := apportion(parts, total), 0
		for i, n := range got {
			found += n
			if math.Abs(float64(n)-parts[i]) >= 2 {
				t.Fatalf("part %v was shown as %d", parts[i], n)
			}
		}
		if found != total {
			t.Fatalf("%v sum to %d, not %d", got, found, total)
		}
	})
}
