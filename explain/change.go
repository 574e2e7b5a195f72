package explain

import (
	"cmp"
	"fmt"
	"slices"
)

// Lever is an input that can change: the values that it may take, nearest to the present one first.
type Lever struct {
	Input int
	To    []float64
}

// Change sets one input to a value.
type Change struct {
	Input int
	To    float64
}

// Way is one or two changes that together bring the probability below the limit; Effort is how far along their levers they
// lie, the sum of each one's share of its lever.
type Way struct {
	Changes     []Change
	Probability float64
	Effort      float64
}

// Changes finds, for each lever and each pair of levers, the smallest change that brings the score below the limit: of one
// lever the first value that does, of a pair the two values of least effort, where neither value is needed alone. Single
// changes come first, smaller ones first; an empty list says that none was found. The score is asked for and nothing is
// assumed of it, so it may rise where a lever goes on. What comes back is what the model would say: no promise and no cause.
func Changes(score func(inputs []float64) (float64, error), inputs []float64, levers []Lever, below float64) ([]Way, error) {
	s := search{score: score, inputs: slices.Clone(inputs), below: below}
	var ways []Way
	alone := make([]int, len(levers)) // by lever: how many of its values fall short alone
	for i, l := range levers {
		if l.Input < 0 || l.Input >= len(inputs) {
			return nil, fmt.Errorf("lever %d moves input %d of %d", i, l.Input, len(inputs))
		}
		way, short, err := s.one(l)
		if err != nil {
			return nil, err
		}
		alone[i] = short
		if way != nil {
			ways = append(ways, *way)
		}
	}
	byEffort := func(a, b Way) int { return cmp.Compare(a.Effort, b.Effort) }
	slices.SortStableFunc(ways, byEffort)
	var pairs []Way
	for i, first := range levers {
		for j, second := range levers[:i] {
			way, err := s.two(second, first, alone[j], alone[i])
			if err != nil {
				return nil, err
			}
			if way != nil {
				pairs = append(pairs, *way)
			}
		}
	}
	slices.SortStableFunc(pairs, byEffort)
	return append(ways, pairs...), nil
}

type search struct {
	score  func([]float64) (float64, error)
	inputs []float64
	below  float64
}

// one tries a lever's values in order. It also says how many fell short: all of them where there is no way.
func (s *search) one(l Lever) (*Way, int, error) {
	for i, to := range l.To {
		p, err := s.with(Change{l.Input, to})
		if err != nil {
			return nil, 0, err
		}
		if p < s.below {
			return &Way{[]Change{{l.Input, to}}, p, effort(l, i)}, i, nil
		}
	}
	return nil, len(l.To), nil
}

// two tries the values of two levers that fall short alone.
func (s *search) two(a, b Lever, shortA, shortB int) (*Way, error) {
	var best *Way
	for i, toA := range a.To[:shortA] {
		for j, toB := range b.To[:shortB] {
			total := effort(a, i) + effort(b, j)
			if best != nil && total >= best.Effort {
				break
			}
			p, err := s.with(Change{a.Input, toA}, Change{b.Input, toB})
			if err != nil {
				return nil, err
			}
			if p < s.below {
				best = &Way{[]Change{{a.Input, toA}, {b.Input, toB}}, p, total}
				break
			}
		}
	}
	return best, nil
}

func effort(l Lever, i int) float64 { return float64(i+1) / float64(len(l.To)) }

func (s *search) with(changes ...Change) (float64, error) {
	changed := slices.Clone(s.inputs)
	for _, c := range changes {
		changed[c.Input] = c.To
	}
	p, err := s.score(changed)
	if err != nil {
		return 0, fmt.Errorf("scoring a change: %w", err)
	}
	return p, nil
}
