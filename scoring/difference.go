package scoring

import (
	"fmt"
	"slices"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain"
	"github.com/tarozi/tarozi/model"
)

// Differences says, for each score that two assessments of a person share, which records and factors moved it. Where another
// bundle gave the later one, that bundle scores the earlier inputs too, so that its own part is a row by itself; where it
// cannot, because it asks for more than was known then, the whole of that score's change is the model's.
func (a *Assessor) Differences(earlier, later *tarozi.Assessment, earlierInputs *Inputs) ([]explain.Difference, error) {
	if earlier.PersonID != later.PersonID || earlier.AgencyID != later.AgencyID {
		return nil, tarozi.Errorf(tarozi.Malformed, "two assessments are compared if they are of one person")
	}
	var bridge *Evaluation
	if earlier.Model.SHA256 != later.Model.SHA256 {
		var err error
		if bridge, err = a.scoreAgain(earlier.Model.SHA256, later.Model.SHA256, earlierInputs); err != nil {
			return nil, err
		}
	}
	list := []explain.Difference{}
	for i := range earlier.Scores {
		from := &earlier.Scores[i]
		to := sameScore(later.Scores, from)
		if to == nil {
			continue
		}
		var between *tarozi.Score
		if bridge != nil {
			if between = sameScore(bridge.Scores, from); between == nil {
				between = to
			}
		}
		d, err := explain.Compare(from, between, to)
		if err != nil {
			return nil, tarozi.Wrap(tarozi.Internal, err, "the two assessments could not be compared")
		}
		list = append(list, *d)
	}
	return list, nil
}

// sameScore is the score of the list that is of the same kind; nil where there is none.
func sameScore(list []tarozi.Score, as *tarozi.Score) *tarozi.Score {
	for i := range list {
		if list[i].SameKind(as) {
			return &list[i]
		}
	}
	return nil
}

// scoreAgain gives inputs that were read for one bundle to another; an evaluation without scores where it can give none.
func (a *Assessor) scoreAgain(readFor, by string, in *Inputs) (*Evaluation, error) {
	from, err := a.Models.bySHA256(readFor)
	if err != nil {
		return nil, err
	}
	to, err := a.Models.bySHA256(by)
	if err != nil {
		return nil, err
	}
	e, err := Evaluate(to, in.readFor(from.Card, to.Card))
	switch {
	case tarozi.CodeOf(err) == tarozi.NotScorable:
		return new(Evaluation), nil
	case err != nil:
		return nil, fmt.Errorf("scoring the earlier inputs with the later model: %w", err)
	}
	return e, nil
}

// readFor puts the values in the order of another card; what the first card did not ask for is unknown, and a remedy that the other
// card does not offer is left out.
func (in *Inputs) readFor(from, to *model.Card) *Inputs {
	again := *in
	again.Values = make([]InputValue, len(to.Inputs))
	again.Remedies = slices.DeleteFunc(slices.Clone(in.Remedies), func(r RemedyInput) bool { return to.Remedy(r.ID) == nil })
	for i, input := range to.Inputs {
		if at, ok := from.Input(input.Feature); ok {
			again.Values[i] = in.Values[at]
		} else {
			again.Values[i] = InputValue{Feature: input.Feature, Missing: tarozi.NoRecord, Evidence: []tarozi.Evidence{}}
		}
	}
	again.Disputed = nil
	for _, other := range in.Disputed {
		other.Values = slices.DeleteFunc(slices.Clone(other.Values), func(v InputValue) bool {
			_, asked := to.Input(v.Feature)
			return !asked
		})
		if len(other.Values) > 0 {
			again.Disputed = append(again.Disputed, other)
		}
	}
	return &again
}
