package pages

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// A person stands once in the list, where the most pressing reason puts them, with every model that asks for them.
func TestDueByPerson(t *testing.T) {
	due := func(person, model string) scoring.Due {
		return scoring.Due{PersonID: person, Model: tarozi.ModelRef{ID: model}}
	}
	got := byPerson([]scoring.Due{due("p2", "a"), due("p1", "a"), due("p2", "b"), due("p3", "a"), due("p1", "b")})
	want := [][]scoring.Due{{due("p2", "a"), due("p2", "b")}, {due("p1", "a"), due("p1", "b")}, {due("p3", "a")}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
