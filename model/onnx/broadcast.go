package onnx

import "fmt"

// broadcast appends to dst the dimensions that a and b have together: aligned
// at the innermost, each pair equal or one of them 1.
func broadcast(dst, a, b []int) ([]int, error) {
	if len(a) < len(b) {
		a, b = b, a
	}
	dst = append(dst, a...)
	tail := dst[len(dst)-len(b):]
	for i, d := range b {
		switch {
		case tail[i] == d || d == 1:
		case tail[i] == 1:
			tail[i] = d
		default:
			return dst, fmt.Errorf("dimensions %v and %v do not broadcast", a, b)
		}
	}
	return dst, nil
}

// walker visits the elements of broadcast dimensions in rows of the innermost
// one, with the offset of each row in up to three operands.
type walker struct {
	outer    []int
	inner    int
	position int // of the row in the output
	offset   [3]int
	step     [3]int // of an operand along the row: 0 or 1
	strides  [3][maxRank]int
	index    [maxRank]int
}

// start prepares a visit of dims, which have elements.
func (w *walker) start(dims []int, operands ...[]int) error {
	if len(dims) > maxRank {
		return fmt.Errorf("more than %d dimensions", maxRank)
	}
	w.inner = 1
	if len(dims) > 0 {
		w.inner = dims[len(dims)-1]
		w.outer = dims[:len(dims)-1]
	}
	for k, operand := range operands {
		size := 1
		for i := len(operand) - 1; i >= 0; i-- {
			at := len(dims) - len(operand) + i
			stride := size
			if operand[i] == 1 {
				stride = 0
			}
			if at == len(dims)-1 {
				w.step[k] = min(stride, 1)
			} else {
				w.strides[k][at] = stride
			}
			size *= operand[i]
		}
	}
	return nil
}

// next moves to the next row and reports whether there is one.
func (w *walker) next() bool {
	w.position += w.inner
	for i := len(w.outer) - 1; i >= 0; i-- {
		w.index[i]++
		for k := range w.offset {
			w.offset[k] += w.strides[k][i]
		}
		if w.index[i] < w.outer[i] {
			return true
		}
		for k := range w.offset {
			w.offset[k] -= w.strides[k][i] * w.outer[i]
		}
		w.index[i] = 0
	}
	return false
}
