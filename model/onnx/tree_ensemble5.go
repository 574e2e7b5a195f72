package onnx

import (
	"math"
	"slices"
)

// The enumerations of TreeEnsemble, version 5. The specification numbers SOFTMAX 1
// and LOGISTIC 2; ONNX Runtime takes them the other way round.
var (
	branchModes5 = [...]BranchMode{LessOrEqual, LessThan, GreaterOrEqual, GreaterThan, EqualTo, NotEqual}
	aggregates5  = [...]Aggregate{AggregateAverage, AggregateSum, AggregateMin, AggregateMax}
	transforms5  = [...]transform{transformNone, transformLogistic, transformSoftmax, transformSoftmaxZero, transformProbit}
)

// memberMode5 is BRANCH_MEMBER: the value is one of a set. Here the engine follows
// the specification: ONNX Runtime 1.32 truncates values that are not whole for
// some sets and not for others.
const memberMode5 = 6

// compileTreeEnsemble compiles TreeEnsemble, in which leaves are listed apart
// from nodes and thresholds are tensors of the input's type.
func compileTreeEnsemble(n *node) (kernel, error) {
	if err := n.arity(1, 1, 1); err != nil {
		return nil, err
	}
	if n.opset < 5 {
		return nil, n.refuse("it exists from opset 5 on")
	}
	aggregate, post := n.int("aggregate_function", 1), n.int("post_transform", 0)
	if aggregate < 0 || int(aggregate) >= len(aggregates5) || post < 0 || int(post) >= len(transforms5) {
		return nil, n.refuse("aggregate_function %d or post_transform %d is not known", aggregate, post)
	}
	e, err := n.ensemble5()
	if err != nil {
		return nil, err
	}
	e.input = n.in[0].name
	e.aggregate, e.transform = aggregates5[aggregate], transforms5[post]
	if dims := n.in[0].dims; len(dims) == 2 && dims[1] >= 0 && dims[1] < e.features {
		return nil, n.refuse("feature %d of %d is compared", e.features-1, dims[1])
	}
	e.sameOut = true
	n.ensemble = e
	dims := []int{rowsOf(n.in[0].dims), e.targets}
	switch n.in[0].typ {
	case Float32:
		n.result(0, Float32, dims)
		return forestKernel(newForest[float32](e), finishRegression[float32](e), nil), nil
	case Float64:
		e.double = true
		n.result(0, Float64, dims)
		return forestKernel(newForest[float64](e), finishRegression[float64](e), nil), nil
	}
	return nil, n.refuseType(n.in[0].typ)
}

// ensemble5 reads the structure. Leaves get numbers after the nodes; a node that
// tests membership becomes a chain of equalities that share the true child.
func (n *node) ensemble5() (*Ensemble, error) {
	n.ignore("nodes_hitrates")
	features, truths, falses := n.ints("nodes_featureids"), n.ints("nodes_truenodeids"), n.ints("nodes_falsenodeids")
	truthLeaves, falseLeaves := n.ints("nodes_trueleafs"), n.ints("nodes_falseleafs")
	missing, roots := n.ints("nodes_missing_value_tracks_true"), n.ints("tree_roots")
	leafTargets, targets := n.ints("leaf_targetids"), n.int("n_targets", 1)
	splits, weights, members, modes := n.tensor("nodes_splits"), n.tensor("leaf_weights"), n.tensor("membership_values"), n.tensor("nodes_modes")
	if n.err != nil {
		return nil, n.err
	}
	if splits == nil || weights == nil || modes == nil || modes.typ != Uint8 ||
		splits.typ != n.in[0].typ || weights.typ != n.in[0].typ || members != nil && members.typ != n.in[0].typ {
		return nil, n.refuse("splits, weights and members must be tensors of the input's type, modes one of uint8")
	}
	thresholds, err := doubles(splits)
	if err != nil {
		return nil, n.refuse("%s", err)
	}
	values, err := doubles(weights)
	if err != nil {
		return nil, n.refuse("%s", err)
	}
	var sets [][]float64
	if members != nil {
		flat, err := doubles(members)
		if err != nil {
			return nil, n.refuse("%s", err)
		}
		sets = splitSets(flat)
	}
	size := len(thresholds)
	for _, l := range []int{len(features), len(truths), len(falses), len(truthLeaves), len(falseLeaves), len(modes.u8)} {
		if l != size {
			return nil, n.refuse("the lists of nodes differ in length: %d and %d", size, l)
		}
	}
	if len(missing) != 0 && len(missing) != size || len(values) != len(leafTargets) || len(roots) == 0 {
		return nil, n.refuse("the lists of flags, weights or roots differ in length from their nodes")
	}
	if targets < 1 || targets > 1<<15 || size == 0 || size+len(values) > n.limits.TreeNodes {
		return nil, n.refuse("%d targets, %d nodes and %d leaves", targets, size, len(values))
	}
	e := &Ensemble{targets: int(targets), nodes: make([]TreeNode, size+len(values))}
	child := func(id, leaf int64) (int32, error) {
		limit, base := int64(size), int64(0)
		if leaf != 0 {
			limit, base = int64(len(values)), int64(size)
		}
		if id < 0 || id >= limit {
			return 0, n.refuse("node or leaf %d is not there", id)
		}
		return int32(base + id), nil
	}
	for i := range size {
		node := &e.nodes[i]
		if node.True, err = child(truths[i], truthLeaves[i]); err != nil {
			return nil, err
		}
		if node.False, err = child(falses[i], falseLeaves[i]); err != nil {
			return nil, err
		}
		if features[i] < 0 || features[i] >= 1<<24 {
			return nil, n.refuse("feature %d is out of range", features[i])
		}
		node.Feature, node.Threshold = int32(features[i]), thresholds[i]
		node.MissingTrue = len(missing) > 0 && missing[i] != 0
		switch mode := modes.u8[i]; {
		case int(mode) < len(branchModes5):
			node.Mode = branchModes5[mode]
		case mode == memberMode5 && len(sets) > 0:
			if len(e.nodes)+len(sets[0]) > n.limits.TreeNodes {
				return nil, n.refuse("the sets of members are too large")
			}
			e.addMembers(i, sets[0])
			sets = sets[1:]
		default:
			return nil, n.refuse("node %d has mode %d or no set of members", i, mode)
		}
	}
	for _, root := range roots {
		at, err := child(root, 0)
		if err != nil {
			return nil, err
		}
		e.roots = append(e.roots, at)
	}
	if err := e.link(n.limits); err != nil {
		return nil, n.refuse("%s", err)
	}
	leaves := make([]int32, len(values))
	for i := range leaves {
		leaves[i] = int32(size + i)
	}
	if err := e.weigh(leaves, leafTargets, values); err != nil {
		return nil, n.refuse("%s", err)
	}
	return e, nil
}

// splitSets cuts the members of all sets, each ended by a NaN.
func splitSets(flat []float64) [][]float64 {
	var sets [][]float64
	for len(flat) > 0 {
		end := slices.IndexFunc(flat, func(v float64) bool { return v != v })
		if end < 0 {
			return append(sets, flat)
		}
		sets = append(sets, flat[:end])
		flat = flat[end+1:]
	}
	return sets
}

// addMembers turns node i into the first of a chain of equalities. An empty set
// has no members: no number equals NaN.
func (e *Ensemble) addMembers(i int, members []float64) {
	node := e.nodes[i]
	if len(members) == 0 {
		members = []float64{math.NaN()}
	}
	node.Mode = EqualTo
	at := i
	for k, v := range members {
		node.Threshold = v
		e.nodes[at] = node
		if k+1 < len(members) {
			next := len(e.nodes)
			e.nodes[at].False = int32(next)
			e.nodes = append(e.nodes, TreeNode{})
			at = next
		}
	}
}
