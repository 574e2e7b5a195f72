package onnx

// masks is a forest of trees with at most eight leaves each, evaluated without a
// walk (Lucchese et al., QuickScorer, 2015). A tree has a byte with a bit per
// leaf, from the left. A split that sends a row right takes the leaves on its
// left away; whatever other splits of the tree say, the first bit that is left is
// the row's leaf. QuickScorer takes the masks of a row's false splits one by one;
// here those of one feature are joined beforehand, for each bin of its values. A
// row then costs one search and one AND per feature and eight trees.
type masks struct {
	forest   *forest[float32]
	features []binned
	first    []int32  // where the table's rows of a feature begin
	table    []uint64 // per feature and bin: a byte per tree
	words    int      // of a row of the table, a multiple of four
	values   []float32
}

const (
	maskLeaves = 8
	// maskWords bounds the table: what stays in a core's cache.
	maskWords = 1 << 15
)

// firstBit is the number of the lowest bit that is set.
var firstBit = func() (table [256]uint8) {
	for i := range table {
		for i>>table[i]&1 == 0 && table[i] < maskLeaves-1 {
			table[i]++
		}
	}
	return table
}()

// newMasks returns nil when the forest is none of this kind or its table would be
// too large.
func newMasks(f *forest[float32], columns []column) *masks {
	for i, t := range f.trees {
		if t.target < 0 || len(f.nodesOf(i)) > 2*maskLeaves {
			return nil
		}
	}
	m := &masks{forest: f, words: (len(f.trees) + 31) / 32 * 4}
	var at map[int32]int32
	m.features, at = f.binned(columns)
	rows := 0
	for i := range m.features {
		m.first = append(m.first, int32(rows*m.words))
		rows += m.features[i].bins()
		if rows*m.words > maskWords {
			return nil
		}
	}
	if rows == 0 {
		return nil
	}
	m.table = make([]uint64, rows*m.words)
	for i := range m.table {
		m.table[i] = ^uint64(0)
	}
	m.values = make([]float32, maskLeaves*len(f.trees))
	for i, t := range f.trees {
		if _, fits := m.add(columns, at, i, t.root, 0); !fits {
			return nil
		}
	}
	return m
}

// pays tells whether a walk through the trees would cost more: a level of it about
// as much as a search, or as the ANDs of four words.
func (m *masks) pays() bool {
	levels := 0
	for _, t := range m.forest.trees {
		levels += int(t.depth)
	}
	return len(m.features)*(1+m.words/4) < levels
}

// add enters the part of a tree below node i, whose leaves have numbers from
// leaf on, and returns the number after them; false when they are too many.
func (m *masks) add(columns []column, at map[int32]int32, tree int, i int32, leaf int) (int, bool) {
	n := m.forest.nodes[i]
	if n.left == i {
		if leaf == maskLeaves {
			return leaf, false
		}
		m.values[tree*maskLeaves+leaf] = n.threshold
		return leaf + 1, true
	}
	middle, fits := m.add(columns, at, tree, n.left, leaf)
	if !fits {
		return middle, false
	}
	c := columns[n.column]
	f := &m.features[at[c.feature]]
	taken := uint64(1<<middle-1<<leaf) << (tree % 8 * 8)
	for bin := range f.bins() {
		if !f.left(bin, c.kind, n.threshold) {
			m.table[int(m.first[at[c.feature]])+bin*m.words+tree/8] &^= taken
		}
	}
	return m.add(columns, at, tree, n.right, middle)
}

// sum adds the trees' values to scores, which start at zero, like forest.sum.
func (m *masks) sum(c *call, x []float32, rows, stride int, scores []float32) {
	c.scratch.order = grow(c.scratch.order, len(m.features))
	c.scratch.words = grow(c.scratch.words, m.words)
	places, left := c.scratch.order, c.scratch.words
	targets := m.forest.ensemble.targets
	for r := range rows {
		row := x[r*stride : (r+1)*stride]
		for i := range m.features {
			f := &m.features[i]
			places[i] = m.first[i] + f.bin(row[f.feature])*int32(m.words)
		}
		andRows(left, m.table, places)
		m.addLeaves(left, scores[r*targets:(r+1)*targets])
	}
}

// addLeaves adds the values of the first leaves left, tree by tree.
func (m *masks) addLeaves(left []uint64, scores []float32) {
	values, only := m.values, m.forest.only
	if only < 0 {
		for i := range m.forest.trees {
			leaf := firstBit[uint8(left[i/8]>>(i%8*8))]
			scores[m.forest.trees[i].target] += values[i*maskLeaves+int(leaf)]
		}
		return
	}
	score := float32(0)
	for _, w := range left {
		if len(values) < 8*maskLeaves {
			break
		}
		v := (*[8 * maskLeaves]float32)(values)
		score += v[firstBit[uint8(w)]&7]
		score += v[8+firstBit[uint8(w>>8)]&7]
		score += v[16+firstBit[uint8(w>>16)]&7]
		score += v[24+firstBit[uint8(w>>24)]&7]
		score += v[32+firstBit[uint8(w>>32)]&7]
		score += v[40+firstBit[uint8(w>>40)]&7]
		score += v[48+firstBit[uint8(w>>48)]&7]
		score += v[56+firstBit[uint8(w>>56)]&7]
		values = values[8*maskLeaves:]
	}
	for i := range len(values) / maskLeaves {
		w := left[len(m.forest.trees)/8]
		score += values[i*maskLeaves+int(firstBit[uint8(w>>(i*8))])]
	}
	scores[only] = score
}
