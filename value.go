package tarozi

import (
	"bytes"
	"errors"
	"math"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ValueKind says which of the three forms a Value has.
type ValueKind uint8

// The forms of a value.
const (
	NoValue ValueKind = iota
	NumberValue
	FlagValue
	TextValue
)

// Value is one value of a feature: a finite number, a flag, or a category's name. In JSON it is a number, a boolean or a
// string; the zero Value is null and means "unknown".
type Value struct {
	kind   ValueKind
	number float64
	text   string
}

// Number makes a numeric value; a number that is not finite gives the unknown value.
func Number(v float64) Value {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Value{}
	}
	return Value{kind: NumberValue, number: v}
}

// Flag makes a yes or no.
func Flag(v bool) Value {
	if v {
		return Value{kind: FlagValue, number: 1}
	}
	return Value{kind: FlagValue}
}

// Category makes the value of a category by its name.
func Category(name string) Value { return Value{kind: TextValue, text: name} }

// Kind says which form v has.
func (v Value) Kind() ValueKind { return v.kind }

// IsZero reports whether the value is unknown.
func (v Value) IsZero() bool { return v.kind == NoValue }

// Float is the number, or 1 and 0 for a flag; NaN for anything else.
func (v Value) Float() float64 {
	if v.kind == NumberValue || v.kind == FlagValue {
		return v.number
	}
	return math.NaN()
}

// Text is the category's name, or empty for anything else.
func (v Value) Text() string { return v.text }

// String is the value as it stands in JSON, without quotes; empty when unknown.
func (v Value) String() string {
	switch v.kind {
	case NumberValue:
		return strconv.FormatFloat(v.number, 'f', -1, 64)
	case FlagValue:
		return strconv.FormatBool(v.number == 1)
	default:
		return v.text
	}
}

// MarshalJSONTo writes a number, a boolean, a string or null.
func (v Value) MarshalJSONTo(out *jsontext.Encoder) error {
	switch v.kind {
	case NumberValue:
		return out.WriteToken(jsontext.Float(v.number))
	case FlagValue:
		return out.WriteToken(jsontext.Bool(v.number == 1))
	case TextValue:
		return out.WriteToken(jsontext.String(v.text))
	default:
		return out.WriteToken(jsontext.Null)
	}
}

// UnmarshalJSONFrom reads a finite number, a boolean, a string or null.
func (v *Value) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	raw, err := in.ReadValue()
	if err != nil {
		return err
	}
	switch raw.Kind() {
	case '0':
		number, err := strconv.ParseFloat(string(bytes.TrimSpace(raw)), 64)
		if err != nil {
			return errors.New("the number is too large: send a finite number")
		}
		*v = Number(number)
	case 't', 'f':
		*v = Flag(raw.Kind() == 't')
	case '"':
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return err
		}
		*v = Category(text)
	case 'n':
		*v = Value{}
	default:
		return errors.New("a value is a number, true or false, or the name of a category")
	}
	return nil
}
