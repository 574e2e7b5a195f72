package onnx

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// blasRows is the number of rows per call of gonum's Gemm: with more blocks of 64
// than three it starts goroutines, which a run must not.
const blasRows = 192

// multiplier sets c (m by n) to a (m by k) times b (k by n, or n by k when
// transposed), all row-major. safe tells that b is known to be finite, which
// spares gonum's product a look at it.
type multiplier[T number] func(m, n, k int, a, b, c []T, transposed, safe bool)

func product32(m, n, k int, a, b, c []float32, transposed, _ bool) {
	switch {
	case m == 0 || n == 0:
	case k == 0:
		clear(c[:m*n])
	case n == 1:
		dots(c, 1, m, a[:m*k], b[:k])
	case !transposed:
		multiply32(m, n, k, a, b, c)
	case m < 4:
		for i := range m {
			dots(c[i*n:], 1, n, b[:n*k], a[i*k:(i+1)*k])
		}
	default:
		// Rows in blocks, which stay in the cache while all of b goes by.
		for i := 0; i < m; i += blockRows {
			rows := min(blockRows, m-i)
			for j := range n {
				dots(c[i*n+j:], n, rows, a[i*k:(i+rows)*k], b[j*k:(j+1)*k])
			}
		}
	}
}

func product64(m, n, k int, a, b, c []float64, transposed, safe bool) {
	clear(c[:m*n])
	if m == 0 || n == 0 || k == 0 {
		return
	}
	if !transposed && !safe && !finite(b[:k*n]) {
		plainProduct(m, n, k, a, b, c)
		return
	}
	var impl gonum.Implementation
	blocks(m, n, k, transposed, func(m0, rows, n0, cols, from int, t blas.Transpose, width int) {
		impl.Dgemm(blas.NoTrans, t, rows, cols, k, 1, a[m0*k:], k, b[from:], width, 0, c[m0*n+n0:], n)
	})
}

// blocks cuts a product into parts that gonum computes on one goroutine.
func blocks(m, n, k int, transposed bool, multiply func(m0, rows, n0, cols, from int, t blas.Transpose, width int)) {
	for n0 := 0; n0 < n; n0 += 64 {
		from, t, width := n0, blas.NoTrans, n
		if transposed {
			from, t, width = n0*k, blas.Trans, k
		}
		for m0 := 0; m0 < m; m0 += blasRows {
			multiply(m0, min(blasRows, m-m0), n0, min(64, n-n0), from, t, width)
		}
	}
}

// finite reports whether no value is infinite or NaN.
func finite[T float](values []T) bool {
	var sum T
	for _, v := range values {
		sum += v - v // NaN for the others
	}
	return sum == 0
}

// finite reports whether a value is constant and has no NaN or infinity.
func (v *value) finite() bool {
	if v.constant == nil {
		return false
	}
	return finite(v.constant.f32) && finite(v.constant.f64)
}

// plainProduct adds to c, which is zero, without leaving anything out.
func plainProduct[T number](m, n, k int, a, b, c []T) {
	for i := range m {
		row := c[i*n : (i+1)*n]
		for l, v := range a[i*k : (i+1)*k] {
			for j, w := range b[l*n : (l+1)*n] {
				row[j] += v * w
			}
		}
	}
}

func plainMatMul[T number](m, n, k int, a, b, c []T, _, _ bool) {
	clear(c[:m*n])
	plainProduct(m, n, k, a, b, c)
}

func compileMatMul(n *node) (kernel, error) {
	if err := n.arity(2, 2, 1); err != nil {
		return nil, err
	}
	typ, err := n.sameType(0)
	if err != nil {
		return nil, err
	}
	n.result(0, typ, nil)
	safe := n.in[1].finite()
	return n.pick(kernels{
		f32: matMul(product32, safe), f64: matMul(product64, safe),
		i32: matMul(plainMatMul[int32], safe), i64: matMul(plainMatMul[int64], safe),
	}, typ)
}

// matMul multiplies stacks of matrices: a vector on the left is a row, on the
// right a column, and outer dimensions broadcast.
func matMul[T number](multiply multiplier[T], safe bool) kernel {
	return func(c *call) error {
		x, y := c.in[0].dims, c.in[1].dims
		if len(x) == 0 || len(y) == 0 {
			return fmt.Errorf("a scalar is no matrix")
		}
		m, k := 1, x[len(x)-1]
		if len(x) > 1 {
			m = x[len(x)-2]
		}
		rows, n := y[0], 1
		if len(y) > 1 {
			rows, n = y[len(y)-2], y[len(y)-1]
		}
		if rows != k {
			return fmt.Errorf("dimensions %v and %v cannot be multiplied", x, y)
		}
		outerX, outerY := x[:max(len(x)-2, 0)], y[:max(len(y)-2, 0)]
		var err error
		if c.scratch.ints, err = broadcast(c.scratch.ints[:0], outerX, outerY); err != nil {
			return err
		}
		outer := c.scratch.ints
		c.scratch.dims = append(c.scratch.dims[:0], outer...)
		if len(x) > 1 {
			c.scratch.dims = append(c.scratch.dims, m)
		}
		if len(y) > 1 {
			c.scratch.dims = append(c.scratch.dims, n)
		}
		out, err := output[T](c, 0, c.scratch.dims...)
		if err != nil || len(out) == 0 {
			return err
		}
		if err := c.spend(int64(len(out)) * int64(k)); err != nil {
			return err
		}
		a, b := data[T](c.in[0]), data[T](c.in[1])
		if len(outer) == 0 {
			multiply(m, n, k, a, b, out, false, safe)
			return nil
		}
		var w walker
		if err := w.start(outer, outerX, outerY); err != nil {
			return err
		}
		for more := true; more; more = w.next() {
			i, j := w.offset[0], w.offset[1]
			for at := range w.inner {
				multiply(m, n, k, a[i*m*k:], b[j*k*n:], out[(w.position+at)*m*n:], false, safe)
				i += w.step[0]
				j += w.step[1]
			}
		}
		return nil
	}
}

func compileGemm(n *node) (kernel, error) {
	if err := n.arity(2, 3, 1); err != nil {
		return nil, err
	}
	typ, err := n.sameType(0)
	if err != nil {
		return nil, err
	}
	g := gemm{
		alpha: n.float("alpha", 1), beta: n.float("beta", 1),
		transA: n.flag("transA", 0), transB: n.flag("transB", 0), safe: n.in[1].finite(),
	}
	n.result(0, typ, nil)
	return n.pick(kernels{f32: gemmKernel(g, product32), f64: gemmKernel(g, product64)}, typ)
}

type gemm struct {
	alpha, beta    float32
	transA, transB bool
	safe           bool // B is constant and finite
}

func gemmKernel[T float](g gemm, multiply multiplier[T]) kernel {
	return func(c *call) error {
		x, y := c.in[0].dims, c.in[1].dims
		if len(x) != 2 || len(y) != 2 {
			return fmt.Errorf("dimensions %v and %v are not those of matrices", x, y)
		}
		m, k := x[0], x[1]
		if g.transA {
			m, k = k, m
		}
		rows, n := y[0], y[1]
		if g.transB {
			rows, n = n, rows
		}
		if rows != k {
			return fmt.Errorf("dimensions %v and %v cannot be multiplied", x, y)
		}
		out, err := output[T](c, 0, m, n)
		if err != nil {
			return err
		}
		if err := c.spend(int64(len(out)) * int64(k)); err != nil {
			return err
		}
		a := data[T](c.in[0])
		if g.transA {
			turned := make([]T, len(a))
			for i := range m {
				for l := range k {
					turned[i*k+l] = a[l*m+i]
				}
			}
			a = turned
		}
		multiply(m, n, k, a, data[T](c.in[1]), out, g.transB, g.safe)
		if g.alpha != 1 {
			for i := range out {
				out[i] *= T(g.alpha)
			}
		}
		if len(c.in) < 3 || c.in[2] == nil || len(out) == 0 {
			return nil
		}
		return addBias(c, T(g.beta), out, m, n)
	}
}

// addBias adds beta times input 2, which broadcasts to m by n.
func addBias[T float](c *call, beta T, out []T, m, n int) error {
	c.scratch.dims = append(c.scratch.dims[:0], m, n)
	bias := c.in[2]
	both, err := broadcast(c.scratch.ints[:0], c.scratch.dims, bias.dims)
	if err != nil {
		return err
	}
	c.scratch.ints = both
	if len(both) != 2 || both[0] != m || both[1] != n {
		return fmt.Errorf("dimensions %v of C do not broadcast to %d by %d", bias.dims, m, n)
	}
	var w walker
	if err := w.start(c.scratch.dims, bias.dims); err != nil {
		return err
	}
	values := data[T](bias)
	for more := true; more; more = w.next() {
		at := w.offset[0]
		row := out[w.position : w.position+w.inner]
		for i := range row {
			row[i] += beta * values[at]
			at += w.step[0]
		}
	}
	return nil
}
