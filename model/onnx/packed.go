package onnx

import "math"

// packed is a forest of float32 in the form that runs fastest: one word a node,
// without a branch that depends on data.
//
// Values and thresholds are compared as whole numbers that are ordered like the
// floats (key). A word holds the threshold's key in its upper half, then 12 bits
// of column and 20 bits of distance to the left child; the right child is next
// to it. A leaf has distance 0 and a threshold that no key exceeds, so it leads
// to itself. Nodes lie breadth first, so that siblings share a cache line and
// the upper levels of a tree stay in the cache.
type packed struct {
	forest  *forest[float32]
	columns []column
	nodes   []uint64
	values  []float32 // of leaves with one weight, by node
	leaves  []int32   // of all leaves, their number in the forest
	roots   []int32
	depths  []int32 // the greatest of each eight trees
}

const (
	packedDistance = 1<<20 - 1
	packedColumns  = 1<<12 - 1
	lanes          = 8
	// shallow levels are walked without asking whether all paths have ended.
	shallow = 4
)

// lane holds the keys of one column for eight rows.
type lane [lanes]int32

// key maps a float to a whole number of the same order; both zeros are 0. NaN
// has no order: keys of NaN are set by column.
func key(v float32) int32 {
	bits := int32(math.Float32bits(v))
	sign := bits >> 31
	return (bits&math.MaxInt32 ^ sign) - sign
}

// keyed is the number of a key.
func keyed(k int32) float32 {
	if k < 0 {
		return -math.Float32frombits(uint32(-k))
	}
	return math.Float32frombits(uint32(k))
}

// columnKey is the key of a feature's value in a column.
func columnKey(v float32, kind columnKind) int32 {
	if v != v {
		if kind == columnRaw {
			return math.MaxInt32
		}
		return math.MinInt32
	}
	if kind == columnMissing {
		return math.MaxInt32
	}
	return key(v)
}

// pack returns nil when the forest does not fit the form: too many columns, too
// wide a tree, or nodes shared by so many others that writing them out would
// make the forest much larger.
func pack(f *forest[float32], columns []column) *packed {
	if len(columns) > packedColumns {
		return nil
	}
	p := &packed{forest: f, columns: columns}
	limit := 2*len(f.nodes) + 1024
	var queue []int32
	for number, t := range f.trees {
		first := len(p.nodes)
		p.roots = append(p.roots, int32(first))
		if number%lanes == 0 {
			p.depths = append(p.depths, 0)
		}
		p.depths[number/lanes] = max(p.depths[number/lanes], t.depth)
		queue = append(queue[:0], t.root)
		for at := 0; at < len(queue); at++ {
			i := queue[at]
			n := f.nodes[i]
			word, value := uint64(math.MaxInt32)<<32, float32(0)
			if n.left == i {
				value = n.threshold
			} else {
				threshold := int32(math.MinInt32)
				if n.threshold == n.threshold {
					threshold = key(n.threshold)
				}
				distance := len(queue) - at
				if distance > packedDistance || len(p.nodes) > limit {
					return nil
				}
				word = uint64(uint32(threshold))<<32 | uint64(n.column)<<20 | uint64(distance)
				queue = append(queue, n.left, n.right)
			}
			p.nodes = append(p.nodes, word)
			p.values = append(p.values, value)
			p.leaves = append(p.leaves, i)
		}
	}
	return p
}

// next is the number of the child that a key leads to from node i, whose word is n.
func next(i int, n uint64, key int32) int {
	return i + int(n&packedDistance) + int(uint64(int64(n)>>32-int64(key))>>63)
}

// keysOf fills groups of eight rows with keys, column by column. The last group
// repeats the last row.
func (p *packed) keysOf(keys []lane, x []float32, rows, stride int) []lane {
	width := len(p.columns)
	keys = grow(keys, (rows+lanes-1)/lanes*width)
	for i, c := range p.columns {
		for first := 0; first < rows; first += lanes {
			to := &keys[first/lanes*width+i]
			at := first*stride + int(c.feature)
			for k := range to {
				to[k] = columnKey(x[at], c.kind)
				if first+k+1 < rows {
					at += stride
				}
			}
		}
	}
	return keys
}

// descendRows finds the leaves of eight rows in one tree. The eight paths do not
// wait for one another, which hides the time of each load.
func (p *packed) descendRows(keys []lane, root, depth int32, out *lane) {
	nodes := p.nodes
	r := int(root)
	i0, i1, i2, i3, i4, i5, i6, i7 := r, r, r, r, r, r, r, r
	for ; depth > 0; depth-- {
		n := nodes[i0]
		moved := n
		i0 = next(i0, n, keys[n>>20&packedColumns][0])
		n = nodes[i1]
		moved |= n
		i1 = next(i1, n, keys[n>>20&packedColumns][1])
		n = nodes[i2]
		moved |= n
		i2 = next(i2, n, keys[n>>20&packedColumns][2])
		n = nodes[i3]
		moved |= n
		i3 = next(i3, n, keys[n>>20&packedColumns][3])
		n = nodes[i4]
		moved |= n
		i4 = next(i4, n, keys[n>>20&packedColumns][4])
		n = nodes[i5]
		moved |= n
		i5 = next(i5, n, keys[n>>20&packedColumns][5])
		n = nodes[i6]
		moved |= n
		i6 = next(i6, n, keys[n>>20&packedColumns][6])
		n = nodes[i7]
		moved |= n
		i7 = next(i7, n, keys[n>>20&packedColumns][7])
		if moved&packedDistance == 0 {
			break
		}
	}
	*out = lane{int32(i0), int32(i1), int32(i2), int32(i3), int32(i4), int32(i5), int32(i6), int32(i7)}
}

// descendTrees finds the leaves of one row in eight trees.
func (p *packed) descendTrees(keys []int32, roots []int32, depth int32, out *lane) {
	nodes := p.nodes
	_ = roots[7]
	i0, i1, i2, i3 := int(roots[0]), int(roots[1]), int(roots[2]), int(roots[3])
	i4, i5, i6, i7 := int(roots[4]), int(roots[5]), int(roots[6]), int(roots[7])
	for range min(depth, shallow) {
		n := nodes[i0]
		i0 = next(i0, n, keys[n>>20&packedColumns])
		n = nodes[i1]
		i1 = next(i1, n, keys[n>>20&packedColumns])
		n = nodes[i2]
		i2 = next(i2, n, keys[n>>20&packedColumns])
		n = nodes[i3]
		i3 = next(i3, n, keys[n>>20&packedColumns])
		n = nodes[i4]
		i4 = next(i4, n, keys[n>>20&packedColumns])
		n = nodes[i5]
		i5 = next(i5, n, keys[n>>20&packedColumns])
		n = nodes[i6]
		i6 = next(i6, n, keys[n>>20&packedColumns])
		n = nodes[i7]
		i7 = next(i7, n, keys[n>>20&packedColumns])
	}
	for range depth - min(depth, shallow) {
		n := nodes[i0]
		moved := n
		i0 = next(i0, n, keys[n>>20&packedColumns])
		n = nodes[i1]
		moved |= n
		i1 = next(i1, n, keys[n>>20&packedColumns])
		n = nodes[i2]
		moved |= n
		i2 = next(i2, n, keys[n>>20&packedColumns])
		n = nodes[i3]
		moved |= n
		i3 = next(i3, n, keys[n>>20&packedColumns])
		n = nodes[i4]
		moved |= n
		i4 = next(i4, n, keys[n>>20&packedColumns])
		n = nodes[i5]
		moved |= n
		i5 = next(i5, n, keys[n>>20&packedColumns])
		n = nodes[i6]
		moved |= n
		i6 = next(i6, n, keys[n>>20&packedColumns])
		n = nodes[i7]
		moved |= n
		i7 = next(i7, n, keys[n>>20&packedColumns])
		if moved&packedDistance == 0 {
			break
		}
	}
	*out = lane{int32(i0), int32(i1), int32(i2), int32(i3), int32(i4), int32(i5), int32(i6), int32(i7)}
}

// sum adds the trees' values to scores, which start at zero, like forest.sum.
func (p *packed) sum(c *call, x []float32, rows, stride int, scores []float32) {
	targets := p.forest.ensemble.targets
	if rows < lanes/2 {
		for r := range rows {
			p.sumRow(c, x[r*stride:(r+1)*stride], scores[r*targets:(r+1)*targets])
		}
		return
	}
	c.scratch.lanes = p.keysOf(c.scratch.lanes, x, rows, stride)
	keys, width := c.scratch.lanes, len(p.columns)
	if p.forest.only < 0 {
		for i := range p.forest.trees {
			p.sumTargets(keys, width, p.roots[i], &p.forest.trees[i], scores, targets)
		}
		return
	}
	var buffer [blockRows]float32
	sums := buffer[:rows]
	for i := range p.forest.trees {
		if depth := p.forest.trees[i].depth; depth == 1 {
			p.sumStump(keys, width, p.roots[i], sums)
		} else {
			p.sumSingle(keys, width, p.roots[i], depth, sums)
		}
	}
	for r, v := range sums {
		scores[r*targets+p.forest.only] = v
	}
}

// sumStump is for a tree of one split.
func (p *packed) sumStump(keys []lane, width int, root int32, scores []float32) {
	n := p.nodes[root]
	left := int(root) + int(n&packedDistance)
	values := [2]float32{p.values[left], p.values[left+1]}
	threshold := int64(n) >> 32
	at := int(n >> 20 & packedColumns)
	for len(scores) >= lanes {
		k, to := &keys[at], (*[lanes]float32)(scores)
		for i := range to {
			to[i] += values[uint64(threshold-int64(k[i]))>>63]
		}
		scores = scores[lanes:]
		at += width
	}
	for i := range scores {
		scores[i] += values[uint64(threshold-int64(keys[at][i]))>>63]
	}
}

// sumSingle is for trees of one target.
func (p *packed) sumSingle(keys []lane, width int, root, depth int32, scores []float32) {
	var found lane
	values := p.values
	for len(scores) >= lanes {
		p.descendRows(keys[:width], root, depth, &found)
		to := (*[lanes]float32)(scores)
		for i, leaf := range found {
			to[i] += values[leaf]
		}
		scores = scores[lanes:]
		keys = keys[width:]
	}
	if len(scores) > 0 {
		p.descendRows(keys[:width], root, depth, &found)
		for i := range scores {
			scores[i] += values[found[i]]
		}
	}
}

func (p *packed) sumTargets(keys []lane, width int, root int32, t *tree, scores []float32, targets int) {
	var found lane
	for len(scores) > 0 {
		p.descendRows(keys[:width], root, t.depth, &found)
		keys = keys[width:]
		for _, leaf := range found {
			if len(scores) == 0 {
				break
			}
			p.add(t, leaf, scores)
			scores = scores[targets:]
		}
	}
}

// add adds the weights of a leaf to the scores of a row.
func (p *packed) add(t *tree, leaf int32, scores []float32) {
	if t.target >= 0 {
		scores[t.target] += p.values[leaf]
		return
	}
	p.forest.addWeights(p.leaves[leaf], scores)
}

// sumRow walks one row through eight trees at a time.
func (p *packed) sumRow(c *call, row, scores []float32) {
	c.scratch.order = grow(c.scratch.order, len(p.columns))
	keys := c.scratch.order
	for i, col := range p.columns {
		keys[i] = columnKey(row[col.feature], col.kind)
	}
	trees, roots := p.forest.trees, p.roots
	var found lane
	for i := 0; len(trees) >= lanes; trees, roots, i = trees[lanes:], roots[lanes:], i+1 {
		p.descendTrees(keys, roots, p.depths[i], &found)
		p.addFound(trees, &found, scores)
	}
	if len(trees) > 0 {
		// The last few trees fill their group with the last of them.
		var rest [lanes]int32
		depth := int32(0)
		for i := range rest {
			at := min(i, len(trees)-1)
			rest[i] = roots[at]
			depth = max(depth, trees[at].depth)
		}
		p.descendTrees(keys, rest[:], depth, &found)
		p.addFound(trees, &found, scores)
	}
}

// addFound adds the leaves found in up to eight trees, in their order.
func (p *packed) addFound(trees []tree, found *lane, scores []float32) {
	n := min(len(trees), lanes)
	if only := p.forest.only; only >= 0 {
		score := scores[only]
		for _, leaf := range found[:n] {
			score += p.values[leaf]
		}
		scores[only] = score
		return
	}
	for i, leaf := range found[:n] {
		p.add(&trees[i], leaf, scores)
	}
}
