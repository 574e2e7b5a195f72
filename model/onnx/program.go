package onnx

import (
	"fmt"
	"slices"
)

// Value describes an input or output of a program.
type Value struct {
	Name string
	Type Type
	// Dims are the dimensions, -1 for one that the input decides. Nil means that
	// not even their number is known.
	Dims []int

	dimNames []string
	// sequence marks a sequence of maps, the declared type of ZipMap's output.
	sequence bool
}

// Program is a checked, compiled model. It never changes after Load, so any
// number of goroutines may share it, each with a Session of its own.
type Program struct {
	info    Info
	inputs  []Value
	outputs []Value
	limits  Limits

	// Values live in numbered slots: inputs first, then constants and results.
	slots       int
	constants   []constant
	steps       []step
	outputSlots []int
	ensembles   []*Ensemble
	linears     []*Linear
	columnwise  []*Columnwise
}

type constant struct {
	slot  int
	value Tensor
}

// step is one operator bound to its slots; -1 stands for an absent optional
// input or an unused output.
type step struct {
	node    string
	op      string
	kernel  kernel
	inputs  []int
	outputs []int
	// rowMaximum marks an ArgMax along axis 1 that keeps its dimension and takes the
	// first of equals.
	rowMaximum bool
}

// kernel computes the outputs of one step. It may read nothing but c.in and
// what its closure holds, and write nothing but c.out and c.scratch.
type kernel func(c *call) error

// Inputs lists what Run takes, in its order.
func (p *Program) Inputs() []Value { return slices.Clone(p.inputs) }

// Outputs lists what Run returns, in its order.
func (p *Program) Outputs() []Value { return slices.Clone(p.outputs) }

// Output returns the position of a named output, or -1.
func (p *Program) Output(name string) int {
	return slices.IndexFunc(p.outputs, func(v Value) bool { return v.Name == name })
}

// Ensembles returns the tree ensembles of the graph in its order, for exact
// explanations. They are read-only.
func (p *Program) Ensembles() []*Ensemble { return slices.Clone(p.ensembles) }

// UnsupportedError says which node of a model the engine does not run, and why.
type UnsupportedError struct {
	Node   string // name of the node, which may be empty
	Op     string
	Domain string // empty for the main domain
	Opset  int    // version of the domain's operator set that the file imports
	Reason string
}

func (e *UnsupportedError) Error() string {
	domain := e.Domain
	if domain == "" {
		domain = "ai.onnx"
	}
	return fmt.Sprintf("onnx: node %q: %s of %s, opset %d: %s", e.Node, e.Op, domain, e.Opset, e.Reason)
}

// Load decodes, checks and compiles a model. Everything that the engine does
// not support is refused here, as an *UnsupportedError where one node is at
// fault; a program that loads computes what ONNX Runtime computes. The bytes of
// file are not kept.
func Load(file []byte, limits Limits) (*Program, error) {
	d, err := decode(file, limits)
	if err != nil {
		return nil, err
	}
	b := &builder{
		program: &Program{limits: limits, info: d.info(len(file))},
		values:  map[string]*value{},
		opsets:  d.opsets,
		// A second's worth: constants are small in real models.
		work: min(limits.RunWork, 1<<30), elements: limits.ConstantElements,
	}
	if err := b.build(d); err != nil {
		return nil, err
	}
	return b.program, nil
}
