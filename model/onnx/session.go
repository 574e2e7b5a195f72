package onnx

import (
	"fmt"
	"slices"
)

// Session holds the memory of a run. It serves one goroutine at a time; after
// the first run of a size, further runs of that size or less allocate nothing.
type Session struct {
	program *Program
	slots   []Tensor
	calls   []call
	outputs []Tensor
	rows    [2]int // dimensions of RunRows' input
}

// call is what a kernel sees of the session: its inputs, outputs and scratch
// memory, and what is left of the run's limits.
type call struct {
	step     *step
	in, out  []*Tensor
	work     int64
	elements int
	scratch  scratch
}

// scratch is memory that a kernel keeps between runs.
type scratch struct {
	ints     []int
	dims     []int
	f64      []float64
	order    []int32
	lanes    []lane
	words    []uint64
	forest32 forestScratch[float32]
	forest64 forestScratch[float64]
}

// NewSession makes a session that computes all outputs of the program. Take
// Program.Select first to compute some of them only.
func (p *Program) NewSession() *Session {
	s := &Session{program: p, slots: make([]Tensor, p.slots), outputs: make([]Tensor, len(p.outputs))}
	for _, c := range p.constants {
		s.slots[c.slot] = c.value
	}
	for i := range p.steps {
		s.calls = append(s.calls, s.bind(&p.steps[i]))
	}
	return s
}

// Select returns a program that computes only the named outputs, in this order,
// without the steps that none of them needs.
func (p *Program) Select(names ...string) (*Program, error) {
	selected := *p
	selected.outputs, selected.outputSlots, selected.steps = nil, nil, nil
	for _, name := range names {
		i := p.Output(name)
		if i < 0 {
			return nil, fmt.Errorf("onnx: the model has no output %q", name)
		}
		selected.outputs = append(selected.outputs, p.outputs[i])
		selected.outputSlots = append(selected.outputSlots, p.outputSlots[i])
	}
	for _, i := range p.needed(selected.outputSlots) {
		selected.steps = append(selected.steps, p.steps[i])
	}
	return &selected, nil
}

// needed returns the steps that compute the wanted slots, in order.
func (p *Program) needed(wanted []int) []int {
	need := make([]bool, p.slots)
	for _, slot := range wanted {
		need[slot] = true
	}
	var steps []int
	for i := len(p.steps) - 1; i >= 0; i-- {
		if !slices.ContainsFunc(p.steps[i].outputs, func(slot int) bool { return slot >= 0 && need[slot] }) {
			continue
		}
		steps = append(steps, i)
		for _, slot := range p.steps[i].inputs {
			if slot >= 0 {
				need[slot] = true
			}
		}
	}
	slices.Reverse(steps)
	return steps
}

func (s *Session) bind(st *step) call {
	c := call{step: st}
	for _, slot := range st.inputs {
		if slot < 0 {
			c.in = append(c.in, nil)
		} else {
			c.in = append(c.in, &s.slots[slot])
		}
	}
	for _, slot := range st.outputs {
		if slot < 0 {
			c.out = append(c.out, &Tensor{})
		} else {
			c.out = append(c.out, &s.slots[slot])
		}
	}
	return c
}

// Run computes the session's outputs from inputs in the order of
// Program.Inputs. The inputs are read, never changed. The returned tensors
// belong to the session (an output may also share memory with an input or with
// the program): they hold until the next run and must not be written to. Clone
// what has to live longer.
func (s *Session) Run(inputs []Tensor) ([]Tensor, error) {
	if len(inputs) != len(s.program.inputs) {
		return nil, fmt.Errorf("onnx: %d inputs given, the model takes %d", len(inputs), len(s.program.inputs))
	}
	for i := range inputs {
		if err := s.program.inputs[i].accepts(&inputs[i]); err != nil {
			return nil, err
		}
		s.slots[i] = inputs[i]
	}
	return s.run()
}

// RunRows is Run for a model with one float input of n rows: x holds them one
// after the other. It is the way without allocations for tabular models.
func (s *Session) RunRows(x []float32, n int) ([]Tensor, error) {
	if len(s.program.inputs) != 1 {
		return nil, fmt.Errorf("onnx: the model takes %d inputs, not one table", len(s.program.inputs))
	}
	in := &s.program.inputs[0]
	columns := len(x)
	switch {
	case n > 1:
		columns = len(x) / n
	case n == 0 && len(in.Dims) == 2:
		columns = max(in.Dims[1], 0)
	}
	if n < 0 || columns*n != len(x) {
		return nil, fmt.Errorf("onnx: %d values do not make %d rows", len(x), n)
	}
	t := &s.slots[0]
	t.typ, t.f32 = Float32, x
	s.rows = [2]int{n, columns}
	t.dims = s.rows[:]
	if err := in.accepts(t); err != nil {
		return nil, err
	}
	return s.run()
}

// run executes the steps. A kernel that indexes outside a tensor because of a
// file or an input that should have been refused gives an error, not a crash.
func (s *Session) run() (outputs []Tensor, err error) {
	work, elements, at := s.program.limits.RunWork, s.program.limits.TensorElements, 0
	defer func() {
		if r := recover(); r != nil {
			outputs, err = nil, s.failed(at, fmt.Errorf("internal error: %v", r))
		}
	}()
	for at = range s.calls {
		c := &s.calls[at]
		c.work, c.elements = work, elements
		if err := c.step.kernel(c); err != nil {
			return nil, s.failed(at, err)
		}
		work, elements = c.work, c.elements
	}
	for i, slot := range s.program.outputSlots {
		s.outputs[i] = s.slots[slot]
	}
	return s.outputs, nil
}

func (s *Session) failed(at int, err error) error {
	st := s.calls[at].step
	return fmt.Errorf("onnx: node %q (%s): %w", st.node, st.op, err)
}

// accepts holds a tensor against the declaration of an input.
func (v *Value) accepts(t *Tensor) error {
	if t.typ != v.Type {
		return fmt.Errorf("onnx: input %q takes %s, not %s", v.Name, v.Type, t.typ)
	}
	if len(t.dims) > maxRank {
		return fmt.Errorf("onnx: input %q has more than %d dimensions", v.Name, maxRank)
	}
	if v.Dims == nil {
		return nil
	}
	fits := len(t.dims) == len(v.Dims)
	for i := 0; fits && i < len(t.dims); i++ {
		fits = v.Dims[i] < 0 || v.Dims[i] == t.dims[i]
	}
	if !fits {
		return fmt.Errorf("onnx: input %q takes dimensions %v, not %v", v.Name, v.Dims, t.dims)
	}
	return nil
}

// spend takes n units off the run's budget.
func (c *call) spend(n int64) error {
	if n < 0 || n > c.work {
		return fmt.Errorf("the run needs more work than its limit allows")
	}
	c.work -= n
	return nil
}

// output makes output i a tensor of type T with these dimensions and returns
// its elements, whose values are undefined.
func output[T Element](c *call, i int, dims ...int) ([]T, error) {
	if len(dims) > maxRank {
		return nil, fmt.Errorf("more than %d dimensions", maxRank)
	}
	n, err := product(dims, c.elements)
	if err != nil {
		return nil, err
	}
	c.elements -= n
	if err := c.spend(int64(n)); err != nil {
		return nil, err
	}
	t := c.out[i]
	t.typ = typeOf[T]()
	t.dims = append(t.dims[:0], dims...)
	b := buffer[T](t)
	*b = grow(*b, n)
	return *b, nil
}

// grow returns s with length n, in its own memory where that is enough.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
