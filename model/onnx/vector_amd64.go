package onnx

import "golang.org/x/sys/cpu"

// dots sets out[i*stride] to row i of x, which is as long as w, times w.
func dots(out []float32, stride, rows int, x, w []float32) {
	if !cpu.X86.HasAVX2 || len(w) == 0 {
		dotsPlain(out, stride, rows, x, w)
		return
	}
	if rows > 0 {
		_, _ = out[(rows-1)*stride], x[rows*len(w)-1]
		dotsAVX2(&out[0], stride, rows, &x[0], len(w), &w[0])
	}
}

// multiply32 sets c (m by n) to a (m by k) times b (k by n).
func multiply32(m, n, k int, a, b, c []float32) {
	if !cpu.X86.HasAVX2 || m == 0 || n == 0 || k == 0 {
		productPlain(m, n, k, a, b, c)
		return
	}
	_, _, _ = a[m*k-1], b[k*n-1], c[m*n-1]
	row := 0
	for ; row+4 <= m; row += 4 {
		j := 0
		for ; j+16 <= n; j += 16 {
			fourBy16(k, n, &a[row*k], &b[j], &c[row*n+j])
		}
		for ; j < n; j += 8 {
			for i := row; i < row+4; i++ {
				oneBy8(k, n, &a[i*k], &b[j], &c[i*n+j], min(8, n-j))
			}
		}
	}
	for ; row < m; row++ {
		j := 0
		for ; j+32 <= n; j += 32 {
			oneBy32(k, n, &a[row*k], &b[j], &c[row*n+j])
		}
		for ; j < n; j += 8 {
			oneBy8(k, n, &a[row*k], &b[j], &c[row*n+j], min(8, n-j))
		}
	}
}

// andRows sets out to the AND of the rows of a table that begin at the given
// places, which lie in it whole. The length of out is a multiple of four.
func andRows(out, table []uint64, places []int32) {
	if !cpu.X86.HasAVX2 || len(out) == 0 || len(places) == 0 {
		andRowsPlain(out, table, places)
		return
	}
	andRowsAVX2(&out[0], &table[0], &places[0], len(places), len(out))
}

// logisticPairs widens the first rows scores in place to the logistic of their
// opposite and their own.
func logisticPairs(scores []float32, rows int) {
	if !cpu.X86.HasAVX2 {
		logisticPairsPlain(scores, 0, rows)
		return
	}
	whole := rows &^ 7
	logisticPairsPlain(scores, whole, rows)
	if whole > 0 {
		_ = scores[2*whole-1]
		logisticPairsAVX2(&scores[0], whole)
	}
}

// dotsAVX2 is dotsPlain for rows and k of 1 and more.
//
//go:noescape
func dotsAVX2(out *float32, stride, rows int, x *float32, k int, w *float32)

// fourBy16 computes sixteen columns of four rows of c, k of 1 and more; rows of a
// are k apart, those of b and c n.
//
//go:noescape
func fourBy16(k, n int, a, b, c *float32)

// oneBy32 computes 32 columns of one row of c.
//
//go:noescape
func oneBy32(k, n int, a, b, c *float32)

// oneBy8 computes width columns, at most eight, of one row of c.
//
//go:noescape
func oneBy8(k, n int, a, b, c *float32, width int)

// andRowsAVX2 is andRowsPlain for one place and more.
//
//go:noescape
func andRowsAVX2(out, table *uint64, places *int32, n, words int)

// logisticPairsAVX2 is logisticPairsPlain for a multiple of eight rows.
//
//go:noescape
func logisticPairsAVX2(scores *float32, rows int)
