package onnx

import "math"

// The loops of this file have a twin in vector_amd64.s. Both give the same bits
// on every processor and in every batch: an output is computed in a fixed order
// that neither the number of rows nor the width of a register changes, and each
// product is rounded to float32 before it is added, so that no compiler fuses
// the two (the language lets it, and on arm64 it does).

// dot is a·b: eight sums of every eighth product, added up as a tree.
func dot(a, b []float32) float32 {
	var s0, s1, s2, s3, s4, s5, s6, s7 float32
	for len(b) >= 8 && len(a) >= 8 {
		x, y := (*[8]float32)(a), (*[8]float32)(b)
		s0 += float32(x[0] * y[0])
		s1 += float32(x[1] * y[1])
		s2 += float32(x[2] * y[2])
		s3 += float32(x[3] * y[3])
		s4 += float32(x[4] * y[4])
		s5 += float32(x[5] * y[5])
		s6 += float32(x[6] * y[6])
		s7 += float32(x[7] * y[7])
		a, b = a[8:], b[8:]
	}
	rest := [8]float32{s0, s1, s2, s3, s4, s5, s6, s7}
	for i, v := range b {
		rest[i] += float32(a[i] * v)
	}
	return (rest[0] + rest[1] + (rest[2] + rest[3])) + (rest[4] + rest[5] + (rest[6] + rest[7]))
}

// dotsPlain sets out[i*stride] to row i of x, which is as long as w, times w.
func dotsPlain(out []float32, stride, rows int, x, w []float32) {
	for i := range rows {
		out[i*stride] = dot(x[i*len(w):(i+1)*len(w)], w)
	}
}

// productPlain sets c (m by n) to a (m by k) times b (k by n). Each element adds
// its k products one after the other; six of them stay in registers.
func productPlain(m, n, k int, a, b, c []float32) {
	for i := range m {
		row, to := a[i*k:(i+1)*k], c[i*n:(i+1)*n]
		j := 0
		for ; j+6 <= n; j += 6 {
			var s0, s1, s2, s3, s4, s5 float32
			for l, v := range row {
				w := (*[6]float32)(b[l*n+j:])
				s0 += float32(v * w[0])
				s1 += float32(v * w[1])
				s2 += float32(v * w[2])
				s3 += float32(v * w[3])
				s4 += float32(v * w[4])
				s5 += float32(v * w[5])
			}
			sums := (*[6]float32)(to[j:])
			sums[0], sums[1], sums[2], sums[3], sums[4], sums[5] = s0, s1, s2, s3, s4, s5
		}
		for ; j < n; j++ {
			sum := float32(0)
			for l, v := range row {
				sum += float32(v * b[l*n+j])
			}
			to[j] = sum
		}
	}
}

// andRowsPlain sets out to the AND of the rows of a table that begin at the given
// places. The length of out is a multiple of four.
func andRowsPlain(out, table []uint64, places []int32) {
	for w := 0; w+4 <= len(out); w += 4 {
		a, b, c, d := ^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)
		for _, place := range places {
			t := (*[4]uint64)(table[int(place)+w:])
			a &= t[0]
			b &= t[1]
			c &= t[2]
			d &= t[3]
		}
		to := (*[4]uint64)(out[w:])
		to[0], to[1], to[2], to[3] = a, b, c, d
	}
}

// Constants of exp(-z) for z from 0 to expLimit: z is cut into a whole number of
// ln 2 and a remainder of at most ln(2)/2, whose exponential is a polynomial
// (the minimax coefficients of Moshier's Cephes library, expf.c, 1989).
// Beyond the limit the result, below the least normal number, is 0.
const (
	expLimit  = 87.33
	expRound  = 3 << 22 // added to a small number and taken away, it rounds to a whole one
	expLog2e  = 1.44269504088896341
	expLn2    = 0.693359375 // ln 2 in two parts: a multiple of the first is exact
	expLn2Low = -2.12194440e-4
	expP0     = 1.9875691500e-4
	expP1     = 1.3981999507e-3
	expP2     = 8.3334519073e-3
	expP3     = 4.1665795894e-2
	expP4     = 1.6666665459e-1
	expP5     = 5.0000001201e-1
)

// expNegative is exp(-z) for z of 0 and more, within 2 units in the last place.
func expNegative(z float32) float32 {
	if z > expLimit {
		return 0
	}
	y := -z
	t := float32(y*expLog2e) + expRound
	n := t - expRound
	r := y - float32(n*expLn2)
	r -= float32(n * expLn2Low)
	p := float32(expP0)
	p = float32(p*r) + expP1
	p = float32(p*r) + expP2
	p = float32(p*r) + expP3
	p = float32(p*r) + expP4
	p = float32(p*r) + expP5
	p = float32(p*float32(r*r)) + r
	p += 1
	// The low bits of t are n: shifted, they are the exponent of 2 to the n.
	return p * math.Float32frombits(math.Float32bits(t)<<23+math.Float32bits(1))
}

// logisticPairsPlain widens the first rows scores to the logistic of their
// opposite and their own, from the last one on since it happens in place. The
// place of the greater of both follows from the sign without a branch.
func logisticPairsPlain(scores []float32, from, rows int) {
	for r := rows - 1; r >= from; r-- {
		bits := math.Float32bits(scores[r])
		e := expNegative(math.Float32frombits(bits &^ (1 << 31)))
		negative := int(bits >> 31)
		pair := scores[2*r : 2*r+2]
		pair[1-negative] = 1 / (1 + e)
		pair[negative] = e / (1 + e)
	}
}
