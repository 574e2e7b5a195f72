package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// The element types as TensorProto numbers them.
const (
	wireFloat   = 1
	wireUint8   = 2
	wireInt32   = 6
	wireInt64   = 7
	wireString  = 8
	wireBool    = 9
	wireFloat16 = 10
	wireDouble  = 11
)

func typeOfWire(t int64) Type {
	switch t {
	case wireFloat:
		return Float32
	case wireUint8:
		return Uint8
	case wireInt32:
		return Int32
	case wireInt64:
		return Int64
	case wireString:
		return String
	case wireBool:
		return Bool
	case wireDouble:
		return Float64
	}
	return Invalid
}

// wireTensor is a TensorProto whose size has been checked against its content.
type wireTensor struct {
	name     string
	typ      int64
	dims     []int
	elements int
	raw      []byte
	hasRaw   bool
	// typed holds the packed or single values of the field that typ uses.
	typed   [][]byte
	typedOf protowire.Number
	kinds   []protowire.Type
}

// typedField returns the field of TensorProto that holds values of a type when
// they are not in raw_data.
func typedField(typ int64) protowire.Number {
	switch typ {
	case wireFloat:
		return 4
	case wireString:
		return 6
	case wireInt64:
		return 7
	case wireDouble:
		return 10
	}
	return 5
}

// maxRank bounds the number of dimensions of any tensor.
const maxRank = 16

func readTensor(message []byte, limits Limits) (wireTensor, error) {
	var t wireTensor
	err := fields(message, func(number protowire.Number, kind protowire.Type, value []byte) error {
		switch number {
		case 1:
			return t.readDims(kind, value)
		case 2:
			if kind == protowire.VarintType {
				t.typ = varint(value)
			}
		case 3:
			return errors.New("tensors in segments are not supported")
		case 4, 5, 6, 7, 10:
			if t.typedOf != 0 && t.typedOf != number {
				return errors.New("the values are in two places")
			}
			t.typedOf = number
			t.typed = append(t.typed, value)
			t.kinds = append(t.kinds, kind)
		case 8:
			if kind == protowire.BytesType {
				t.name = string(value)
			}
		case 9:
			t.raw, t.hasRaw = value, true
		case 13, 14:
			if kind == protowire.BytesType || varint(value) != 0 {
				return errors.New("data in a file beside the model is not supported; save it in one file")
			}
		}
		return nil
	})
	if err != nil {
		return t, err
	}
	if typeOfWire(t.typ) == Invalid && t.typ != wireFloat16 {
		return t, fmt.Errorf("element type %d is not supported", t.typ)
	}
	if t.elements, err = product(t.dims, limits.ConstantElements); err != nil {
		return t, err
	}
	return t, t.checkLength()
}

func (t *wireTensor) readDims(kind protowire.Type, value []byte) error {
	for first := true; first || len(value) > 0; first = false {
		v, n := protowire.ConsumeVarint(value)
		if n < 0 {
			if kind == protowire.BytesType && len(value) == 0 {
				return nil
			}
			return protowire.ParseError(n)
		}
		if v > math.MaxInt32 {
			return fmt.Errorf("dimension %d is out of range", int64(v))
		}
		t.dims = append(t.dims, int(v))
		if len(t.dims) > maxRank {
			return fmt.Errorf("more than %d dimensions", maxRank)
		}
		value = value[n:]
	}
	return nil
}

// elementSize is the number of bytes of one element in raw_data; 0 for strings,
// which cannot be there.
func elementSize(typ int64) int {
	switch typ {
	case wireUint8, wireBool:
		return 1
	case wireFloat16:
		return 2
	case wireFloat, wireInt32:
		return 4
	case wireInt64, wireDouble:
		return 8
	}
	return 0
}

// checkLength holds the shape against the values that are there, so that
// nothing downstream allocates by the shape alone.
func (t *wireTensor) checkLength() error {
	if t.hasRaw && (t.elements > 0 || len(t.raw) > 0) && t.typedOf == 0 {
		if len(t.raw) != t.elements*elementSize(t.typ) {
			return fmt.Errorf("%d bytes of data for %d elements", len(t.raw), t.elements)
		}
		return nil
	}
	if t.typedOf != 0 && (t.typedOf != typedField(t.typ) || len(t.raw) > 0) {
		return errors.New("the values are not in the field of their type")
	}
	n := 0
	for i, value := range t.typed {
		if t.kinds[i] != protowire.BytesType || t.typ == wireString {
			n++
			continue
		}
		switch t.typ {
		case wireFloat:
			n += len(value) / 4
		case wireDouble:
			n += len(value) / 8
		default:
			for _, b := range value {
				if b < 0x80 {
					n++
				}
			}
		}
	}
	if n != t.elements {
		return fmt.Errorf("%d values for %d elements", n, t.elements)
	}
	return nil
}

// plain says whether onnx-go decodes the tensor without loss. It makes a scalar
// of one element whatever the dimensions.
func (t *wireTensor) plain() bool {
	switch t.typ {
	case wireFloat, wireDouble, wireInt32, wireInt64:
		return len(t.dims) > 0 && t.elements > 1
	}
	return false
}

// decode reads the tensors that are not plain.
func (t *wireTensor) decode() (Tensor, error) {
	out := Tensor{typ: typeOfWire(t.typ), dims: t.dims}
	if t.typ == wireString {
		out.str = make([]string, 0, t.elements)
		for _, value := range t.typed {
			out.str = append(out.str, string(value))
		}
		return out, nil
	}
	raw := t.raw
	if t.typedOf != 0 {
		raw = make([]byte, 0, t.elements*elementSize(t.typ))
		for i, value := range t.typed {
			var err error
			if raw, err = appendTyped(raw, t.typ, t.kinds[i], value); err != nil {
				return out, err
			}
		}
		if len(raw) != t.elements*elementSize(t.typ) {
			return out, errors.New("the values do not fill the dimensions")
		}
	}
	little := binary.LittleEndian
	switch t.typ {
	case wireFloat:
		out.f32 = make([]float32, t.elements)
		for i := range out.f32 {
			out.f32[i] = math.Float32frombits(little.Uint32(raw[4*i:]))
		}
	case wireDouble:
		out.f64 = make([]float64, t.elements)
		for i := range out.f64 {
			out.f64[i] = math.Float64frombits(little.Uint64(raw[8*i:]))
		}
	case wireInt32:
		out.i32 = make([]int32, t.elements)
		for i := range out.i32 {
			out.i32[i] = int32(little.Uint32(raw[4*i:]))
		}
	case wireInt64:
		out.i64 = make([]int64, t.elements)
		for i := range out.i64 {
			out.i64[i] = int64(little.Uint64(raw[8*i:]))
		}
	case wireUint8:
		out.u8 = append(make([]uint8, 0, t.elements), raw...)
	case wireBool:
		out.b = make([]bool, t.elements)
		for i := range out.b {
			out.b[i] = raw[i] != 0
		}
	case wireFloat16:
		out.typ = Float32
		out.f32 = make([]float32, t.elements)
		for i := range out.f32 {
			out.f32[i] = float16(little.Uint16(raw[2*i:]))
		}
	}
	return out, nil
}

// appendTyped turns values of a typed field into the form of raw_data.
func appendTyped(raw []byte, typ int64, kind protowire.Type, value []byte) ([]byte, error) {
	if kind == protowire.Fixed32Type || kind == protowire.Fixed64Type || typ == wireFloat || typ == wireDouble {
		return append(raw, value...), nil
	}
	for len(value) > 0 {
		v, n := protowire.ConsumeVarint(value)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		value = value[n:]
		switch elementSize(typ) {
		case 1:
			if typ == wireBool && v != 0 {
				v = 1
			}
			if v > math.MaxUint8 {
				return nil, fmt.Errorf("%d does not fit into a byte", v)
			}
			raw = append(raw, byte(v))
		case 2:
			raw = binary.LittleEndian.AppendUint16(raw, uint16(v))
		case 4:
			raw = binary.LittleEndian.AppendUint32(raw, uint32(v))
		default:
			raw = binary.LittleEndian.AppendUint64(raw, v)
		}
	}
	return raw, nil
}

// float16 widens an IEEE 754 half.
func float16(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exponent := uint32(h>>10) & 0x1f
	fraction := uint32(h) & 0x3ff
	switch {
	case exponent == 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | fraction<<13)
	case exponent == 0:
		value := float32(fraction) / (1 << 24)
		return math.Float32frombits(sign | math.Float32bits(value))
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
}
