package onnx

import (
	"fmt"
	"slices"
)

// node is an operator while it is being compiled. Its accessors note which
// attributes are understood; finish refuses the others.
type node struct {
	name, op, domain string
	opset            int
	in, out          []*value
	attributes       map[string]any
	used             map[string]bool
	err              error
	ensemble         *Ensemble
	linear           *Linear
	columnwise       *Columnwise
	limits           Limits
	rowMaximum       bool
}

func (n *node) refuse(format string, args ...any) error {
	return &UnsupportedError{
		Node: n.name, Op: n.op, Domain: n.domain, Opset: n.opset,
		Reason: fmt.Sprintf(format, args...),
	}
}

// finish refuses a node with attributes that its compiler did not ask for, or
// with outputs that it did not type.
func (n *node) finish() error {
	if n.err != nil {
		return n.err
	}
	for _, name := range sortedKeys(n.attributes) {
		if !n.used[name] {
			return n.refuse("attribute %q is not supported", name)
		}
	}
	for i, v := range n.out {
		if v.slot >= 0 && v.typ == Invalid {
			return n.refuse("output %d is not supported", i)
		}
	}
	return nil
}

// attribute returns an attribute of the type asked for, or fallback when the
// node has none.
func attribute[T any](n *node, name string, fallback T) T {
	n.used[name] = true
	a, ok := n.attributes[name]
	if !ok {
		return fallback
	}
	v, ok := a.(T)
	if !ok {
		if n.err == nil {
			n.err = n.refuse("attribute %q is a %T, not a %T", name, a, fallback)
		}
		return fallback
	}
	return v
}

func (n *node) has(name string) bool { _, ok := n.attributes[name]; return ok }

func (n *node) int(name string, fallback int64) int64 { return attribute(n, name, fallback) }

func (n *node) flag(name string, fallback int64) bool { return attribute(n, name, fallback) != 0 }

func (n *node) ints(name string) []int64 { return attribute[[]int64](n, name, nil) }

func (n *node) float(name string, fallback float32) float32 { return attribute(n, name, fallback) }

func (n *node) floats(name string) []float32 { return attribute[[]float32](n, name, nil) }

func (n *node) string(name, fallback string) string { return attribute(n, name, fallback) }

func (n *node) strings(name string) []string { return attribute[[]string](n, name, nil) }

// tensor returns a tensor attribute, or nil.
func (n *node) tensor(name string) *Tensor {
	if t := attribute(n, name, Tensor{}); n.has(name) {
		return &t
	}
	return nil
}

// ignore accepts an attribute that has no influence on the result.
func (n *node) ignore(names ...string) {
	for _, name := range names {
		n.used[name] = true
	}
}

// input returns an optional input, or nil.
func (n *node) input(i int) *value {
	if i < len(n.in) {
		return n.in[i]
	}
	return nil
}

// arity checks the number of inputs and outputs; the first least inputs must be
// there. most < 0 means any number.
func (n *node) arity(least, most, outputs int) error {
	if len(n.in) < least || most >= 0 && len(n.in) > most || slices.Contains(n.in[:least], nil) {
		return n.refuse("it has %d inputs", len(n.in))
	}
	if outputs >= 0 && len(n.out) > outputs {
		return n.refuse("it has %d outputs, at most %d are known", len(n.out), outputs)
	}
	return nil
}

// result sets the type and, where known, the dimensions of an output.
func (n *node) result(i int, typ Type, dims []int) {
	if i < len(n.out) {
		n.out[i].typ, n.out[i].dims = typ, dims
	}
}

// sameType demands that inputs from first on have one type, and returns it.
func (n *node) sameType(first int) (Type, error) {
	t := n.in[first].typ
	for _, v := range n.in[first:] {
		if v != nil && v.typ != t {
			return t, n.refuse("inputs of types %s and %s cannot be mixed", t, v.typ)
		}
	}
	return t, nil
}

// alike demands one input or more, all there and of one type, for one output; it returns the type.
func (n *node) alike() (Type, error) {
	if err := n.arity(1, -1, 1); err != nil {
		return 0, err
	}
	if slices.Contains(n.in, nil) {
		return 0, n.refuse("an input is missing")
	}
	return n.sameType(0)
}

func (n *node) refuseType(t Type) error { return n.refuse("type %s is not supported", t) }
