package scoring

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain"
	"github.com/tarozi/tarozi/features"
	"github.com/tarozi/tarozi/model"
)

// DefaultModel is the shipped bundle that scores a file where none is named.
const DefaultModel = "georgia-parole"

// Models are the bundles that a process has loaded: those that ship with it, and those that were asked for since. It is safe for
// concurrent use; a bundle that is there never changes.
type Models struct {
	mu   sync.RWMutex
	list []*Model
}

// Model is a bundle with what its terms are about, looked up once.
type Model struct {
	*model.Bundle
	heads   []*explain.Head // of the heads that give no terms; nil for the others
	factors []factor
	terms   [][]int // for each head, the factor of each of its terms; of a head without terms of each input, unread where it reads none of it
}

// unread is the factor of an input that a head does not read.
const unread = -1

// factor is what a term is about: one feature, or a pair of them. Heads share factors.
type factor struct {
	inputs     []int // positions among the card's inputs
	features   []features.Feature
	changeable bool
}

func newModel(b *model.Bundle) (*Model, error) {
	heads, err := newHeads(b)
	if err != nil {
		return nil, err
	}
	m := &Model{Bundle: b, heads: heads}
	place := map[string]int{}
	for i, h := range b.Heads {
		terms := h.Terms
		if heads[i] != nil {
			terms = single(b.Card)
		}
		indices := make([]int, len(terms))
		for j, term := range terms {
			if indices[j] = unread; heads[i] != nil && !heads[i].Reads(j) {
				continue
			}
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
	return m, nil
}

// single makes a term of every input.
func single(card *model.Card) []model.Term {
	list := make([]model.Term, len(card.Inputs))
	for i, input := range card.Inputs {
		list[i].Features = []string{input.Feature}
	}
	return list
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

// NewModels checks and gathers bundles.
func NewModels(bundles []*model.Bundle) (*Models, error) {
	models := new(Models)
	for _, b := range bundles {
		if _, err := models.add(b); err != nil {
			return nil, err
		}
	}
	return models, nil
}

// add gathers one more bundle, and gives the one that is there where it is.
func (m *Models) add(b *model.Bundle) (*Model, error) {
	if known, err := m.bySHA256(b.SHA256); err == nil {
		return known, nil
	}
	if err := checkInputs(b.Card); err != nil {
		return nil, err
	}
	made, err := newModel(b)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, known := range m.list {
		if known.SHA256 == b.SHA256 {
			return known, nil
		}
	}
	m.list = append(m.list, made)
	return made, nil
}

// checkInputs holds every input of a card against the catalogue: it is a feature of it, of the same kind, and no protected attribute.
func checkInputs(card *model.Card) error {
	for _, input := range card.Inputs {
		f, ok := features.Lookup(input.Feature)
		switch {
		case slices.Contains(tarozi.ProtectedNames, input.Feature):
			return fmt.Errorf("model %s reads %s, a protected attribute: no model may", card.ID, input.Feature)
		case !ok:
			return fmt.Errorf("model %s reads %q, which is no feature of the catalogue", card.ID, input.Feature)
		case string(f.Kind) != input.Kind:
			return fmt.Errorf("model %s reads %s as %s; the catalogue has it as %s", card.ID, input.Feature, input.Kind, f.Kind)
		}
		for _, name := range input.Categories {
			if !slices.Contains(f.Categories, name) {
				return fmt.Errorf("model %s knows the category %s of %s; the catalogue does not", card.ID, name, input.Feature)
			}
		}
	}
	return nil
}

// All lists the models.
func (m *Models) All() []*Model {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return slices.Clone(m.list)
}

// ByID is the model of an id, the first that was loaded; NotFound where there is none.
func (m *Models) ByID(id string) (*Model, error) {
	for _, b := range m.All() {
		if b.Card.ID == id {
			return b, nil
		}
	}
	return nil, tarozi.Errorf(tarozi.NotFound, "there is no model %q", id)
}

// bySHA256 is the very bundle that an assessment was made with.
func (m *Models) bySHA256(sum string) (*Model, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, b := range m.list {
		if b.SHA256 == sum {
			return b, nil
		}
	}
	return nil, tarozi.Errorf(tarozi.NotFound, "the bundle %s is not among the models of this service: install it to replay", sum)
}
