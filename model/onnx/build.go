package onnx

import (
	"errors"
	"fmt"
	"slices"
)

// value is one name of the graph while it is being compiled.
type value struct {
	name string
	slot int
	typ  Type
	dims []int // -1 unknown; nil when the rank is unknown
	// constant is set for initializers and for what is computed from them alone.
	constant *Tensor
}

// builder compiles a decoded model into a program.
type builder struct {
	program *Program
	values  map[string]*value
	opsets  map[string]int
	// work and elements are what is left for computing from constants.
	work     int64
	elements int
}

func (b *builder) build(d *decoded) error {
	p := b.program
	for _, in := range d.inputs {
		if d.header.initializers[in.Name] {
			continue // before IR version 4 every initializer is an input with a default
		}
		if in.Name == "" || in.Type == Invalid {
			return fmt.Errorf("onnx: input %q has no name or is not a tensor of a supported type", in.Name)
		}
		v, err := b.define(in.Name, in.Type)
		if err != nil {
			return err
		}
		v.dims = in.Dims
		p.inputs = append(p.inputs, in)
	}
	for _, name := range sortedKeys(d.initializers) {
		t := d.initializers[name]
		v, err := b.define(name, t.typ)
		if err != nil {
			return err
		}
		b.setConstant(v, t)
	}
	for i := range d.nodes {
		if err := b.addNode(&d.nodes[i], d.header.nodes[i]); err != nil {
			return err
		}
	}
	if err := b.bindOutputs(d); err != nil {
		return err
	}
	bySlot := make(map[int]*value, len(b.values))
	for _, v := range b.values {
		bySlot[v.slot] = v
	}
	p.fuse(bySlot)
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// define gives a name its slot. Names are assigned once.
func (b *builder) define(name string, typ Type) (*value, error) {
	if _, twice := b.values[name]; twice {
		return nil, fmt.Errorf("onnx: the name %q is defined twice", name)
	}
	v := &value{name: name, slot: b.program.slots, typ: typ}
	b.program.slots++
	b.values[name] = v
	return v, nil
}

func (b *builder) setConstant(v *value, t Tensor) {
	v.typ, v.dims, v.constant = t.typ, t.dims, &t
	b.program.constants = append(b.program.constants, constant{v.slot, t})
}

func (b *builder) bindOutputs(d *decoded) error {
	p := b.program
	if len(d.outputs) == 0 {
		return errors.New("onnx: the graph has no outputs")
	}
	seen := map[string]bool{}
	for _, out := range d.outputs {
		v, ok := b.values[out.Name]
		if !ok {
			return fmt.Errorf("onnx: nothing computes the output %q", out.Name)
		}
		if seen[out.Name] {
			return fmt.Errorf("onnx: output %q is listed twice", out.Name)
		}
		seen[out.Name] = true
		if out.Type != Invalid && out.Type != v.typ {
			return fmt.Errorf("onnx: output %q is declared as %s but computed as %s", out.Name, out.Type, v.typ)
		}
		out.Type = v.typ
		if out.Dims == nil || out.sequence {
			out.Dims = v.dims
		}
		p.outputs = append(p.outputs, out)
		p.outputSlots = append(p.outputSlots, v.slot)
	}
	return nil
}

func (b *builder) addNode(raw *rawNode, h nodeHeader) error {
	opset, imported := b.opsets[h.domain]
	n := &node{
		name: h.name, op: h.op, domain: h.domain, opset: opset,
		attributes: raw.attributes, used: map[string]bool{},
		out: make([]*value, len(raw.outputs)), limits: b.program.limits,
	}
	if !imported {
		return n.refuse("the file imports no operator set of this domain")
	}
	compile, err := lookup(n)
	if err != nil {
		return err
	}
	for _, name := range raw.inputs {
		if name == "" {
			n.in = append(n.in, nil)
			continue
		}
		v, ok := b.values[name]
		if !ok {
			return n.refuse("input %q is not computed before this node (a cycle, or a missing name)", name)
		}
		n.in = append(n.in, v)
	}
	for len(n.in) > 0 && n.in[len(n.in)-1] == nil {
		n.in = n.in[:len(n.in)-1]
	}
	for i, name := range raw.outputs {
		if name == "" {
			n.out[i] = &value{slot: -1}
			continue
		}
		if n.out[i], err = b.define(name, Invalid); err != nil {
			return err
		}
	}
	if len(n.out) == 0 {
		return n.refuse("it has no outputs")
	}
	run, err := compile(n)
	if err != nil {
		var unsupported *UnsupportedError
		if !errors.As(err, &unsupported) {
			return n.refuse("%s", err)
		}
		return err
	}
	if err := n.finish(); err != nil {
		return err
	}
	if n.ensemble != nil {
		b.program.ensembles = append(b.program.ensembles, n.ensemble)
	}
	if n.linear != nil {
		b.program.linears = append(b.program.linears, n.linear)
	}
	if n.columnwise != nil {
		b.program.columnwise = append(b.program.columnwise, n.columnwise)
	}
	s := step{node: n.name, op: n.op, kernel: run, rowMaximum: n.rowMaximum}
	constant := true
	for _, v := range n.in {
		if v == nil {
			s.inputs = append(s.inputs, -1)
			continue
		}
		s.inputs = append(s.inputs, v.slot)
		constant = constant && v.constant != nil
	}
	for _, v := range n.out {
		s.outputs = append(s.outputs, v.slot)
	}
	if constant {
		return b.fold(n, s)
	}
	b.program.steps = append(b.program.steps, s)
	return nil
}

// fold runs a step whose inputs are all constants at once, so that shapes and
// indices reach later nodes as constants.
func (b *builder) fold(n *node, s step) error {
	c := &call{work: b.work, elements: b.elements}
	for _, v := range n.in {
		if v == nil {
			c.in = append(c.in, nil)
		} else {
			c.in = append(c.in, v.constant)
		}
	}
	results := make([]Tensor, len(n.out))
	for i := range results {
		results[i].typ = n.out[i].typ
		c.out = append(c.out, &results[i])
	}
	if err := runGuarded(s.kernel, c); err != nil {
		return n.refuse("computing it from constants: %s", err)
	}
	b.work, b.elements = c.work, c.elements
	for i, v := range n.out {
		if v.slot >= 0 {
			b.setConstant(v, results[i])
		}
	}
	return nil
}

func runGuarded(k kernel, c *call) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("internal error: %v", r)
		}
	}()
	return k(c)
}
