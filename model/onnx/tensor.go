package onnx

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// Type is the element type of a tensor.
type Type uint8

// The element types that the engine computes with. A float16 initializer is
// read as Float32.
const (
	Invalid Type = iota
	Float32
	Float64
	Int32
	Int64
	Uint8
	Bool
	String
)

var typeNames = [...]string{"invalid", "float", "double", "int32", "int64", "uint8", "bool", "string"}

// String returns the name that ONNX uses: float, double, int32, int64, uint8,
// bool or string.
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return fmt.Sprintf("type %d", uint8(t))
}

// Element lists the Go types of tensor elements, one per Type.
type Element interface {
	float32 | float64 | int32 | int64 | uint8 | bool | string
}

// number lists the elements that can be added and compared.
type number interface {
	float32 | float64 | int32 | int64 | uint8
}

type float interface{ float32 | float64 }

// Tensor is an array of elements of one type in row-major order. Tensors
// returned by a Session share its memory; see Session.Run.
type Tensor struct {
	typ  Type
	dims []int

	f32 []float32
	f64 []float64
	i32 []int32
	i64 []int64
	u8  []uint8
	b   []bool
	str []string
}

// NewTensor makes a tensor over data, which it keeps and does not copy. No dims
// mean a scalar; the product of dims must be the length of data.
func NewTensor[T Element](data []T, dims ...int) (Tensor, error) {
	n, err := product(dims, math.MaxInt)
	if err != nil {
		return Tensor{}, err
	}
	if n != len(data) {
		return Tensor{}, fmt.Errorf("onnx: %d elements do not fill the dimensions %v", len(data), dims)
	}
	t := Tensor{typ: typeOf[T](), dims: slices.Clone(dims)}
	*buffer[T](&t) = data
	return t, nil
}

// Data returns the elements of t, or false when t holds another type. The slice
// is the tensor's own.
func Data[T Element](t Tensor) ([]T, bool) {
	if t.typ != typeOf[T]() {
		return nil, false
	}
	return *buffer[T](&t), true
}

// Type returns the element type.
func (t Tensor) Type() Type { return t.typ }

// Dims returns the dimensions, outermost first; none for a scalar. The slice is
// the tensor's own.
func (t Tensor) Dims() []int { return t.dims }

// Len returns the number of elements.
func (t Tensor) Len() int {
	n := 1
	for _, d := range t.dims {
		n *= d
	}
	return n
}

// view makes out the same elements as t under other dimensions, without a copy.
func (t *Tensor) view(out *Tensor, dims []int) {
	kept := append(out.dims[:0], dims...)
	*out = *t
	out.dims = kept
}

func typeOf[T Element]() Type {
	var zero T
	switch any(zero).(type) {
	case float32:
		return Float32
	case float64:
		return Float64
	case int32:
		return Int32
	case int64:
		return Int64
	case uint8:
		return Uint8
	case bool:
		return Bool
	}
	return String
}

// buffer returns the slice of t that holds elements of type T.
func buffer[T Element](t *Tensor) *[]T {
	var zero T
	var p any
	switch any(zero).(type) {
	case float32:
		p = &t.f32
	case float64:
		p = &t.f64
	case int32:
		p = &t.i32
	case int64:
		p = &t.i64
	case uint8:
		p = &t.u8
	case bool:
		p = &t.b
	default:
		p = &t.str
	}
	return p.(*[]T)
}

func data[T Element](t *Tensor) []T { return *buffer[T](t) }

// product multiplies dims and refuses negative ones and more than limit
// elements. A zero among them makes the product 0 whatever the others are, so
// the others are held to the limit as well. Errors clone dims, so that callers'
// lists stay off the heap.
func product(dims []int, limit int) (int, error) {
	n, zero := 1, false
	for _, d := range dims {
		if d < 0 {
			return 0, fmt.Errorf("onnx: negative dimension in %v", slices.Clone(dims))
		}
		if d == 0 {
			zero = true
			continue
		}
		high, low := bits.Mul64(uint64(n), uint64(d))
		if high != 0 || low > uint64(limit) {
			return 0, fmt.Errorf("onnx: dimensions %v hold more than the limit of %d elements", slices.Clone(dims), limit)
		}
		n = int(low)
	}
	if zero {
		return 0, nil
	}
	return n, nil
}
