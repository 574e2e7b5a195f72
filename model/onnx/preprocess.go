package onnx

import (
	"fmt"
	"math"
	"slices"
)

// compileScaler: (x - offset) * scale, to float, by feature or one for all.
func compileScaler(n *node) (kernel, error) {
	if err := n.arity(1, 1, 1); err != nil {
		return nil, err
	}
	scale, offset := n.floats("scale"), n.floats("offset")
	if len(scale) == 0 || len(scale) != len(offset) {
		return nil, n.refuse("%d scales and %d offsets", len(scale), len(offset))
	}
	if n.in[0].typ == Float32 {
		n.columnwise = &Columnwise{n.in[0].name, n.out[0].name, func(column int, v float32) float32 {
			at := column % len(scale)
			return (v - offset[at]) * scale[at]
		}}
	}
	n.result(0, Float32, n.in[0].dims)
	return n.pick(kernels{
		f32: scaler(scale, offset, func(v, offset, scale float32) float32 { return (v - offset) * scale }),
		f64: scaler(scale, offset, func(v float64, offset, scale float32) float32 {
			return float32((v - float64(offset)) * float64(scale))
		}),
		i32: scaler(scale, offset, func(v int32, offset, scale float32) float32 { return (float32(v) - offset) * scale }),
		i64: scaler(scale, offset, func(v int64, offset, scale float32) float32 { return (float32(v) - offset) * scale }),
	}, n.in[0].typ)
}

func scaler[T number](scale, offset []float32, f func(v T, offset, scale float32) float32) kernel {
	return func(c *call) error {
		_, columns, err := matrixDims(c.in[0])
		if err != nil {
			return err
		}
		if len(scale) != 1 && len(scale) != columns {
			return fmt.Errorf("it scales %d features, the input has %d", len(scale), columns)
		}
		out, err := output[float32](c, 0, c.in[0].dims...)
		if err != nil {
			return err
		}
		at := 0
		for i, v := range data[T](c.in[0]) {
			out[i] = f(v, offset[at], scale[at])
			if at++; at == len(scale) {
				at = 0
			}
		}
		return nil
	}
}

func compileNormalizer(n *node) (kernel, error) {
	if err := n.arity(1, 1, 1); err != nil {
		return nil, err
	}
	norm := n.string("norm", "MAX")
	if norm != "MAX" && norm != "L1" && norm != "L2" {
		return nil, n.refuse("norm %q is not known", norm)
	}
	n.result(0, Float32, n.in[0].dims)
	return n.pick(kernels{
		f32: normalizer[float32](norm), f64: normalizer[float64](norm),
		i32: normalizer[int32](norm), i64: normalizer[int64](norm),
	}, n.in[0].typ)
}

func normalizer[T number](norm string) kernel {
	return func(c *call) error {
		rows, columns, err := matrixDims(c.in[0])
		if err != nil {
			return err
		}
		out, err := output[float32](c, 0, c.in[0].dims...)
		if err != nil {
			return err
		}
		in := data[T](c.in[0])
		for r := range rows {
			normalizeRow(norm, in[r*columns:(r+1)*columns], out[r*columns:(r+1)*columns])
		}
		return nil
	}
}

// normalizeRow divides by the norm, or leaves a row whose norm is zero. As in
// ONNX Runtime the maximum is of the signed values, and L2 takes the root of the
// share of squares with the sign of the value.
func normalizeRow[T number](norm string, in []T, out []float32) {
	total := float32(0)
	switch norm {
	case "MAX":
		total = -math.MaxFloat32
		for _, v := range in {
			if f := float32(v); f > total {
				total = f
			}
		}
	case "L1":
		for _, v := range in {
			total += float32(abs(v))
		}
	default:
		for i, v := range in {
			out[i] = float32(v * v)
			total += out[i]
		}
	}
	for i, v := range in {
		switch {
		case total == 0:
			out[i] = float32(v)
		case norm != "L2":
			out[i] = float32(v) / total
		case v < 0:
			out[i] = -float32(math.Sqrt(float64(out[i] / total)))
		default:
			out[i] = float32(math.Sqrt(float64(out[i] / total)))
		}
	}
}

func compileImputer(n *node) (kernel, error) {
	if err := n.arity(1, 1, 1); err != nil {
		return nil, err
	}
	floats, ints := n.floats("imputed_value_floats"), n.ints("imputed_value_int64s")
	from, fromInt := n.float("replaced_value_float", 0), n.int("replaced_value_int64", 0)
	typ := n.in[0].typ
	isFloat := typ == Float32 || typ == Float64
	if isFloat && len(floats) == 0 || !isFloat && len(ints) == 0 {
		return nil, n.refuse("it has no values to impute in an input of type %s", typ)
	}
	if typ == Float32 {
		n.columnwise = &Columnwise{n.in[0].name, n.out[0].name, func(column int, v float32) float32 {
			return imputed(v, from, floats[column%len(floats)])
		}}
	}
	n.result(0, typ, n.in[0].dims)
	return n.pick(kernels{
		f32: imputer(floats, from), f64: imputer(convertAll[float32, float64](floats), float64(from)),
		i64: imputer(ints, fromInt), i32: imputer(convertAll[int64, int32](ints), int32(fromInt)),
	}, typ)
}

func convertAll[T, R number](in []T) []R {
	out := make([]R, len(in))
	for i, v := range in {
		out[i] = R(v)
	}
	return out
}

func imputer[T number](values []T, from T) kernel {
	return func(c *call) error {
		_, columns, err := matrixDims(c.in[0])
		if err != nil {
			return err
		}
		out, err := output[T](c, 0, c.in[0].dims...)
		if err != nil {
			return err
		}
		perFeature := len(values) == columns
		if !perFeature && len(values) != 1 {
			return fmt.Errorf("it imputes %d features, the input has %d", len(values), columns)
		}
		for i, v := range data[T](c.in[0]) {
			at := 0
			if perFeature {
				at = i % columns
			}
			out[i] = imputed(v, from, values[at])
		}
		return nil
	}
}

// imputed is value where v is the one that is replaced, which may be NaN.
func imputed[T number](v, from, value T) T {
	if v == from || v != v && from != from {
		return value
	}
	return v
}

func compileBinarizer(n *node) (kernel, error) {
	t := n.float("threshold", 0)
	return compileUnary(n, kernels{
		f32: cast(above(t)), f64: cast(above(float64(t))),
		i32: unary(func(v int32) int32 { return boolTo[int32](float32(v) > t) }),
		i64: unary(func(v int64) int64 { return boolTo[int64](float32(v) > t) }),
	}, Invalid)
}

// above refuses NaN, as ONNX Runtime does: it is neither above nor below.
func above[T float](threshold T) func(T) (T, error) {
	return func(v T) (T, error) {
		if v != v {
			return 0, fmt.Errorf("a missing value cannot be binarized")
		}
		return boolTo[T](v > threshold), nil
	}
}

// compileFeatureVectorizer joins its inputs to rows of float.
func compileFeatureVectorizer(n *node) (kernel, error) {
	if err := n.arity(1, -1, 1); err != nil {
		return nil, err
	}
	widths := n.ints("inputdimensions")
	if len(widths) != len(n.in) {
		return nil, n.refuse("%d dimensions for %d inputs", len(widths), len(n.in))
	}
	total := 0
	for i, w := range widths {
		if w < 0 || w > 1<<24 {
			return nil, n.refuse("input dimension %d", w)
		}
		if n.in[i] == nil || !slices.Contains(numericInputs, n.in[i].typ) {
			return nil, n.refuse("input %d is missing or of no numeric type", i)
		}
		total += int(w)
	}
	n.result(0, Float32, []int{rowsOf(n.in[0].dims), total})
	return func(c *call) error {
		rows, _, err := matrixDims(c.in[0])
		if err != nil {
			return err
		}
		out, err := output[float32](c, 0, rows, total)
		if err != nil {
			return err
		}
		clear(out) // an input narrower than stated leaves zeros
		at := 0
		for i, t := range c.in {
			r, columns, err := matrixDims(t)
			if err != nil {
				return err
			}
			if r != rows {
				return fmt.Errorf("inputs of %d and %d rows", rows, r)
			}
			width := min(columns, int(widths[i]))
			for row := range rows {
				to := out[row*total+at:][:width]
				switch t.typ {
				case Float32:
					copy(to, t.f32[row*columns:])
				case Float64:
					widen[float64](t, to, row*columns)
				case Int32:
					widen[int32](t, to, row*columns)
				default:
					widen[int64](t, to, row*columns)
				}
			}
			at += int(widths[i])
		}
		return nil
	}, nil
}

func compileArrayFeatureExtractor(n *node) (kernel, error) {
	if err := n.arity(2, 2, 1); err != nil {
		return nil, err
	}
	if n.in[1].typ != Int64 {
		return nil, n.refuse("the indices are %s, not int64", n.in[1].typ)
	}
	n.result(0, n.in[0].typ, nil)
	return n.pick(kernels{
		f32: extract[float32], f64: extract[float64], i32: extract[int32], i64: extract[int64], str: extract[string],
	}, n.in[0].typ)
}

func extract[T Element](c *call) error {
	dims, indices := c.in[0].dims, data[int64](c.in[1])
	if len(dims) == 0 || len(indices) == 0 {
		return fmt.Errorf("no elements to select")
	}
	last := dims[len(dims)-1]
	for _, i := range indices {
		if i < 0 || i >= int64(last) {
			return fmt.Errorf("index %d is outside of %d elements", i, last)
		}
	}
	c.scratch.dims = append(c.scratch.dims[:0], dims...)
	c.scratch.dims[len(dims)-1] = len(indices)
	if len(dims) == 1 {
		// ONNX Runtime makes a vector a row.
		c.scratch.dims = append(c.scratch.dims[:0], 1, len(indices))
	}
	out, err := output[T](c, 0, c.scratch.dims...)
	if err != nil || last == 0 {
		return err
	}
	in := data[T](c.in[0])
	at := 0
	for from := 0; from < len(in); from += last {
		for _, i := range indices {
			out[at] = in[from+int(i)]
			at++
		}
	}
	return nil
}
