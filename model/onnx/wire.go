package onnx

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// The field numbers below are those of onnx.proto3, version of ONNX 1.16.

// fields calls visit for every field of a protobuf message. For a
// length-delimited field value holds its content, for the others the bytes that
// scalar or float32Field understand.
func fields(message []byte, visit func(number protowire.Number, kind protowire.Type, value []byte) error) error {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return protowire.ParseError(n)
		}
		message = message[n:]
		var value []byte
		if kind == protowire.BytesType {
			value, n = protowire.ConsumeBytes(message)
		} else if kind == protowire.VarintType || kind == protowire.Fixed32Type || kind == protowire.Fixed64Type {
			n = protowire.ConsumeFieldValue(number, kind, message)
			if n >= 0 {
				value = message[:n]
			}
		} else {
			return fmt.Errorf("field %d: wire type %d does not occur in ONNX", number, kind)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		message = message[n:]
		if err := visit(number, kind, value); err != nil {
			return err
		}
	}
	return nil
}

// varint reads a scalar that fields has already checked to be whole.
func varint(value []byte) int64 {
	v, _ := protowire.ConsumeVarint(value)
	return int64(v)
}

// header is what the file says about itself and onnx-go does not pass on.
type header struct {
	irVersion       int64
	producer        string
	producerVersion string
	modelVersion    int64
	domain          string
	graphName       string
	metadata        map[string]string
	opsets          map[string]int
	inputs, outputs []Value
	valueInfo       []Value
	// tensors holds the initializers that onnx-go cannot decode.
	tensors map[string]Tensor
	// initializers holds the names of all of them.
	initializers map[string]bool
	nodes        []nodeHeader
}

// nodeHeader is what onnx-go drops of a node.
type nodeHeader struct {
	name, op, domain string
	inputs, outputs  int
	// tensors holds the tensor attributes that onnx-go cannot decode.
	tensors map[string]Tensor
}

// errMalformed marks a file that is no valid protobuf message of ONNX.
var errMalformed = errors.New("the file is not a valid ONNX model")

// prepare reads the header of a model and returns, beside it, the model's bytes
// in a form that onnx-go decodes without loss and without panic: types of
// inputs and outputs left out (it refuses maps and allocates what a shape
// claims), and tensors of kinds that it cannot decode left out, since they come
// back in the header. See docs/decisions/ on the decoder.
func prepare(file []byte, limits Limits) (*header, []byte, error) {
	if len(file) > limits.FileBytes {
		return nil, nil, fmt.Errorf("onnx: the file has %d bytes, the limit is %d", len(file), limits.FileBytes)
	}
	h := &header{
		metadata:     map[string]string{},
		opsets:       map[string]int{},
		tensors:      map[string]Tensor{},
		initializers: map[string]bool{},
	}
	var graph []byte
	graphs := 0
	err := fields(file, func(number protowire.Number, kind protowire.Type, value []byte) error {
		switch {
		case number == 1 && kind == protowire.VarintType:
			h.irVersion = varint(value)
		case number == 5 && kind == protowire.VarintType:
			h.modelVersion = varint(value)
		case kind != protowire.BytesType:
		case number == 2:
			h.producer = string(value)
		case number == 3:
			h.producerVersion = string(value)
		case number == 4:
			h.domain = string(value)
		case number == 7:
			graph = value
			graphs++
		case number == 8:
			return h.readOpset(value)
		case number == 14:
			return h.readMetadata(value)
		case number == 25:
			return errors.New("the model defines functions of its own, which are not supported; export it with functions inlined")
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("onnx: %w: %w", errMalformed, err)
	}
	if graphs != 1 {
		return nil, nil, fmt.Errorf("onnx: %w: it holds %d graphs, one is needed", errMalformed, graphs)
	}
	prepared, err := h.readGraph(graph, limits)
	if err != nil {
		return nil, nil, err
	}
	out := make([]byte, 0, len(prepared)+16)
	out = protowire.AppendTag(out, 1, protowire.VarintType)
	out = protowire.AppendVarint(out, uint64(h.irVersion))
	out = protowire.AppendTag(out, 7, protowire.BytesType)
	out = protowire.AppendBytes(out, prepared)
	return h, out, nil
}

func (h *header) readOpset(message []byte) error {
	domain, version := "", int64(0)
	err := fields(message, func(number protowire.Number, kind protowire.Type, value []byte) error {
		switch {
		case number == 1 && kind == protowire.BytesType:
			domain = canonicalDomain(string(value))
		case number == 2 && kind == protowire.VarintType:
			version = varint(value)
		}
		return nil
	})
	if err != nil {
		return err
	}
	// skl2onnx imports the same version twice now and then.
	if other, twice := h.opsets[domain]; twice && int64(other) != version {
		return fmt.Errorf("domain %q is imported in versions %d and %d", domain, other, version)
	}
	if version < 1 || version > 1<<20 {
		return fmt.Errorf("version %d of domain %q is not an operator set", version, domain)
	}
	h.opsets[domain] = int(version)
	return nil
}

// canonicalDomain maps the two spellings of the main domain to the empty one.
func canonicalDomain(domain string) string {
	if domain == "ai.onnx" {
		return ""
	}
	return domain
}

func (h *header) readMetadata(message []byte) error {
	var key, text string
	err := fields(message, func(number protowire.Number, kind protowire.Type, value []byte) error {
		if kind == protowire.BytesType && number == 1 {
			key = string(value)
		}
		if kind == protowire.BytesType && number == 2 {
			text = string(value)
		}
		return nil
	})
	h.metadata[key] = text
	return err
}

func (h *header) readGraph(graph []byte, limits Limits) ([]byte, error) {
	prepared := make([]byte, 0, len(graph))
	var ios []byte
	err := fields(graph, func(number protowire.Number, kind protowire.Type, value []byte) error {
		if kind != protowire.BytesType {
			return nil
		}
		switch number {
		case 1:
			if len(h.nodes) >= limits.Nodes {
				return fmt.Errorf("the graph has more than the limit of %d nodes", limits.Nodes)
			}
			node, bytes, err := readNode(value, limits)
			if err != nil {
				return err
			}
			h.nodes = append(h.nodes, node)
			prepared = protowire.AppendTag(prepared, 1, protowire.BytesType)
			prepared = protowire.AppendBytes(prepared, bytes)
		case 2:
			h.graphName = string(value)
		case 5:
			t, err := readTensor(value, limits)
			if err != nil {
				return fmt.Errorf("initializer %q: %w", t.name, err)
			}
			if t.name == "" {
				return errors.New("an initializer has no name")
			}
			if h.initializers[t.name] {
				return fmt.Errorf("there are two initializers named %q", t.name)
			}
			h.initializers[t.name] = true
			if !t.plain() {
				decoded, err := t.decode()
				if err != nil {
					return fmt.Errorf("initializer %q: %w", t.name, err)
				}
				h.tensors[t.name] = decoded
				return nil
			}
			prepared = protowire.AppendTag(prepared, 5, protowire.BytesType)
			prepared = protowire.AppendBytes(prepared, value)
		case 11, 12, 13:
			v, err := readValueInfo(value)
			if err != nil {
				return err
			}
			switch number {
			case 11:
				h.inputs = append(h.inputs, v)
			case 12:
				h.outputs = append(h.outputs, v)
			default:
				h.valueInfo = append(h.valueInfo, v)
				return nil
			}
			var named []byte
			named = protowire.AppendTag(named, 1, protowire.BytesType)
			named = protowire.AppendString(named, v.Name)
			ios = protowire.AppendTag(ios, number, protowire.BytesType)
			ios = protowire.AppendBytes(ios, named)
		case 15:
			return errors.New("sparse initializers are not supported")
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	return append(prepared, ios...), nil
}

// readNode returns the header of a node and its bytes without the tensor
// attributes that onnx-go cannot decode.
func readNode(message []byte, limits Limits) (nodeHeader, []byte, error) {
	var node nodeHeader
	kept := make([]byte, 0, len(message))
	attributes := map[string]bool{}
	err := fields(message, func(number protowire.Number, kind protowire.Type, value []byte) error {
		if kind != protowire.BytesType {
			return nil
		}
		switch number {
		case 1:
			node.inputs++
		case 2:
			node.outputs++
		case 3:
			node.name = string(value)
		case 4:
			node.op = string(value)
		case 7:
			node.domain = canonicalDomain(string(value))
			return nil
		case 5:
			a, err := readAttribute(value, limits)
			if err != nil {
				return fmt.Errorf("attribute %q: %w", a.name, err)
			}
			if a.name == "" || attributes[a.name] {
				return fmt.Errorf("attribute name %q is empty or occurs twice", a.name)
			}
			attributes[a.name] = true
			if a.tensor != nil {
				if node.tensors == nil {
					node.tensors = map[string]Tensor{}
				}
				node.tensors[a.name] = *a.tensor
				return nil
			}
			value = a.bytes
		default:
			return nil
		}
		kept = protowire.AppendTag(kept, number, kind)
		kept = protowire.AppendBytes(kept, value)
		return nil
	})
	if err != nil {
		return node, nil, fmt.Errorf("node %q (%s): %w", node.name, node.op, err)
	}
	return node, kept, nil
}

type attributeHeader struct {
	name   string
	tensor *Tensor
	// bytes are the attribute for onnx-go.
	bytes []byte
}

// The kinds of attributes, as AttributeProto numbers them.
const (
	attributeFloat   = 1
	attributeInt     = 2
	attributeString  = 3
	attributeTensor  = 4
	attributeFloats  = 6
	attributeInts    = 7
	attributeStrings = 8
)

func readAttribute(message []byte, limits Limits) (attributeHeader, error) {
	var a attributeHeader
	var content []byte
	kindOf := int64(0)
	err := fields(message, func(number protowire.Number, kind protowire.Type, value []byte) error {
		switch {
		case number == 1 && kind == protowire.BytesType:
			a.name = string(value)
		case number == 5 && kind == protowire.BytesType:
			content = value
		case number == 20 && kind == protowire.VarintType:
			kindOf = varint(value)
		case number == 21 && kind == protowire.BytesType && len(value) > 0:
			return errors.New("it refers to an attribute of a function, which is not supported")
		}
		return nil
	})
	if err != nil {
		return a, err
	}
	a.bytes = message
	switch kindOf {
	case attributeFloat, attributeInt, attributeString, attributeStrings:
		return a, nil
	case attributeFloats:
		a.bytes, err = packList(message, a.name, kindOf, 7, protowire.Fixed32Type)
		return a, err
	case attributeInts:
		a.bytes, err = packList(message, a.name, kindOf, 8, protowire.VarintType)
		return a, err
	case attributeTensor:
		t, err := readTensor(content, limits)
		if err != nil || t.plain() {
			return a, err
		}
		decoded, err := t.decode()
		a.tensor = &decoded
		return a, err
	}
	return a, fmt.Errorf("kind %d of attribute (a graph, a type, sparse or none) is not supported", kindOf)
}

// packList writes the numbers of a list one after the other. Python's onnx tags
// each of them, which makes protobuf grow the list as it goes: most of the memory
// that loading takes.
func packList(message []byte, name string, kindOf int64, field protowire.Number, single protowire.Type) ([]byte, error) {
	list := make([]byte, 0, len(message))
	err := fields(message, func(number protowire.Number, kind protowire.Type, value []byte) error {
		if number != field {
			return nil
		}
		if kind != protowire.BytesType && kind != single {
			return fmt.Errorf("a number of the list has wire type %d", kind)
		}
		list = append(list, value...)
		return nil
	})
	out := make([]byte, 0, len(list)+len(name)+16)
	out = protowire.AppendTag(out, 1, protowire.BytesType)
	out = protowire.AppendString(out, name)
	out = protowire.AppendTag(out, 20, protowire.VarintType)
	out = protowire.AppendVarint(out, uint64(kindOf))
	out = protowire.AppendTag(out, field, protowire.BytesType)
	return protowire.AppendBytes(out, list), err
}

func readValueInfo(message []byte) (Value, error) {
	v := Value{}
	err := fields(message, func(number protowire.Number, kind protowire.Type, value []byte) error {
		switch {
		case number == 1 && kind == protowire.BytesType:
			v.Name = string(value)
		case number == 2 && kind == protowire.BytesType:
			return readType(value, &v)
		}
		return nil
	})
	if err != nil {
		return v, fmt.Errorf("description of value %q: %w", v.Name, err)
	}
	return v, nil
}

// readType leaves v.Type Invalid for what is no tensor: the output of ZipMap is
// a sequence of maps.
func readType(message []byte, v *Value) error {
	return fields(message, func(number protowire.Number, kind protowire.Type, value []byte) error {
		if kind != protowire.BytesType {
			return nil
		}
		switch number {
		case 1:
			return fields(value, func(number protowire.Number, kind protowire.Type, value []byte) error {
				switch {
				case number == 1 && kind == protowire.VarintType:
					v.Type = typeOfWire(varint(value))
					if v.Type == Invalid {
						return fmt.Errorf("element type %d is not supported", varint(value))
					}
				case number == 2 && kind == protowire.BytesType:
					return readShape(value, v)
				}
				return nil
			})
		case 4, 5:
			v.sequence = true
		default:
			return errors.New("neither a tensor nor a sequence of maps")
		}
		return nil
	})
}

func readShape(message []byte, v *Value) error {
	v.Dims = []int{}
	return fields(message, func(number protowire.Number, kind protowire.Type, dim []byte) error {
		if number != 1 || kind != protowire.BytesType {
			return nil
		}
		size := int64(-1)
		name := ""
		err := fields(dim, func(number protowire.Number, kind protowire.Type, value []byte) error {
			switch {
			case number == 1 && kind == protowire.VarintType:
				size = varint(value)
				if size < 0 || size > math.MaxInt32 {
					return fmt.Errorf("dimension %d is out of range", size)
				}
			case number == 2 && kind == protowire.BytesType:
				name = string(value)
			}
			return nil
		})
		v.Dims = append(v.Dims, int(size))
		v.dimNames = append(v.dimNames, name)
		if len(v.Dims) > maxRank {
			return fmt.Errorf("more than %d dimensions", maxRank)
		}
		return err
	})
}
