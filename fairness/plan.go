package fairness

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// AllAttribute and AllGroup name the group of everybody.
const (
	AllAttribute = "all"
	AllGroup     = "all"
)

// eceBins is the number of equal bins of [0, 1] that ECE uses; the last one is closed.
const eceBins = 10

// Part is one attribute and its value in the definition of a group.
type Part struct {
	Attribute string `json:"attribute"`
	Group     string `json:"group"`
}

// groupSet is one way of dividing the people: everybody, one attribute, or the intersection of two.
type groupSet struct {
	attribute string
	of        []int // indices into Table.Attributes
	parts     [][]Part
	names     []string
	missing   []bool  // group g has MissingLevel as one of its parts
	member    []int32 // joint cell -> group
	first     int     // position of its first group among all groups
	pairs     bool    // xAUC of every ordered pair is tallied
	below     int     // first place of its pairs in a tally
}

// belowAt is the place in a tally of the pairs of positives of group g and negatives of group h; h is g without pairs.
func (s *groupSet) belowAt(g, h int) int {
	if s.pairs {
		return s.below + g*len(s.names) + h
	}
	return s.below + g
}

// place is where the people of a cell are ranked within one set: their group among all groups, and the row of pairs
// (width groups of negatives, from the one given) that their positives add to.
type place struct {
	group, negatives, below, width int32
}

// plan is the table made ready for tallying: people with a known outcome in a canonical order by score, the joint cell
// of all attributes for each, and the ranges of the order that thresholds and bins cut out.
type plan struct {
	rows        []int32 // position -> row of the table
	score       []float64
	outcome     []uint8
	cell        []int32
	weight      []float64 // nil: 1 each
	key         []uint64  // randomness of the person behind the row
	logLoss     []float64 // nil where the score is no probability
	clustered   bool      // somebody has more than one row
	probability bool
	atBound     []bool // cell -> a score of exactly 0 or 1 met the opposite outcome
	cells       int
	sets        []groupSet
	places      []place // (cell, set) -> where a tally counts the cell's pairs
	belowSize   int
	groups      int
	content     []uint64 // group -> summary of its people, to break ties without looking at names
	thresholds  []float64
	segmentEnd  []int // end position of each segment in the order
	cut         []int // threshold -> first segment at or above it
	upper       int   // first segment with the larger score where there are two in all, as of decisions; else -1
	bin         []int // segment -> ECE bin
}

// newPlan prepares the people of t whose outcome is known and whose weight, if any, is positive.
func newPlan(t *Table, o Options) (*plan, error) {
	p := &plan{thresholds: slices.Clone(o.Thresholds)}
	for _, v := range p.thresholds {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("fairness: threshold %v is not finite", v)
		}
	}
	slices.Sort(p.thresholds)
	p.thresholds = slices.Compact(p.thresholds)

	for i, y := range t.Outcome {
		if y != Unknown && (t.Weight == nil || t.Weight[i] > 0) {
			p.rows = append(p.rows, int32(i))
		}
	}
	if len(p.rows) == 0 {
		return nil, ErrNoRows
	}
	p.probability = o.ScoreKind != RankScore
	for _, i := range p.rows {
		if t.Score[i] < 0 || t.Score[i] > 1 {
			if o.ScoreKind == ProbabilityScore {
				return nil, fmt.Errorf("fairness: row %d: score %v is no probability", i, t.Score[i])
			}
			p.probability = false
			break
		}
	}
	if err := p.sort(t); err != nil {
		return nil, err
	}
	p.makeSets(t, o)
	p.makePlaces()
	p.summarise(t)
	p.makeSegments()
	p.makeKeys(t)
	return p, nil
}

// rowHash summarises what a person contributes apart from the names of groups.
func rowHash(t *Table, i int32) uint64 {
	h := mix64(math.Float64bits(t.Score[i]) + goldenGamma*uint64(t.Outcome[i]+1))
	if t.Weight != nil {
		h = mix64(h ^ math.Float64bits(t.Weight[i]))
	}
	return h
}

// levelOrder ranks the levels of an attribute by the people in them, not by name or appearance, so that neither
// changes the randomness that a person gets. Levels of exactly the same scores, outcomes and weights are ranked by name.
func levelOrder(t *Table, a *Attribute, rows []int32) []int32 {
	hash := make([]uint64, len(a.Levels))
	for _, i := range rows {
		hash[a.Codes[i]] += rowHash(t, i)
	}
	order := make([]int32, len(a.Levels))
	for l := range order {
		order[l] = int32(l)
	}
	slices.SortFunc(order, func(x, y int32) int {
		return cmp.Or(cmp.Compare(hash[x], hash[y]), strings.Compare(a.Levels[x], a.Levels[y]))
	})
	rank := make([]int32, len(order))
	for r, l := range order {
		rank[l] = int32(r)
	}
	return rank
}

// sort brings the rows into the canonical order (score, outcome, ranks of levels, weight) and copies the columns.
func (p *plan) sort(t *Table) error {
	ranks := make([][]int32, len(t.Attributes))
	for a := range t.Attributes {
		ranks[a] = levelOrder(t, &t.Attributes[a], p.rows)
	}
	joint := make([]uint64, t.Rows())
	combinations := uint64(1)
	for a := range t.Attributes {
		levels := uint64(len(t.Attributes[a].Levels))
		if combinations > math.MaxUint64/max(levels, 1) {
			return fmt.Errorf("fairness: the attributes have too many values to be combined; group some values together")
		}
		combinations *= levels
		for _, i := range p.rows {
			joint[i] = joint[i]*levels + uint64(ranks[a][t.Attributes[a].Codes[i]])
		}
	}
	slices.SortFunc(p.rows, func(x, y int32) int {
		c := cmp.Or(cmp.Compare(t.Score[x], t.Score[y]), cmp.Compare(t.Outcome[x], t.Outcome[y]),
			cmp.Compare(joint[x], joint[y]))
		if c != 0 || t.Weight == nil {
			return c
		}
		return cmp.Compare(t.Weight[x], t.Weight[y])
	})

	n := len(p.rows)
	p.score, p.outcome, p.cell = make([]float64, n), make([]uint8, n), make([]int32, n)
	if t.Weight != nil {
		p.weight = make([]float64, n)
	}
	cellOf := make(map[uint64]int32)
	for k, i := range p.rows {
		p.score[k], p.outcome[k] = t.Score[i], t.Outcome[i]
		if p.weight != nil {
			p.weight[k] = t.Weight[i]
		}
		c, ok := cellOf[joint[i]]
		if !ok {
			c = int32(len(cellOf))
			cellOf[joint[i]] = c
		}
		p.cell[k] = c
	}
	p.cells = len(cellOf)
	if p.probability {
		p.scoreLogLoss()
	}
	return nil
}

// scoreLogLoss computes each row's log loss. Where a score of exactly 0 or 1 met the opposite outcome the loss is
// infinite; the cell is marked and its groups' log loss is undefined.
func (p *plan) scoreLogLoss() {
	p.atBound = make([]bool, p.cells)
	p.logLoss = make([]float64, len(p.score))
	for k, s := range p.score {
		q := s
		if p.outcome[k] == 0 {
			q = 1 - s
		}
		if q == 0 {
			p.atBound[p.cell[k]] = true
			continue
		}
		p.logLoss[k] = -math.Log(q)
	}
}

// makeSets lists the groups of everybody, of each attribute and, if wanted, of each pair of attributes; only groups
// with somebody in the table (outcome known or not) exist.
func (p *plan) makeSets(t *Table, o Options) {
	p.addSet(t, o, nil)
	for a := range t.Attributes {
		p.addSet(t, o, []int{a})
	}
	if o.NoIntersections {
		return
	}
	for a := range t.Attributes {
		for b := a + 1; b < len(t.Attributes); b++ {
			p.addSet(t, o, []int{a, b})
		}
	}
}

func (p *plan) addSet(t *Table, o Options, of []int) {
	s := groupSet{of: of, attribute: AllAttribute, first: p.groups}
	if len(of) > 0 {
		names := make([]string, len(of))
		for k, a := range of {
			names[k] = t.Attributes[a].Name
		}
		s.attribute = strings.Join(names, ",")
	}
	code := func(i int) uint64 {
		var c uint64
		for _, a := range of {
			c = c*uint64(len(t.Attributes[a].Levels)) + uint64(t.Attributes[a].Codes[i])
		}
		return c
	}
	example := make(map[uint64]int)
	for i := range t.Rows() {
		c := code(i)
		if _, ok := example[c]; !ok {
			example[c] = i
		}
	}
	level := func(a, row int) string { return t.Attributes[a].Levels[t.Attributes[a].Codes[row]] }
	codes := make([]uint64, 0, len(example))
	for c := range example {
		codes = append(codes, c)
	}
	slices.SortFunc(codes, func(x, y uint64) int {
		for _, a := range of {
			if c := strings.Compare(level(a, example[x]), level(a, example[y])); c != 0 {
				return c
			}
		}
		return 0
	})
	index := make(map[uint64]int32, len(codes))
	for g, c := range codes {
		index[c] = int32(g)
		name, missing, parts := AllGroup, false, []Part(nil)
		if len(of) > 0 {
			values := make([]string, len(of))
			for k, a := range of {
				values[k] = level(a, example[c])
				missing = missing || values[k] == MissingLevel
				parts = append(parts, Part{t.Attributes[a].Name, values[k]})
			}
			name = strings.Join(values, ",")
		}
		s.names, s.missing, s.parts = append(s.names, name), append(s.missing, missing), append(s.parts, parts)
	}
	s.member = make([]int32, p.cells)
	for k, i := range p.rows {
		s.member[p.cell[k]] = index[code(int(i))]
	}
	s.pairs = len(of) == 1 && len(codes) <= o.MaxPairGroups
	s.below = p.belowSize
	p.belowSize += len(codes)
	if s.pairs {
		p.belowSize += len(codes) * (len(codes) - 1)
	}
	p.groups += len(codes)
	p.sets = append(p.sets, s)
}

func (p *plan) makePlaces() {
	for c := range p.cells {
		for i := range p.sets {
			s := &p.sets[i]
			g := int(s.member[c])
			at := place{group: int32(s.first + g), negatives: int32(s.first + g), below: int32(s.belowAt(g, g)), width: 1}
			if s.pairs {
				at.negatives, at.below, at.width = int32(s.first), int32(s.belowAt(g, 0)), int32(len(s.names))
			}
			p.places = append(p.places, at)
		}
	}
}

func (p *plan) summarise(t *Table) {
	p.content = make([]uint64, p.groups)
	cells := make([]uint64, p.cells)
	for k, i := range p.rows {
		cells[p.cell[k]] += rowHash(t, i)
	}
	for i := range p.sets {
		for c, h := range cells {
			p.content[p.sets[i].first+int(p.sets[i].member[c])] += h
		}
	}
}

// makeSegments cuts the order at each threshold, for probabilities at each bin edge k/10, and between two scores where there
// are no others.
func (p *plan) makeSegments() {
	edges := slices.Clone(p.thresholds)
	if p.probability {
		for k := 1; k < eceBins; k++ {
			edges = append(edges, float64(k)/eceBins)
		}
	}
	smallest, largest := p.score[0], p.score[len(p.score)-1]
	between, _ := slices.BinarySearch(p.score, largest)
	two := between > 0 && p.score[between-1] == smallest
	if two {
		edges = append(edges, largest)
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	p.upper = -1
	if two {
		p.upper, _ = slices.BinarySearch(edges, largest)
		p.upper++
	}
	for _, e := range edges {
		end, _ := slices.BinarySearch(p.score, e)
		p.segmentEnd = append(p.segmentEnd, end)
	}
	p.segmentEnd = append(p.segmentEnd, len(p.score))
	for _, t := range p.thresholds {
		k, _ := slices.BinarySearch(edges, t)
		p.cut = append(p.cut, k+1)
	}
	p.bin = make([]int, len(p.segmentEnd))
	if !p.probability {
		return
	}
	b := 0
	for s := range p.bin {
		if s > 0 && b+1 < eceBins && edges[s-1] >= float64(b+1)/eceBins {
			b++
		}
		p.bin[s] = b
	}
}

func (p *plan) makeKeys(t *Table) {
	p.key = make([]uint64, len(p.rows))
	if t.Person == nil {
		for k := range p.key {
			p.key[k] = mix64(goldenGamma * uint64(k+1))
		}
		return
	}
	for k, i := range p.rows {
		p.key[k] = mix64(t.Person[i] + goldenGamma)
	}
	seen := slices.Clone(p.key)
	slices.Sort(seen)
	p.clustered = len(slices.Compact(seen)) < len(p.key)
}
