package api

import (
	"errors"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/tarozi/tarozi"
)

// maxFaults bounds how many faults one answer lists.
const maxFaults = 50

// faults collects what a schema finds wrong with a value.
type faults struct {
	list []tarozi.FieldError
	more int
}

func (f *faults) add(pointer, code, message string) {
	for _, known := range f.list {
		if known.Pointer == pointer && known.Code == code {
			return
		}
	}
	if len(f.list) == maxFaults {
		f.more++
		return
	}
	f.list = append(f.list, tarozi.FieldError{Pointer: pointer, Code: code, Message: message})
}

// err is the error that names the faults, nil where there are none.
func (f *faults) err() error {
	if len(f.list) == 0 {
		return nil
	}
	message := "the request has a fault: mend the field named and send it again"
	if n := len(f.list) + f.more; n > 1 {
		message = fmt.Sprintf("the request has %d faults: mend the fields named and send it again", n)
	}
	return &tarozi.Error{Code: tarozi.Malformed, Message: message, Fields: f.list}
}

// collect takes a schema's error apart. place says where the value stands.
func (f *faults) collect(place string, err error) {
	switch e := err.(type) {
	case openapi3.MultiError:
		for _, one := range e {
			f.collect(place, one)
		}
	case *openapi3.SchemaError:
		var parts openapi3.MultiError
		if (e.SchemaField == "allOf" || e.Schema.Discriminator != nil) && errors.As(e.Origin, &parts) {
			f.collect(place, parts)
			return
		}
		below, code, message := explain(e)
		f.add(pointer(place, append(e.JSONPointer(), below...)), code, message)
	default:
		f.add(pointer(place, nil), "unknown_value", err.Error())
	}
}

// pointer is the JSON pointer (RFC 6901) of a path below place.
func pointer(place string, path []string) string {
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	for _, key := range path {
		place += "/" + escape.Replace(key)
	}
	if place == "" {
		return "/"
	}
	return place
}

// explain says in plain words what a schema misses, under the names that the root package gives to the same faults, and where
// below the error's own place that is.
func explain(e *openapi3.SchemaError) (below []string, code, message string) {
	s := e.Schema
	if e.SchemaField == "discriminator" {
		return unknownType(e)
	}
	if e.Value == nil {
		return nil, "wrong_type", "null is no value: leave the field out where it is not known"
	}
	switch e.SchemaField {
	case "required":
		return nil, "required", "it is needed and not given"
	case "properties":
		return unknownName(e)
	case "type":
		return nil, "wrong_type", fmt.Sprintf("a JSON %s is needed here", strings.Join(s.Type.Slice(), " or "))
	case "enum":
		return nil, "unknown_value", fmt.Sprintf("this is not known: give one of %v", s.Enum)
	case "pattern":
		return nil, "unknown_value", "it has characters that are not allowed here"
	case "minimum", "maximum":
		return nil, "out_of_range", bounds(s)
	case "minLength":
		return nil, "required", "it is empty: give a value"
	case "maxLength":
		return nil, "too_long", fmt.Sprintf("at most %d characters", *s.MaxLength)
	case "minItems", "minProperties":
		return nil, "required", "it is empty: give at least one"
	case "maxItems":
		return nil, "too_many", fmt.Sprintf("at most %d entries", *s.MaxItems)
	case "anyOf":
		return nil, "wrong_type", "this kind of JSON value does not fit here"
	case "oneOf":
		if _, object := e.Value.(map[string]any); !object {
			return nil, "wrong_type", "a JSON object is needed here"
		}
		return nil, "contradiction", "give history or person_id: one of the two, and not both"
	case "format":
		if e.Origin != nil { // of the root package
			return nil, "unknown_value", e.Origin.Error()
		}
	}
	return nil, "unknown_value", e.Reason
}

// unknownType explains an event whose type chooses no schema; the error's value is that type, nil where it is not given.
func unknownType(e *openapi3.SchemaError) (below []string, code, message string) {
	below = []string{e.Schema.Discriminator.PropertyName}
	kinds := "give one of " + strings.Join(mapped(e.Schema), ", ")
	if e.Value == nil {
		return below, "required", "say what type of event it is: " + kinds
	}
	return below, "unknown_value", "this type of event is not known: " + kinds
}

// unknownName explains a name that the vocabulary does not have, in the words of the root package, which knows personal ones.
func unknownName(e *openapi3.SchemaError) (below []string, code, message string) {
	var name string
	if _, err := fmt.Sscanf(e.Reason, "property %q is unsupported", &name); err != nil {
		return nil, "unknown_field", "a field here is not known: take it out or mend its name"
	}
	var known *tarozi.Error
	if errors.As(tarozi.Decode(fmt.Appendf(nil, "{%q:0}", name), new(struct{})), &known) && len(known.Fields) == 1 {
		return []string{name}, known.Fields[0].Code, known.Fields[0].Message
	}
	return []string{name}, "unknown_field", "there is no such field here: take it out or mend its name"
}

// bounds says between which numbers a value lies.
func bounds(s *openapi3.Schema) string {
	switch {
	case s.Min != nil && s.Max != nil:
		return fmt.Sprintf("it lies between %v and %v", *s.Min, *s.Max)
	case s.Min != nil:
		return fmt.Sprintf("it is at least %v", *s.Min)
	default:
		return fmt.Sprintf("it is at most %v", *s.Max)
	}
}

// mapped lists the values of a schema's discriminator, in the order of its alternatives.
func mapped(s *openapi3.Schema) []string {
	var names []string
	for _, alternative := range s.OneOf {
		for name, ref := range s.Discriminator.Mapping {
			if ref.Ref == alternative.Ref {
				names = append(names, name)
			}
		}
	}
	return names
}
