package onnx

import (
	"fmt"
)

// mapping is one from keys to values. NaN never equals itself, so a NaN key
// has a place of its own.
type mapping[K, V Element] struct {
	entries  map[K]V
	fallback V
	nan      *V
}

// newMapping keeps the first of equal keys.
func newMapping[K, V Element](keys []K, values []V, fallback V, matchNaN bool) mapping[K, V] {
	m := mapping[K, V]{entries: make(map[K]V, len(keys)), fallback: fallback}
	for i, k := range keys {
		if k != k {
			if matchNaN && m.nan == nil {
				m.nan = &values[i]
			}
			continue
		}
		if _, there := m.entries[k]; !there {
			m.entries[k] = values[i]
		}
	}
	return m
}

func (m mapping[K, V]) get(k K) V {
	if v, ok := m.entries[k]; ok {
		return v
	}
	if k != k && m.nan != nil {
		return *m.nan
	}
	return m.fallback
}

func (m mapping[K, V]) kernel() kernel { return unary(m.get) }

// compileLabelEncoder: version 1 numbers strings; versions 2 to 4 map keys to
// values of any two types, from 4 on also given as tensors.
func compileLabelEncoder(n *node) (kernel, error) {
	if err := n.arity(1, 1, 1); err != nil {
		return nil, err
	}
	if n.opset < 2 {
		labels := n.strings("classes_strings")
		return n.numberStrings(labels, counted(len(labels)), n.string("default_string", "_Unused"), n.int("default_int64", -1))
	}
	switch n.in[0].typ {
	case String:
		return encodeKeys[string](n, "keys_strings")
	case Int64:
		return encodeKeys[int64](n, "keys_int64s")
	case Float32:
		return encodeKeys[float32](n, "keys_floats")
	case Float64:
		return encodeKeys[float64](n, "")
	case Int32:
		return encodeKeys[int32](n, "")
	}
	return nil, n.refuseType(n.in[0].typ)
}

func counted(n int) []int64 {
	out := make([]int64, n)
	for i := range out {
		out[i] = int64(i)
	}
	return out
}

// numberStrings maps strings to numbers or, by the input's type, the other way.
func (n *node) numberStrings(labels []string, numbers []int64, text string, number int64) (kernel, error) {
	if len(labels) != len(numbers) {
		return nil, n.refuse("%d strings and %d numbers", len(labels), len(numbers))
	}
	switch n.in[0].typ {
	case String:
		n.result(0, Int64, n.in[0].dims)
		return newMapping(labels, numbers, number, false).kernel(), nil
	case Int64:
		n.result(0, String, n.in[0].dims)
		return newMapping(numbers, labels, text, false).kernel(), nil
	}
	return nil, n.refuseType(n.in[0].typ)
}

// listOrTensor reads an attribute list, or the tensor that stands for it.
func listOrTensor[T Element](n *node, list, tensor string) ([]T, bool) {
	if list != "" && n.has(list) {
		return attribute[[]T](n, list, nil), true
	}
	if n.has(tensor) {
		if t := n.tensor(tensor); t != nil && t.typ == typeOf[T]() {
			return data[T](t), true
		}
	}
	return nil, false
}

func encodeKeys[K Element](n *node, list string) (kernel, error) {
	keys, ok := listOrTensor[K](n, list, "keys_tensor")
	if !ok {
		return nil, n.refuse("it has no keys of type %s", n.in[0].typ)
	}
	// The defaults of the types that are not mapped to are there and say nothing.
	n.ignore("default_string", "default_int64", "default_float")
	if values, ok := listOrTensor[string](n, "values_strings", "values_tensor"); ok {
		return encodeValues(n, keys, values, n.string("default_string", "_Unused"))
	}
	if values, ok := listOrTensor[int64](n, "values_int64s", "values_tensor"); ok {
		return encodeValues(n, keys, values, n.int("default_int64", -1))
	}
	if values, ok := listOrTensor[float32](n, "values_floats", "values_tensor"); ok {
		return encodeValues(n, keys, values, n.float("default_float", 0))
	}
	if values, ok := listOrTensor[float64](n, "", "values_tensor"); ok {
		return encodeValues(n, keys, values, 0)
	}
	if values, ok := listOrTensor[int32](n, "", "values_tensor"); ok {
		return encodeValues(n, keys, values, -1)
	}
	return nil, n.refuse("it has no values of a supported type")
}

func encodeValues[K, V Element](n *node, keys []K, values []V, fallback V) (kernel, error) {
	if len(keys) != len(values) {
		return nil, n.refuse("%d keys and %d values", len(keys), len(values))
	}
	if t := n.tensor("default_tensor"); t != nil {
		given := data[V](t)
		if t.typ != typeOf[V]() || len(given) != 1 {
			return nil, n.refuse("default_tensor is not one element of type %s", typeOf[V]())
		}
		fallback = given[0]
	}
	n.result(0, typeOf[V](), n.in[0].dims)
	// Up to version 3 a NaN key is never found, in ONNX Runtime as well.
	return newMapping(keys, values, fallback, n.opset >= 4).kernel(), nil
}

func compileCategoryMapper(n *node) (kernel, error) {
	if err := n.arity(1, 1, 1); err != nil {
		return nil, err
	}
	return n.numberStrings(n.strings("cats_strings"), n.ints("cats_int64s"),
		n.string("default_string", "_Unused"), n.int("default_int64", -1))
}

// compileOneHotEncoder appends a dimension of one category each.
func compileOneHotEncoder(n *node) (kernel, error) {
	if err := n.arity(1, 1, 1); err != nil {
		return nil, err
	}
	ints, texts, zeros := n.ints("cats_int64s"), n.strings("cats_strings"), n.flag("zeros", 1)
	typ := n.in[0].typ
	if (typ == String) == (len(texts) == 0) || len(ints) > 0 && len(texts) > 0 {
		return nil, n.refuse("its categories do not fit an input of type %s", typ)
	}
	n.result(0, Float32, nil)
	byInt := newMapping(ints, counted(len(ints)), -1, false).get
	byText := newMapping(texts, counted(len(texts)), -1, false).get
	size := max(len(ints), len(texts))
	// Numbers are truncated to whole ones, as in ONNX Runtime.
	return n.pick(kernels{
		f32: oneHot(size, zeros, func(v float32) int64 { return byInt(toInt64(float64(v))) }),
		f64: oneHot(size, zeros, func(v float64) int64 { return byInt(toInt64(v)) }),
		i32: oneHot(size, zeros, func(v int32) int64 { return byInt(int64(v)) }),
		i64: oneHot(size, zeros, byInt),
		str: oneHot(size, zeros, byText),
	}, typ)
}

func oneHot[T Element](size int, zeros bool, category func(T) int64) kernel {
	return func(c *call) error {
		c.scratch.dims = append(append(c.scratch.dims[:0], c.in[0].dims...), size)
		out, err := output[float32](c, 0, c.scratch.dims...)
		if err != nil {
			return err
		}
		clear(out)
		for i, v := range data[T](c.in[0]) {
			at := category(v)
			if at >= 0 {
				out[i*size+int(at)] = 1
			} else if !zeros {
				return fmt.Errorf("%v is none of its %d categories", v, size)
			}
		}
		return nil
	}
}

// compileZipMap passes on the table of probabilities, whose columns ZipMap names
// by the classes. Names are in the model's card, not in the numbers.
func compileZipMap(n *node) (kernel, error) {
	labels, err := classes{n.ints("classlabels_int64s"), n.strings("classlabels_strings")}, n.arity(1, 1, 1)
	if err != nil {
		return nil, err
	}
	if n.in[0].typ != Float32 || labels.count() == 0 {
		return nil, n.refuse("it takes a table of float and at least one label")
	}
	n.result(0, Float32, n.in[0].dims)
	return func(c *call) error {
		if _, columns, err := matrixDims(c.in[0]); err != nil || columns != labels.count() {
			return fmt.Errorf("%d labels for dimensions %v", labels.count(), c.in[0].dims)
		}
		return viewKernel(c)
	}, nil
}
