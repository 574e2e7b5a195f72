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
		if e.SchemaField == "allOf" && errors.As(e.Origin, &parts) {
			f.collect(place, parts)
			return
		}
		code, message := explain(e)
		f.add(pointer(place, e.JSONPointer()), code, message)
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

// explain says in plain words what a schema misses, under the names that the root package gives to the same faults. Values are
// not repeated: they may be personal.
func explain(e *openapi3.SchemaError) (code, message string) {
	s := e.Schema
	switch e.SchemaField {
	case "required":
		return "required", "it is needed and not given"
	case "properties":
		return unknownName(last(e.JSONPointer()))
	case "type":
		return "wrong_type", fmt.Sprintf("a JSON %s is needed here", strings.Join(s.Type.Slice(), " or "))
	case "nullable":
		return "wrong_type", "null is no value: leave the field out where it is not known"
	case "enum":
		return "unknown_value", fmt.Sprintf("this is not known: give one of %v", s.Enum)
	case "discriminator":
		return "unknown_value", "this type of event is not known: give one of " + strings.Join(mapped(s), ", ")
	case "format":
		return "unknown_value", e.Reason
	case "pattern":
		return "unknown_value", "it has characters that are not allowed here"
	case "minimum", "maximum":
		return "out_of_range", bounds(s)
	case "minLength":
		return "required", "it is empty: give a value"
	case "maxLength":
		return "too_long", fmt.Sprintf("at most %d characters", *s.MaxLength)
	case "minItems", "minProperties":
		return "required", "it is empty: give at least one"
	case "maxItems":
		return "too_many", fmt.Sprintf("at most %d entries", *s.MaxItems)
	case "anyOf":
		return "wrong_type", "this kind of JSON value does not fit here"
	case "oneOf":
		return "contradiction", "give history or person_id: one of the two, and not both"
	default:
		return "unknown_value", e.Reason
	}
}

// unknownName explains a name that the vocabulary does not have, in the words of the root package, which knows personal ones.
func unknownName(name string) (code, message string) {
	var e *tarozi.Error
	text := fmt.Sprintf(`{%q:0}`, name)
	if errors.As(tarozi.Decode([]byte(text), new(struct{})), &e) && len(e.Fields) == 1 {
		return e.Fields[0].Code, e.Fields[0].Message
	}
	return "unknown_field", "there is no such field here: take it out or mend its name"
}

func last(path []string) string {
	if len(path) == 0 {
		return ""
	}
	return path[len(path)-1]
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
