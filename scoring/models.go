package scoring

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/features"
	"github.com/tarozi/tarozi/model"
)

// DefaultModel is the bundle that scores where none is named.
const DefaultModel = "georgia-parole"

// Models are the bundles that a service can score with. They do not change while it runs.
type Models struct {
	list []*Model
}

// Model is a bundle with what its terms are about, looked up once.
type Model struct {
	*model.Bundle
	factors []factor
	terms   [][]int // for each head, the factor of each of its terms
}

// factor is what a term is about: one feature, or a pair of them. Heads share factors.
type factor struct {
	inputs     []int // positions among the card's inputs
	features   []features.Feature
	changeable bool
}

func newModel(b *model.Bundle) *Model {
	m := &Model{Bundle: b}
	place := map[string]int{}
	for _, h := range b.Heads {
		indices := make([]int, len(h.Terms))
		for j, term := range h.Terms {
			key := strings.Join(term.Features, " ")
			at, known := place[key]
			if !known {
				at = len(m.factors)
				place[key] = at
				m.factors = append(m.factors, newFactor(b.Card, term))
			}
			indices[j] = at
		}
		m.terms = append(m.terms, indices)
	}
	return m
}

func newFactor(card *model.Card, term model.Term) factor {
	var f factor
	for _, key := range term.Features {
		input, _ := card.Input(key)
		feature, _ := features.Lookup(key)
		f.inputs = append(f.inputs, input)
		f.features = append(f.features, feature)
		f.changeable = f.changeable || feature.Changeable
	}
	return f
}

// NewModels checks that every input of every bundle is a feature of the catalogue, of the same kind: a bundle that reads
// anything else is refused.
func NewModels(bundles []*model.Bundle) (*Models, error) {
	models := new(Models)
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
		models.list = append(models.list, newModel(b))
	}
	return models, nil
}

// All lists the models.
func (m *Models) All() []*Model { return slices.Clone(m.list) }

// ByID is the model of an id, NotFound where there is none.
func (m *Models) ByID(id string) (*Model, error) {
	for _, b := range m.list {
		if b.Card.ID == id {
			return b, nil
		}
	}
	return nil, tarozi.Errorf(tarozi.NotFound, "there is no model %q", id)
}

// bySHA256 is the very bundle that an assessment was made with.
func (m *Models) bySHA256(sum string) (*Model, error) {
	for _, b := range m.list {
		if b.SHA256 == sum {
			return b, nil
		}
	}
	return nil, tarozi.Errorf(tarozi.NotFound, "the bundle %s is not among the models of this service: install it to replay", sum)
}
