package onnx

import (
	"fmt"

	onnxgo "github.com/owulveryck/onnx-go"
	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/simple"
	"gorgonia.org/tensor"
)

// collector is the backend that onnx-go builds the graph into. It computes
// nothing: it keeps the nodes in the file's order, with their inputs in order.
type collector struct {
	*simple.WeightedDirectedGraph
	// pending holds the inputs set so far, by the output that they were set for.
	pending map[int64][]*collected
	nodes   []rawNode
	next    int64
	err     error
}

// rawNode is one operator as onnx-go delivers it.
type rawNode struct {
	op         string
	inputs     []string
	outputs    []string
	attributes map[string]any
}

// collected is a value of the graph: an input, an initializer or a result.
type collected struct {
	id   int64
	name string
	data tensor.Tensor
}

func (c *collected) ID() int64                       { return c.id }
func (c *collected) SetName(name string)             { c.name = name }
func (c *collected) GetName() string                 { return c.name }
func (c *collected) GetTensor() tensor.Tensor        { return c.data }
func (c *collected) SetTensor(t tensor.Tensor) error { c.data = t; return nil }

func newCollector() *collector {
	return &collector{
		WeightedDirectedGraph: simple.NewWeightedDirectedGraph(0, 0),
		pending:               map[int64][]*collected{},
	}
}

// NewNode overrides gonum's, which makes nodes that carry neither name nor data.
func (c *collector) NewNode() graph.Node {
	c.next++
	return &collected{id: c.next}
}

// SetWeightedEdge is called with the input's position as weight. It only notes
// the input: Mul(x, x) sets the same edge twice, and gonum keeps one edge of a
// pair and panics on a loop.
func (c *collector) SetWeightedEdge(e graph.WeightedEdge) {
	from := e.From().ID()
	if int(e.Weight()) != len(c.pending[from]) {
		c.err = fmt.Errorf("inputs of %q arrive out of order; is it computed twice?", e.From().(*collected).name)
		return
	}
	c.pending[from] = append(c.pending[from], e.To().(*collected))
}

// ApplyOperation ends a node: its edges have been set, once for each output.
func (c *collector) ApplyOperation(op onnxgo.Operation, outputs ...graph.Node) error {
	if c.err != nil {
		return c.err
	}
	n := rawNode{op: op.Name, attributes: op.Attributes}
	for i, output := range outputs {
		o := output.(*collected)
		n.outputs = append(n.outputs, o.name)
		if i == 0 {
			for _, input := range c.pending[o.id] {
				n.inputs = append(n.inputs, input.name)
			}
		}
		delete(c.pending, o.id)
	}
	c.nodes = append(c.nodes, n)
	return nil
}

// decoded is a model file taken apart, not yet checked.
type decoded struct {
	*header
	nodes        []rawNode
	initializers map[string]Tensor
}

// decode reads a file by way of onnx-go. A panic of onnx-go or of the tensor
// library becomes an error.
func decode(file []byte, limits Limits) (d *decoded, err error) {
	h, prepared, err := prepare(file, limits)
	if err != nil {
		return nil, err
	}
	d = &decoded{header: h, initializers: h.tensors}
	if len(h.nodes) == 0 {
		return nil, fmt.Errorf("onnx: the graph has no nodes")
	}
	c := newCollector()
	model := onnxgo.NewModel(c)
	defer func() {
		if r := recover(); r != nil {
			d, err = nil, fmt.Errorf("onnx: the decoder failed on this file: %v", r)
		}
	}()
	if err := model.UnmarshalBinary(prepared); err != nil {
		return nil, fmt.Errorf("onnx: decoding: %w", err)
	}
	for name := range h.initializers {
		if _, ours := h.tensors[name]; ours {
			continue
		}
		node, ok := model.GetNodeByName(name)
		if !ok {
			return nil, fmt.Errorf("onnx: initializer %q was lost in decoding", name)
		}
		if d.initializers[name], err = fromGorgonia(node.(*collected).data); err != nil {
			return nil, fmt.Errorf("onnx: initializer %q: %w", name, err)
		}
	}
	if len(c.nodes) != len(h.nodes) {
		return nil, fmt.Errorf("onnx: %d of %d nodes were decoded", len(c.nodes), len(h.nodes))
	}
	for i := range c.nodes {
		if err := mergeHeader(&c.nodes[i], h.nodes[i]); err != nil {
			return nil, err
		}
	}
	d.nodes = c.nodes
	return d, nil
}

// mergeHeader completes a node of onnx-go by what only the file's bytes tell.
func mergeHeader(n *rawNode, h nodeHeader) error {
	if h.inputs == 0 {
		n.inputs = nil // onnx-go gives a node without inputs one of its own making
	}
	if n.op != h.op || len(n.inputs) != h.inputs || len(n.outputs) != h.outputs {
		return fmt.Errorf("onnx: node %q (%s) was decoded wrongly", h.name, h.op)
	}
	for name, a := range n.attributes {
		if t, ok := a.(tensor.Tensor); ok {
			converted, err := fromGorgonia(t)
			if err != nil {
				return fmt.Errorf("onnx: node %q (%s): attribute %q: %w", h.name, h.op, name, err)
			}
			n.attributes[name] = converted
		}
	}
	for name, t := range h.tensors {
		n.attributes[name] = t
	}
	return nil
}

func fromGorgonia(t tensor.Tensor) (Tensor, error) {
	if t == nil {
		return Tensor{}, fmt.Errorf("no data")
	}
	out := Tensor{dims: append([]int{}, t.Shape()...)}
	switch values := t.Data().(type) {
	case []float32:
		out.typ, out.f32 = Float32, values
	case []float64:
		out.typ, out.f64 = Float64, values
	case []int32:
		out.typ, out.i32 = Int32, values
	case []int64:
		out.typ, out.i64 = Int64, values
	default:
		return out, fmt.Errorf("decoded as %T", values)
	}
	return out, nil
}
