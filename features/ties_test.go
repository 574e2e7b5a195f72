package features

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/tarozi/tarozi"
)

// No history of established records contradicts a tie: what Ties rules out cannot be.
func TestNoHistoryContradictsATie(t *testing.T) {
	for _, tie := range Ties() {
		for _, key := range []string{tie.First, tie.Second} {
			if _, known := Lookup(key); !known {
				t.Errorf("the catalogue has no feature %q", key)
			}
		}
	}
	met := 0
	rapid.Check(t, func(t *rapid.T) {
		h, m := drawHistory(t), drawMoment(t)
		h.Facts = nil
		for i := range h.Events {
			h.Events[i].Status = tarozi.Verified
		}
		x := extract(t, h, m)
		for _, tie := range Ties() {
			first, _ := Index(tie.First)
			second, _ := Index(tie.Second)
			a, b := x.Entries[first], x.Entries[second]
			if a.Missing != "" || b.Missing != "" {
				continue
			}
			met++
			if tie.Contradict(number(x, first), number(x, second)) {
				t.Fatalf("%s %v with %s %v", tie.First, a.Value, tie.Second, b.Value)
			}
		}
	})
	if met == 0 {
		t.Error("no history has both values of a tie: the test shows nothing")
	}
}
