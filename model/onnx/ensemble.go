package onnx

import (
	"fmt"
	"math"
)

// BranchMode is the comparison of a tree's node: feature value on the left,
// threshold on the right.
type BranchMode uint8

// The comparisons, and Leaf for a node that has none.
const (
	Leaf BranchMode = iota
	LessOrEqual
	LessThan
	GreaterOrEqual
	GreaterThan
	EqualTo
	NotEqual
)

var branchModes = map[string]BranchMode{
	"LEAF": Leaf, "BRANCH_LEQ": LessOrEqual, "BRANCH_LT": LessThan, "BRANCH_GTE": GreaterOrEqual,
	"BRANCH_GT": GreaterThan, "BRANCH_EQ": EqualTo, "BRANCH_NEQ": NotEqual,
}

// TreeNode is one node of a tree.
type TreeNode struct {
	Mode BranchMode
	// MissingTrue sends a missing value (NaN) to True. Otherwise it goes to False,
	// except that NotEqual holds for NaN.
	MissingTrue bool
	Feature     int32
	// Threshold is exact: a float32 of the file widened.
	Threshold float64
	// True and False are the numbers of the children in the ensemble. In a leaf
	// they bound its weights.
	True, False int32
}

// Weight is what a leaf adds to one target.
type Weight struct {
	Target int32
	Value  float64
}

// Aggregate says how the trees' values for a target become one.
type Aggregate uint8

// The aggregate functions of tree ensembles.
const (
	AggregateSum Aggregate = iota
	AggregateAverage
	AggregateMin
	AggregateMax
)

// Ensemble is the structure of one tree ensemble operator, read-only.
type Ensemble struct {
	input     string
	features  int // one more than the highest feature that is compared
	targets   int
	depth     int
	double    bool
	sameOut   bool // the output has the input's type; else it is float
	aggregate Aggregate
	transform transform
	base      []float64
	nodes     []TreeNode
	weights   []Weight
	roots     []int32
	depths    []int32 // by tree
}

// Input is the name of the value that the trees read, rows by features.
func (e *Ensemble) Input() string { return e.input }

// Features is one more than the highest feature that any node compares.
func (e *Ensemble) Features() int { return e.features }

// Targets is the number of targets or classes.
func (e *Ensemble) Targets() int { return e.targets }

// Depth is the number of comparisons on the longest path.
func (e *Ensemble) Depth() int { return e.depth }

// Aggregate is the function over trees.
func (e *Ensemble) Aggregate() Aggregate { return e.aggregate }

// Base returns the base values, added after aggregation: none, one, or one for
// each target.
func (e *Ensemble) Base() []float64 { return append([]float64(nil), e.base...) }

// Trees is the number of trees.
func (e *Ensemble) Trees() int { return len(e.roots) }

// Root is the number of a tree's first node.
func (e *Ensemble) Root(tree int) int { return int(e.roots[tree]) }

// Nodes is the number of nodes of all trees.
func (e *Ensemble) Nodes() int { return len(e.nodes) }

// Node returns a node by its number.
func (e *Ensemble) Node(i int) TreeNode { return e.nodes[i] }

// Weights returns the weights of a leaf by its number. The slice is the
// ensemble's own and must not be written to.
func (e *Ensemble) Weights(leaf int) []Weight {
	n := e.nodes[leaf]
	return e.weights[n.True:n.False:n.False]
}

// holds says whether the comparison is true of a value.
func (n TreeNode) holds(v float64) bool {
	if v != v {
		return n.MissingTrue || n.Mode == NotEqual
	}
	switch n.Mode {
	case LessOrEqual:
		return v <= n.Threshold
	case LessThan:
		return v < n.Threshold
	case GreaterOrEqual:
		return v >= n.Threshold
	case GreaterThan:
		return v > n.Threshold
	case EqualTo:
		return v == n.Threshold
	}
	return v != n.Threshold
}

// Next returns the number of the child that a feature value leads to.
func (n TreeNode) Next(v float64) int {
	if n.holds(v) {
		return int(n.True)
	}
	return int(n.False)
}

// treeAttributes are the attributes of TreeEnsembleRegressor and
// TreeEnsembleClassifier, versions 1 and 3.
type treeAttributes struct {
	treeIDs, nodeIDs, features, truths, falses, missing []int64
	modes                                               []string
	values                                              []float64
	weightTrees, weightNodes, weightTargets             []int64
	weights                                             []float64
}

// reals reads a list of floats that may also be given as a tensor of doubles.
func (n *node) reals(name string) []float64 {
	single, t := n.floats(name), n.tensor(name+"_as_tensor")
	if t == nil {
		out := make([]float64, len(single))
		for i, v := range single {
			out[i] = float64(v)
		}
		return out
	}
	if single != nil && n.err == nil {
		n.err = n.refuse("attribute %q is given twice", name)
	}
	values, err := doubles(t)
	if err != nil && n.err == nil {
		n.err = n.refuse("attribute %q: %s", name+"_as_tensor", err)
	}
	return values
}

// doubles widens a tensor of float or double.
func doubles(t *Tensor) ([]float64, error) {
	switch t.typ {
	case Float64:
		return t.f64, nil
	case Float32:
		out := make([]float64, len(t.f32))
		for i, v := range t.f32 {
			out[i] = float64(v)
		}
		return out, nil
	}
	return nil, fmt.Errorf("%s where float or double is needed", t.typ)
}

func (n *node) treeAttributes(weights string) treeAttributes {
	n.ignore("nodes_hitrates", "nodes_hitrates_as_tensor")
	return treeAttributes{
		treeIDs: n.ints("nodes_treeids"), nodeIDs: n.ints("nodes_nodeids"),
		features: n.ints("nodes_featureids"), truths: n.ints("nodes_truenodeids"),
		falses: n.ints("nodes_falsenodeids"), missing: n.ints("nodes_missing_value_tracks_true"),
		modes: n.strings("nodes_modes"), values: n.reals("nodes_values"),
		weightTrees: n.ints(weights + "_treeids"), weightNodes: n.ints(weights + "_nodeids"),
		weightTargets: n.ints(weights + "_ids"), weights: n.reals(weights + "_weights"),
	}
}

// ensemble checks the attributes and links the trees.
func (a treeAttributes) ensemble(targets int64, limits Limits) (*Ensemble, error) {
	size := len(a.treeIDs)
	for _, n := range []int{len(a.nodeIDs), len(a.features), len(a.truths), len(a.falses), len(a.modes), len(a.values)} {
		if n != size {
			return nil, fmt.Errorf("the lists of nodes differ in length: %d and %d", size, n)
		}
	}
	if size == 0 || size > limits.TreeNodes {
		return nil, fmt.Errorf("the trees have %d nodes, allowed are 1 to %d", size, limits.TreeNodes)
	}
	if len(a.missing) != 0 && len(a.missing) != size {
		return nil, fmt.Errorf("%d flags for missing values of %d nodes", len(a.missing), size)
	}
	if targets < 1 || targets > math.MaxInt16 {
		return nil, fmt.Errorf("%d targets", targets)
	}
	e := &Ensemble{nodes: make([]TreeNode, size), targets: int(targets)}
	numbers, err := numberNodes(a.treeIDs, a.nodeIDs)
	if err != nil {
		return nil, err
	}
	for i := range e.nodes {
		if i == 0 || a.treeIDs[i] != a.treeIDs[i-1] {
			e.roots = append(e.roots, int32(i))
		}
		mode, known := branchModes[a.modes[i]]
		if !known {
			return nil, fmt.Errorf("mode %q is not known", a.modes[i])
		}
		e.nodes[i].Mode = mode
		if mode == Leaf {
			continue
		}
		e.nodes[i].Threshold = a.values[i]
		e.nodes[i].MissingTrue = len(a.missing) > 0 && a.missing[i] != 0
		if a.features[i] < 0 || a.features[i] >= 1<<24 {
			return nil, fmt.Errorf("feature %d is out of range", a.features[i])
		}
		e.nodes[i].Feature = int32(a.features[i])
	}
	for i := range e.nodes {
		n := &e.nodes[i]
		if n.Mode == Leaf {
			continue
		}
		t, okT := numbers.find(a.treeIDs[i], a.truths[i])
		f, okF := numbers.find(a.treeIDs[i], a.falses[i])
		if !okT || !okF {
			return nil, fmt.Errorf("node %d of tree %d has a child that is not there", a.nodeIDs[i], a.treeIDs[i])
		}
		n.True, n.False = t, f
	}
	// Weights are joined to leaves in the file's order, by counting.
	if len(a.weightNodes) != len(a.weightTrees) || len(a.weightTargets) != len(a.weightTrees) || len(a.weights) != len(a.weightTrees) {
		return nil, fmt.Errorf("the lists of weights differ in length")
	}
	leaves := make([]int32, len(a.weights))
	for i := range leaves {
		leaf, ok := numbers.find(a.weightTrees[i], a.weightNodes[i])
		if !ok {
			return nil, fmt.Errorf("weight %d is of node %d of tree %d, which is not there", i, a.weightNodes[i], a.weightTrees[i])
		}
		leaves[i] = leaf
	}
	if err := e.link(limits); err != nil {
		return nil, err
	}
	return e, e.weigh(leaves, a.weightTargets, a.weights)
}

// nodeNumbers finds a node by the ids of its tree and of itself.
type nodeNumbers map[int64]treeNumbers

// treeNumbers are the nodes of one tree: from first on, in the order of their
// ids, which begin at 0; or listed where an exporter numbers them otherwise.
type treeNumbers struct {
	first, count int32
	listed       map[int64]int32
}

func numberNodes(trees, nodes []int64) (nodeNumbers, error) {
	numbers := nodeNumbers{}
	for first := 0; first < len(trees); {
		last, ordered := first, true
		for last < len(trees) && trees[last] == trees[first] {
			ordered = ordered && nodes[last] == int64(last-first)
			last++
		}
		if _, twice := numbers[trees[first]]; twice {
			return nil, fmt.Errorf("the nodes of tree %d are not together", trees[first])
		}
		t := treeNumbers{first: int32(first), count: int32(last - first)}
		if !ordered {
			t.listed = make(map[int64]int32, last-first)
			for i := first; i < last; i++ {
				if _, twice := t.listed[nodes[i]]; twice {
					return nil, fmt.Errorf("tree %d has two nodes %d", trees[i], nodes[i])
				}
				t.listed[nodes[i]] = int32(i)
			}
		}
		numbers[trees[first]] = t
		first = last
	}
	return numbers, nil
}

func (n nodeNumbers) find(tree, node int64) (int32, bool) {
	t, ok := n[tree]
	if !ok {
		return 0, false
	}
	if t.listed != nil {
		i, ok := t.listed[node]
		return i, ok
	}
	if node < 0 || node >= int64(t.count) {
		return 0, false
	}
	return t.first + int32(node), true
}

// link checks that every node hangs together with the root of its tree, without
// a cycle and within the depth allowed. Two nodes may share a child: exports of
// categorical splits do.
func (e *Ensemble) link(limits Limits) error {
	const open, done = -1, -2
	depths := make([]int32, len(e.nodes)) // below each node, once done
	state := make([]int8, len(e.nodes))
	var stack []int32
	for _, root := range e.roots {
		stack = append(stack[:0], root)
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			n := e.nodes[i]
			if n.Mode == Leaf || state[i] == done {
				state[i] = done
				stack = stack[:len(stack)-1]
				continue
			}
			if state[i] == open {
				depth := 1 + max(depths[n.True], depths[n.False])
				if int(depth) > limits.TreeDepth {
					return fmt.Errorf("a tree is deeper than the limit of %d", limits.TreeDepth)
				}
				depths[i], state[i] = depth, done
				e.features = max(e.features, int(n.Feature)+1)
				stack = stack[:len(stack)-1]
				continue
			}
			state[i] = open
			for _, child := range [2]int32{n.True, n.False} {
				if state[child] == open {
					return fmt.Errorf("node number %d is its own ancestor", child)
				}
				if state[child] != done {
					stack = append(stack, child)
				}
			}
		}
		e.depth = max(e.depth, int(depths[root]))
		e.depths = append(e.depths, depths[root])
	}
	for i, s := range state {
		if s != done {
			return fmt.Errorf("node number %d is not reached from the first node of its tree", i)
		}
	}
	return nil
}

// weigh sorts the weights to their leaves. ONNX Runtime leaves out the weights
// of nodes that are no leaves.
func (e *Ensemble) weigh(leaves []int32, targets []int64, values []float64) error {
	total := int32(0)
	for _, leaf := range leaves {
		if n := &e.nodes[leaf]; n.Mode == Leaf {
			n.False++
		}
	}
	for i := range e.nodes {
		if n := &e.nodes[i]; n.Mode == Leaf {
			n.True, n.False, total = total, total, total+n.False
		}
	}
	e.weights = make([]Weight, total)
	for i, leaf := range leaves {
		n := &e.nodes[leaf]
		if n.Mode != Leaf {
			continue
		}
		if targets[i] < 0 || targets[i] >= int64(e.targets) {
			return fmt.Errorf("weight %d is for target %d of %d", i, targets[i], e.targets)
		}
		for _, w := range e.weights[n.True:n.False] {
			if w.Target == int32(targets[i]) {
				return fmt.Errorf("node number %d has two weights for target %d", leaf, targets[i])
			}
		}
		e.weights[n.False] = Weight{int32(targets[i]), values[i]}
		n.False++
	}
	return nil
}
