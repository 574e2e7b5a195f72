package onnx

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// awkward fills a slice with numbers of all sizes, zeros of both signs and
// numbers below the least normal one, but no NaN.
func awkward(random *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		switch random.IntN(12) {
		case 0:
			x[i] = 0
		case 1:
			x[i] = float32(math.Copysign(0, -1))
		case 2:
			x[i] = math.Float32frombits(random.Uint32N(1 << 23))
		default:
			x[i] = float32(random.NormFloat64() * math.Exp(random.NormFloat64()))
		}
	}
	return x
}

func sameBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

// TestProductsSameBits holds what this processor runs against the plain loops,
// and against a product in double.
func TestProductsSameBits(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, m := range []int{1, 2, 3, 4, 5, 8, 11, 70} {
		for _, n := range []int{1, 2, 7, 8, 9, 16, 17, 31, 32, 33, 40, 67} {
			for _, k := range []int{0, 1, 3, 7, 8, 9, 16, 30, 67} {
				a, b := awkward(random, m*k), awkward(random, k*n)
				name := fmt.Sprintf("%d by %d by %d", m, n, k)
				want, got := awkward(random, m*n), awkward(random, m*n)
				productPlain(m, n, k, a, b, want)
				multiply32(m, n, k, a, b, got)
				if !sameBits(want, got) {
					t.Fatalf("%s: the product differs from the plain loops", name)
				}
				checkProduct(t, name, m, n, k, a, b, got)
				turned := make([]float32, k*n)
				for l := range k {
					for j := range n {
						turned[j*k+l] = b[l*n+j]
					}
				}
				for j := range n {
					dotsPlain(want[j:], n, m, a, turned[j*k:(j+1)*k])
				}
				product32(m, n, k, a, turned, got, true, true)
				if !sameBits(want, got) {
					t.Fatalf("%s: the dot products differ from the plain loop", name)
				}
				checkProduct(t, name+" transposed", m, n, k, a, b, got)
			}
		}
	}
}

// checkProduct allows each element k roundings of the sum of its products'
// magnitudes.
func checkProduct(t *testing.T, name string, m, n, k int, a, b, c []float32) {
	t.Helper()
	for i := range m {
		for j := range n {
			sum, size := 0.0, 0.0
			for l := range k {
				p := float64(a[i*k+l]) * float64(b[l*n+j])
				sum += p
				size += math.Abs(p)
			}
			if d := math.Abs(float64(c[i*n+j]) - sum); d > float64(k+1)*(size*0x1p-24+0x1p-149) {
				t.Fatalf("%s: element %d,%d is off by %g of %g", name, i, j, d, size)
			}
		}
	}
}

func TestAndRows(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for words := 0; words <= 52; words += 4 {
		for _, n := range []int{0, 1, 2, 9} {
			table := make([]uint64, 20*max(words, 1))
			for i := range table {
				table[i] = random.Uint64() | random.Uint64() | random.Uint64()
			}
			places := make([]int32, n)
			for i := range places {
				places[i] = int32(random.IntN(20) * words)
			}
			want, got := make([]uint64, words), make([]uint64, words)
			for i := range want {
				want[i] = ^uint64(0)
				for _, place := range places {
					want[i] &= table[int(place)+i]
				}
			}
			andRows(got, table, places)
			if !slices.Equal(got, want) {
				t.Errorf("%d words of %d rows: %x, want %x", words, n, got, want)
			}
			andRowsPlain(got, table, places)
			if !slices.Equal(got, want) {
				t.Errorf("%d words of %d rows, plain: %x, want %x", words, n, got, want)
			}
		}
	}
}

// TestLogisticPairs goes through one in 257 of all floats, in blocks that are no
// multiple of eight: the plain loop gives the same bits, and the results are
// within 3 units in the last place of those computed in double, or both below
// the least normal number.
func TestLogisticPairs(t *testing.T) {
	const block = 1003
	want, got := make([]float32, 2*block), make([]float32, 2*block)
	worst := 0.0
	for first := uint64(0); first < 1<<32; first += block * 257 {
		for i := range block {
			got[i] = math.Float32frombits(uint32(first + uint64(i)*257))
		}
		scores := slices.Clone(got[:block])
		copy(want, scores)
		logisticPairs(got, block)
		logisticPairsPlain(want, 0, block)
		for i, v := range scores {
			if v != v {
				if got[2*i] == got[2*i] || got[2*i+1] == got[2*i+1] || want[2*i] == want[2*i] || want[2*i+1] == want[2*i+1] {
					t.Fatal("NaN became a number")
				}
				continue
			}
			if !sameBits(got[2*i:2*i+2], want[2*i:2*i+2]) {
				t.Fatalf("%g: %v, by the plain loop %v", v, got[2*i:2*i+2], want[2*i:2*i+2])
			}
			for j, x := range [2]float64{-float64(v), float64(v)} {
				exact, p := 1/(1+math.Exp(-x)), float64(got[2*i+j])
				if exact < 0x1p-125 && p < 0x1p-125 {
					continue
				}
				unit := math.Ldexp(1, math.Ilogb(exact)-23)
				worst = max(worst, math.Abs(p-exact)/unit)
			}
		}
	}
	t.Logf("at most %.2f units in the last place", worst)
	if worst > 3 {
		t.Errorf("off by %.2f units in the last place", worst)
	}
}
