package api

import (
	"errors"
	"strings"

	"github.com/tarozi/tarozi"
)

// moved puts faults that point at from under to instead: the place of a part in a body that a caller sent.
func moved(err error, from, to string) error {
	var e *tarozi.Error
	if !errors.As(err, &e) || len(e.Fields) == 0 {
		return err
	}
	copied := *e
	copied.Fields = make([]tarozi.FieldError, len(e.Fields))
	for i, f := range e.Fields {
		if rest, ok := strings.CutPrefix(f.Pointer, from); ok {
			f.Pointer = to + rest
		}
		copied.Fields[i] = f
	}
	return &copied
}
