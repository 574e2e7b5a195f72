package scoring

import (
	"fmt"
	"slices"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/features"
	"github.com/tarozi/tarozi/model"
)

// DefaultModel is the bundle that scores where none is named.
const DefaultModel = "georgia-parole"

// Models are the bundles that a service can score with. They do not change while it runs.
type Models struct {
	bundles []*model.Bundle
}

// NewModels checks that every input of every bundle is a feature of the catalogue, of the same kind: a bundle that reads
// anything else is refused.
func NewModels(bundles []*model.Bundle) (*Models, error) {
	for _, b := range bundles {
		for _, input := range b.Card.Inputs {
			f, ok := features.Lookup(input.Feature)
			switch {
			case !ok:
				return nil, fmt.Errorf("model %s reads %q, which is no feature of the catalogue", b.Card.ID, input.Feature)
			case string(f.Kind) != input.Kind:
				return nil, fmt.Errorf("model %s reads %s as %s; the catalogue has it as %s", b.Card.ID, input.Feature, input.Kind, f.Kind)
			}
			for _, name := range input.Categories {
				if !slices.Contains(f.Categories, name) {
					return nil, fmt.Errorf("model %s knows the category %s of %s; the catalogue does not", b.Card.ID, name, input.Feature)
				}
			}
		}
	}
	return &Models{bundles}, nil
}

// All lists the bundles.
func (m *Models) All() []*model.Bundle { return slices.Clone(m.bundles) }

// ByID is the bundle of an id, NotFound where there is none.
func (m *Models) ByID(id string) (*model.Bundle, error) {
	for _, b := range m.bundles {
		if b.Card.ID == id {
			return b, nil
		}
	}
	return nil, tarozi.Errorf(tarozi.NotFound, "there is no model %q", id)
}

// bySHA256 is the very bundle that an assessment was made with.
func (m *Models) bySHA256(sum string) (*model.Bundle, error) {
	for _, b := range m.bundles {
		if b.SHA256 == sum {
			return b, nil
		}
	}
	return nil, tarozi.Errorf(tarozi.NotFound, "the bundle %s is not among the models of this service: install it to replay", sum)
}
