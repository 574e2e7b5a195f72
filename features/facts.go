package features

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/tarozi/tarozi"
)

// maxFaults bounds how many faulty facts one answer names.
const maxFaults = 50

// ValidateFacts checks every fact against the catalogue: a feature that exists, a value of its kind and within its range, and no
// two facts of one status that say different things about one feature on one day and were received at the same time (nothing
// would say which holds). It returns an *tarozi.Error of code tarozi.Malformed that points at the faulty fields (the first 50), or nil.
func ValidateFacts(h *tarozi.CaseHistory) error {
	type statement struct {
		feature  string
		asOf     tarozi.Date
		received int64
		status   tarozi.Status
	}
	var faults []tarozi.FieldError
	count := 0
	add := func(i int, field, code, message string) {
		if count++; count <= maxFaults {
			faults = append(faults, tarozi.FieldError{Pointer: fmt.Sprintf("/facts/%d/%s", i, field), Code: code, Message: message})
		}
	}
	seen := make(map[statement]int, len(h.Facts))
	for i := range h.Facts {
		fact := &h.Facts[i]
		place, known := indexes[fact.Feature]
		if !known {
			add(i, "feature", "unknown_value", fmt.Sprintf("the catalogue has no feature %q: take its key from the list of features", fact.Feature))
			continue
		}
		if code, message := catalogue[place].fault(fact.Value); code != "" {
			add(i, "value", code, message)
			continue
		}
		key := statement{fact.Feature, fact.AsOf, fact.ReceivedAt.UnixNano(), fact.Status}
		if first, again := seen[key]; !again {
			seen[key] = i
		} else if h.Facts[first].Value != fact.Value {
			add(i, "value", "contradiction", fmt.Sprintf(
				"the fact at /facts/%d gives another value of %s for the same day: take one out, or give the later one a later received_at",
				first, fact.Feature))
		}
	}
	if count == 0 {
		return nil
	}
	message := "a fact does not fit the catalogue of features: mend the field named and send it again"
	if count > 1 {
		message = fmt.Sprintf("%d facts do not fit the catalogue of features: mend the fields named and send it again", count)
	}
	return &tarozi.Error{Code: tarozi.Malformed, Message: message, Fields: faults}
}

// fault says what is wrong with a stated value of the feature; the code is empty where nothing is.
func (d *definition) fault(value tarozi.Value) (code, message string) {
	switch d.Kind {
	case KindFlag:
		if value.Kind() != tarozi.FlagValue {
			return "wrong_type", fmt.Sprintf("%s is true or false", d.Key)
		}
	case KindCategory:
		if value.Kind() != tarozi.TextValue {
			return "wrong_type", fmt.Sprintf("%s is one of %s", d.Key, strings.Join(d.Categories, ", "))
		}
		if !slices.Contains(d.Categories, value.Text()) {
			return "unknown_value", fmt.Sprintf("%q is not known: %s is one of %s", value.Text(), d.Key, strings.Join(d.Categories, ", "))
		}
	default:
		number := value.Float()
		if value.Kind() != tarozi.NumberValue {
			return "wrong_type", fmt.Sprintf("%s is a number between %g and %g", d.Key, d.Min, d.Max)
		}
		if number < d.Min || number > d.Max {
			return "out_of_range", fmt.Sprintf("%s lies between %g and %g", d.Key, d.Min, d.Max)
		}
		if d.Whole && number != math.Trunc(number) {
			return "out_of_range", fmt.Sprintf("%s is a whole number", d.Key)
		}
	}
	return "", ""
}

// stated is a fact with its place in the history and its age on the as-of day.
type stated struct {
	fact  *tarozi.Fact
	index int
	ago   int
}

// later reports whether s replaces other as the latest statement: by the day it speaks of, then by when it was received.
func (s *stated) later(other *stated) bool {
	if s.ago != other.ago {
		return s.ago < other.ago
	}
	return s.fact.ReceivedAt.After(other.fact.ReceivedAt)
}

// readFacts sorts the facts known by the as-of day. A fact without a time of receipt was known on the day it speaks of.
func (r *reading) readFacts() {
	r.verified = make([]stated, len(catalogue))
	r.doubted = make([]bool, len(catalogue))
	for i := range r.h.Facts {
		fact := &r.h.Facts[i]
		s := stated{fact, i, r.ago(fact.AsOf)}
		if s.ago < 0 || (!fact.ReceivedAt.Equal(time.Time{}) && r.agoOf(fact.ReceivedAt) < 0) {
			r.after++
			continue
		}
		place := indexes[fact.Feature]
		if fact.Status == tarozi.Verified {
			if latest := &r.verified[place]; latest.fact == nil || s.later(latest) {
				*latest = s
			}
			continue
		}
		r.notCounted++
		r.doubted[place] = true
		if fact.Status == tarozi.Disputed {
			if r.disputed == nil {
				r.disputed = make(map[int][]stated)
			}
			r.disputed[place] = append(r.disputed[place], s)
		}
	}
	for _, list := range r.disputed {
		slices.SortStableFunc(list, func(a, b stated) int {
			if a.later(&b) {
				return -1
			}
			if b.later(&a) {
				return 1
			}
			return 0
		})
	}
}
