package server

import (
	"fmt"
	"regexp"
	"runtime"
)

var (
	// said is what may name somebody in the text of an error: whatever stands in quotes, and every word with four digits or more,
	// such as an id, a date or a number of a document.
	said = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"|\"[\\s\\S]*$|`[^`]*`|'[^']*'|[\\p{L}\\p{N}_.:+@-]*\\p{N}(?:[\\p{L}_.:+@-]*\\p{N}){3}[\\p{L}\\p{N}_.:+@-]*")
	// place is what stays as it is: a JSON pointer without numbers of its own, a line of the program, an address in memory.
	place = regexp.MustCompile("^(?:\"/[a-z_/]{0,80}\"|[\\w./@-]+\\.go:\\d+|0x[0-9a-f]+)$")
)

// redacted is the text of an error without anything that may name a person: what may is replaced by its keyed hash, the same for the
// same text, so that faults about one record can be told to be so.
func (s *Server) redacted(text string) string {
	return said.ReplaceAllStringFunc(text, func(part string) string {
		if place.MatchString(part) {
			return part
		}
		hash, err := s.Store.Pseudonym(part)
		if err != nil {
			return "#"
		}
		return "#" + hash
	})
}

// fault is what a panic says without the values that it may carry: the runtime's own messages, and of others their type.
func fault(value any) string {
	if err, ok := value.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("a value of type %T", value)
}
