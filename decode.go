package tarozi

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Decode reads one JSON value strictly: unknown, repeated and wrongly cased names, invalid UTF-8, numbers that are not
// finite, dates that do not exist and anything after the value are refused with an *Error of code Malformed that points at
// the place. A name or a protected attribute in a history is refused as such.
func Decode(data []byte, into any) error {
	if err := json.Unmarshal(data, into, json.RejectUnknownMembers(true)); err != nil {
		return decodeError(err)
	}
	return nil
}

func decodeError(err error) error {
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		pointer := string(semantic.JSONPointer)
		switch {
		case errors.Is(err, json.ErrUnknownName):
			return unknownField(semantic.JSONPointer)
		case errors.Is(err, strconv.ErrRange):
			return fieldError(pointer, "out_of_range", "the number is too large: send a finite number")
		case semantic.Err != nil:
			return fieldError(pointer, "unknown_value", semantic.Err.Error())
		default:
			return fieldError(pointer, "wrong_type", fmt.Sprintf("a JSON %s does not fit here", kindName(semantic.JSONKind)))
		}
	}
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return fieldError(string(syntactic.JSONPointer), "duplicate", "the field is given twice: give it once")
		}
		e := &Error{Code: Malformed, Message: fmt.Sprintf(
			"this is not JSON at byte %d: %v; send one complete JSON object in UTF-8", syntactic.ByteOffset, syntactic.Err)}
		if at := string(syntactic.JSONPointer); at != "" {
			e.Fields = []FieldError{{Pointer: at, Code: "not_json", Message: fmt.Sprintf(
				"%v: a value is a text in quotes, a finite number such as 1.5, true, false, null, a list or an object", syntactic.Err)}}
		}
		return e
	}
	return &Error{Code: Malformed, Message: "this is not JSON: " + err.Error() + "; send one complete JSON object in UTF-8"}
}

func fieldError(pointer, code, message string) error {
	if pointer == "" {
		pointer = "/"
	}
	return &Error{Code: Malformed, Message: "a field cannot be read: mend it and send the request again",
		Fields: []FieldError{{Pointer: pointer, Code: code, Message: message}}}
}

// personal maps field names that case systems are known to send to what they are. None of them has a place in a history.
var personal = map[string]string{
	"name": "a name", "first_name": "a name", "last_name": "a name", "surname": "a name", "full_name": "a name",
	"patronymic": "a name", "phone": "a contact", "email": "a contact", "photo": "a photograph",
	"passport": "an identity document", "pinfl": "an identity document",
	"address": "an address", "residence_puma": "an address", "district": "an address", "mahalla": "an address",
	"sex": "a protected attribute", "gender": "a protected attribute", "race": "a protected attribute",
	"ethnicity": "a protected attribute", "nationality": "a protected attribute", "religion": "a protected attribute",
	"language": "a protected attribute", "health": "a protected attribute", "disability": "a protected attribute",
	"marital_status": "a protected attribute", "political_views": "a protected attribute",
	"emotion": "an inferred state of mind", "mental_state": "an inferred state of mind",
}

func unknownField(pointer jsontext.Pointer) error {
	name := pointer.LastToken()
	if what, ok := personal[strings.ToLower(name)]; ok {
		return fieldError(string(pointer), "not_allowed",
			fmt.Sprintf("%s is %s and never part of a case history: take it out", name, what))
	}
	return fieldError(string(pointer), "unknown_field", fmt.Sprintf("there is no field %q here: take it out or mend its name", name))
}

func kindName(k jsontext.Kind) string {
	switch k {
	case '"':
		return "string"
	case '0':
		return "number"
	case 't', 'f':
		return "boolean"
	case '{':
		return "object"
	case '[':
		return "array"
	case 'n':
		return "null"
	default:
		return "value"
	}
}
