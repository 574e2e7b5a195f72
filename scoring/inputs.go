package scoring

import (
	"math"
	"slices"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/features"
	"github.com/tarozi/tarozi/model"
)

// Inputs is what a model read of a history as of a moment. It is stored with the assessment: together with the bundle it gives
// the scores again.
type Inputs struct {
	Catalogue     string            `json:"catalogue"` // version of the features' catalogue
	AsOf          tarozi.Date       `json:"as_of"`
	Zone          string            `json:"zone"` // in which the day of an instant was taken
	Purpose       tarozi.Purpose    `json:"purpose"`
	Start         tarozi.Date       `json:"start,omitzero"` // of the present supervision
	Months        int               `json:"months"`         // whole months from Start to AsOf
	NewArrests    []tarozi.Evidence `json:"new_arrests"`
	After         int               `json:"after"`
	NotCounted    int               `json:"not_counted"`
	BirthYearOnly bool              `json:"birth_year_only"`
	Values        []InputValue      `json:"values"` // in the order of the card's inputs
	// Cuts are those that a committee had set in place of the card's when the score was made.
	Cuts []tarozi.Cuts `json:"cuts,omitzero"`
	// Remedies are those that a committee had switched on, with what they read.
	Remedies []RemedyInput `json:"remedies,omitzero"`
	// Disputed are other readings of the history, where records that stood are disputed: each says what is read if those records are
	// counted as they stood. A score takes the reading that makes it lowest.
	Disputed []Alternative `json:"disputed,omitzero"`
	// Validity of the model at that moment; empty in records from before it was stored: then the card's.
	Validity tarozi.Validity `json:"validity,omitzero"`
}

// InputValue is the value of one input.
type InputValue struct {
	Feature  string               `json:"feature"`
	Value    tarozi.Value         `json:"value"`
	Missing  tarozi.MissingReason `json:"missing,omitzero"`
	Evidence []tarozi.Evidence    `json:"evidence"`
	AgeDays  int                  `json:"age_days"` // of the fact behind the value
}

// read extracts what the card asks for.
func read(card *model.Card, h *tarozi.CaseHistory, m features.Moment) (*Inputs, error) {
	x, err := features.Extract(h, m)
	if err != nil {
		return nil, err
	}
	in := &Inputs{
		Catalogue: features.Version, AsOf: m.AsOf, Zone: m.Zone.String(), Purpose: m.Purpose,
		Start: x.Start, Months: x.Months, NewArrests: notNil(x.NewArrests), After: x.After, NotCounted: x.NotCounted,
		BirthYearOnly: x.BirthYearOnly, Values: make([]InputValue, len(card.Inputs)),
	}
	for i, input := range card.Inputs {
		at, ok := features.Index(input.Feature)
		if !ok {
			return nil, tarozi.Errorf(tarozi.Internal, "model %s reads %s, which the catalogue lacks", card.ID, input.Feature)
		}
		e := x.Entries[at]
		in.Values[i] = valueOf(input.Feature, &e)
	}
	in.Disputed, err = alternatives(card, h, m, in.Values)
	return in, err
}

func valueOf(feature string, e *features.Entry) InputValue {
	return InputValue{Feature: feature, Value: e.Value, Missing: e.Missing, Evidence: notNil(e.Evidence), AgeDays: e.AgeDays}
}

// Served is a score of the card with the cuts that held for these inputs; nil where there is none.
func (in *Inputs) Served(card *model.ScoreCard) *model.ScoreCard {
	if card == nil {
		return nil
	}
	for _, c := range in.Cuts {
		if c.Outcome == card.Outcome && sameMonths(c.HorizonMonths, card.HorizonMonths) {
			set := *card
			set.Bands = []model.BandCut{{Band: tarozi.Low, Below: c.Medium}, {Band: tarozi.Medium, Below: c.High}, {Band: tarozi.High}}
			return &set
		}
	}
	return card
}

// validity is for whom the model had been shown to hold when the inputs were read.
func (in *Inputs) validity(card *model.Card) tarozi.Validity {
	if in.Validity == "" {
		return card.Validity.State
	}
	return in.Validity
}

func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// readBy reports whether there is a value for each of the card's inputs, in its order. What replay reads from the store may have
// been changed there.
func (in *Inputs) readBy(card *model.Card) bool {
	return slices.EqualFunc(in.Values, card.Inputs, func(v InputValue, input model.Input) bool { return v.Feature == input.Feature })
}

// row is the model's input vector: NaN where a value is missing, or is a category that the model was not trained on.
func (in *Inputs) row(card *model.Card) []float32 {
	row := make([]float32, len(in.Values))
	for i, v := range in.Values {
		number := v.Value.Float()
		if v.Value.Kind() == tarozi.TextValue {
			number = math.NaN()
			if at := slices.Index(card.Inputs[i].Categories, v.Value.Text()); at >= 0 {
				number = float64(at)
			}
		}
		row[i] = float32(number)
	}
	return row
}

// fits reports whether a value lies within what the model was trained on.
func fits(input *model.Input, v tarozi.Value) bool {
	switch v.Kind() {
	case tarozi.TextValue:
		return slices.Contains(input.Categories, v.Text())
	case tarozi.NumberValue:
		return v.Float() >= input.Min && (v.Float() <= input.Max || input.OpenAbove)
	default:
		return true
	}
}
