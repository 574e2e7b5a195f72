package explain

import (
	"fmt"
	"math"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"pgregory.net/rapid"

	"github.com/tarozi/tarozi/model/onnx"
)

// treeNode is a node of a made-up tree; a leaf has no mode. Children are numbers of later nodes, so that two nodes may share one.
type treeNode struct {
	mode      string
	feature   int
	threshold float32
	nanTrue   bool
	yes, no   int
	value     float32
}

type trees struct {
	nodes   [][]treeNode
	columns int
	average bool
}

func (n treeNode) holds(v float32) bool {
	if v != v {
		return n.nanTrue || n.mode == "BRANCH_NEQ"
	}
	switch n.mode {
	case "BRANCH_LEQ":
		return v <= n.threshold
	case "BRANCH_LT":
		return v < n.threshold
	case "BRANCH_GTE":
		return v >= n.threshold
	case "BRANCH_GT":
		return v > n.threshold
	case "BRANCH_EQ":
		return v == n.threshold
	default:
		return v != n.threshold
	}
}

// score is the definition, in float64: what brute force is computed with.
func (e trees) score(row []float32) float64 {
	total := 0.0
	for _, nodes := range e.nodes {
		at := 0
		for nodes[at].mode != "" {
			if n := nodes[at]; n.holds(row[n.feature]) {
				at = n.yes
			} else {
				at = n.no
			}
		}
		total += float64(nodes[at].value)
	}
	if e.average {
		total /= float64(len(e.nodes))
	}
	return total
}

// program writes the trees as ONNX and loads them.
func (e trees) program(t interface{ Fatal(...any) }) *onnx.Program {
	ints, floats, texts := map[string][]int64{}, map[string][]float32{}, map[string][]string{}
	put := func(name string, v int) { ints[name] = append(ints[name], int64(v)) }
	for tree, nodes := range e.nodes {
		for i, n := range nodes {
			put("nodes_treeids", tree)
			put("nodes_nodeids", i)
			put("nodes_featureids", n.feature)
			put("nodes_truenodeids", n.yes)
			put("nodes_falsenodeids", n.no)
			missing := 0
			if n.nanTrue {
				missing = 1
			}
			put("nodes_missing_value_tracks_true", missing)
			floats["nodes_values"] = append(floats["nodes_values"], n.threshold)
			mode := n.mode
			if mode == "" {
				mode = "LEAF"
				put("target_treeids", tree)
				put("target_nodeids", i)
				put("target_ids", 0)
				floats["target_weights"] = append(floats["target_weights"], n.value)
			}
			texts["nodes_modes"] = append(texts["nodes_modes"], mode)
		}
	}
	texts["aggregate_function"] = []string{"SUM"}
	if e.average {
		texts["aggregate_function"] = []string{"AVERAGE"}
	}
	p, err := onnx.Load(modelOf(e.columns, ints, floats, texts), onnx.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// modelOf is a ModelProto of one TreeEnsembleRegressor from X [N, columns] to margin [N, 1].
func modelOf(columns int, ints map[string][]int64, floats map[string][]float32, texts map[string][]string) []byte {
	text := func(b []byte, field int, s string) []byte {
		return protowire.AppendString(protowire.AppendTag(b, protowire.Number(field), protowire.BytesType), s)
	}
	number := func(b []byte, field int, v uint64) []byte {
		return protowire.AppendVarint(protowire.AppendTag(b, protowire.Number(field), protowire.VarintType), v)
	}
	nested := func(b []byte, field int, message []byte) []byte { return text(b, field, string(message)) }
	matrix := func(name string, columns int) []byte {
		shape := nested(nested(nil, 1, text(nil, 2, "N")), 1, number(nil, 1, uint64(columns)))
		return nested(text(nil, 1, name), 2, nested(nil, 1, nested(number(nil, 1, 1), 2, shape)))
	}
	node := text(text(text(text(nil, 1, "X"), 2, "margin"), 4, "TreeEnsembleRegressor"), 7, "ai.onnx.ml")
	for name, values := range ints {
		a := number(text(nil, 1, name), 20, 7)
		for _, v := range values {
			a = number(a, 8, uint64(v))
		}
		node = nested(node, 5, a)
	}
	for name, values := range floats {
		a := number(text(nil, 1, name), 20, 6)
		for _, v := range values {
			a = protowire.AppendFixed32(protowire.AppendTag(a, 7, protowire.Fixed32Type), math.Float32bits(v))
		}
		node = nested(node, 5, a)
	}
	for name, values := range texts {
		a := text(nil, 1, name)
		if name == "aggregate_function" {
			a = text(number(a, 20, 3), 4, values[0])
		} else {
			a = number(a, 20, 8)
			for _, v := range values {
				a = text(a, 9, v)
			}
		}
		node = nested(node, 5, a)
	}
	graph := nested(text(nested(nil, 1, node), 2, "trees"), 11, matrix("X", columns))
	graph = nested(graph, 12, matrix("margin", 1))
	model := nested(number(nil, 1, 8), 7, graph)
	model = nested(model, 8, number(text(nil, 1, ""), 2, 17))
	return nested(model, 8, number(text(nil, 1, "ai.onnx.ml"), 2, 3))
}

var modes = []string{"BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"}

// Values and thresholds come from a few numbers, so that ties and repeated features are the rule.
var values = []float32{-1, 0, 0.5, 1, 2}

func drawTree(t *rapid.T, columns int) []treeNode {
	size := rapid.IntRange(0, 6).Draw(t, "comparisons")
	leaves := rapid.IntRange(1, 4).Draw(t, "leaves")
	nodes := make([]treeNode, size+leaves)
	reached := make([]bool, len(nodes))
	reached[0] = true
	for i := range size {
		child := func(name string) int {
			c := rapid.IntRange(i+1, len(nodes)-1).Draw(t, name)
			reached[c] = reached[c] || reached[i]
			return c
		}
		nodes[i] = treeNode{mode: rapid.SampledFrom(modes).Draw(t, "mode"), feature: rapid.IntRange(0, columns-1).Draw(t, "feature"),
			threshold: rapid.SampledFrom(values).Draw(t, "threshold"), nanTrue: rapid.Bool().Draw(t, "nan"),
			yes: child("yes"), no: child("no")}
	}
	for i := size; i < len(nodes); i++ {
		nodes[i].value = float32(rapid.IntRange(-8, 8).Draw(t, "value")) / 8
	}
	return prune(nodes, reached)
}

// prune leaves out what no path reaches, which the engine refuses.
func prune(nodes []treeNode, reached []bool) []treeNode {
	place, kept := make([]int, len(nodes)), []treeNode{}
	for i, n := range nodes {
		if place[i] = len(kept); reached[i] {
			kept = append(kept, n)
		}
	}
	for i := range kept {
		if kept[i].mode != "" {
			kept[i].yes, kept[i].no = place[kept[i].yes], place[kept[i].no]
		}
	}
	return kept
}

func drawRow(t *rapid.T, columns int) []float32 {
	options := append([]float32{float32(math.NaN())}, values...)
	row := make([]float32, columns)
	for i := range row {
		row[i] = rapid.SampledFrom(options).Draw(t, "x")
	}
	return row
}

// drawCase makes trees, a row, and background rows: sometimes more than one set of them holds.
func drawCase(t *rapid.T) (e trees, row []float32, background [][]float32, factors []int) {
	e = trees{columns: rapid.IntRange(1, 6).Draw(t, "columns"), average: rapid.Bool().Draw(t, "average")}
	for range rapid.IntRange(1, 4).Draw(t, "trees") {
		e.nodes = append(e.nodes, drawTree(t, e.columns))
	}
	row = drawRow(t, e.columns)
	for range rapid.SampledFrom([]int{1, 2, 5, 130}).Draw(t, "background") {
		background = append(background, drawRow(t, e.columns))
	}
	factors = make([]int, e.columns)
	last := 0
	for i := range factors {
		factors[i] = rapid.IntRange(0, last).Draw(t, "factor")
		last = max(last, factors[i]+1)
	}
	return e, row, background, factors
}

func headOf(t interface{ Fatal(...any) }, e trees, background [][]float32, factors []int) *Head {
	h, err := NewHead(Setup{Program: e.program(t), Output: "margin", Factors: factors, Background: background})
	if err != nil {
		t.Fatal(err)
	}
	if h.Method() != Trees {
		t.Fatal("explained by", h.Method())
	}
	return h
}

func attributed(t interface{ Fatal(...any) }, h *Head, row []float32) *Attribution {
	a, err := h.Attribute(row)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func partsOf(t interface{ Fatal(...any) }, h *Head, row []float32) *Breakdown {
	b, err := Explain([]At{{Attribution: attributed(t, h, row), Curve: uncalibrated, Share: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// bruteForce is the Shapley value of each factor by its definition: over all orders' equivalent, all subsets of all factors,
// each worth the mean score of the person's values inside it with each background row's outside.
func bruteForce(score func([]float32) float64, row []float32, background [][]float32, factors []int, count int) []float64 {
	worth := make([]float64, 1<<count)
	mixed := make([]float32, len(row))
	for s := range worth {
		for _, z := range background {
			for i := range mixed {
				if mixed[i] = z[i]; s&(1<<factors[i]) != 0 {
					mixed[i] = row[i]
				}
			}
			worth[s] += score(mixed) / float64(len(background))
		}
	}
	factorial := func(n int) float64 { return math.Gamma(float64(n) + 1) }
	out := make([]float64, count)
	for j := range out {
		for s := range worth {
			if s&(1<<j) != 0 {
				continue
			}
			size := 0
			for i := range count {
				size += s >> i & 1
			}
			out[j] += factorial(size) * factorial(count-size-1) / factorial(count) * (worth[s|1<<j] - worth[s])
		}
	}
	return out
}

func TestTreesAreTheBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, row, background, factors := drawCase(t)
		h := headOf(t, e, background, factors)
		b := partsOf(t, h, row)
		checkSums(t, "trees", b)
		if off := b.TotalLogOdds - e.score(row); math.Abs(off) > 1e-9 {
			t.Errorf("the margin is off by %g", off)
		}
		for j, want := range bruteForce(e.score, row, background, factors, h.factors) {
			if got := b.LogOdds[0][j]; math.Abs(got-want) > 1e-9 {
				t.Errorf("factor %d is %v, brute force says %v", j, got, want)
			}
		}
	})
}

// Points too are a definition: of each background row's parts, times the step of the probability over that of the margin.
func TestPointsGoRowByRow(t *testing.T) {
	curve := platt{1.3, -0.2}
	rapid.Check(t, func(t *rapid.T) {
		e, row, background, factors := drawCase(t)
		h := headOf(t, e, background, factors)
		b, err := Explain([]At{{Attribution: attributed(t, h, row), Curve: curve, Share: 1}})
		if err != nil {
			t.Fatal(err)
		}
		checkSums(t, "calibrated trees", b)
		g := func(m float64) float64 { return 1 / (1 + math.Exp(-1.3*m+0.2)) }
		want := make([]float64, h.factors)
		baseline := 0.0
		for _, z := range background {
			m, r := e.score(row), e.score(z)
			baseline += g(r) / float64(len(background))
			step := 1.3 * g(m) * (1 - g(m))
			if math.Abs(m-r) > 1e-9 {
				step = (g(m) - g(r)) / (m - r)
			}
			for j, part := range bruteForce(e.score, row, [][]float32{z}, factors, h.factors) {
				want[j] += step * part / float64(len(background))
			}
		}
		if math.Abs(b.Baseline-baseline) > 1e-9 {
			t.Errorf("the baseline is %v, want %v", b.Baseline, baseline)
		}
		for j := range want {
			if math.Abs(b.Points[0][j]-want[j]) > 1e-9 {
				t.Errorf("factor %d: %v points, want %v", j, b.Points[0][j], want[j])
			}
			if math.Abs(b.LogOdds[0][j]-1.3*partsOf(t, h, row).LogOdds[0][j]) > 1e-9 {
				t.Errorf("factor %d: a slope of 1.3 does not carry its log-odds", j)
			}
		}
	})
}

func TestTreesAddUpTreeByTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, row, background, factors := drawCase(t)
		e.average = false
		h := headOf(t, e, background, factors)
		whole := partsOf(t, h, row)
		sum := make([]float64, h.factors)
		for _, tree := range e.nodes {
			one := partsOf(t, headOf(t, trees{nodes: [][]treeNode{tree}, columns: e.columns}, background, factors), row)
			for j, p := range one.LogOdds[0] {
				sum[j] += p
			}
		}
		for j, want := range sum {
			if got := whole.LogOdds[0][j]; math.Abs(got-want) > 1e-9 {
				t.Errorf("factor %d is %v, its trees sum to %v", j, got, want)
			}
		}
	})
}

func TestWhatNoTreeReadsIsWorthNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, row, background, _ := drawCase(t)
		e.columns++
		row = append(row, 2)
		for z := range background {
			background[z] = append(background[z], -1)
		}
		b := partsOf(t, headOf(t, e, background, nil), row)
		if last := e.columns - 1; b.LogOdds[0][last] != 0 || b.Points[0][last] != 0 {
			t.Errorf("a column that no tree reads is worth %v", b.LogOdds[0][last])
		}
	})
}

// Two columns that the trees treat alike, with the same values, are worth the same.
func TestAlikeIsWorthAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, row, background, _ := drawCase(t)
		e.columns++
		twin := e.columns - 1
		alike := func(row []float32) []float32 { return append(row, row[0]) }
		row = alike(row)
		for z := range background {
			background[z] = alike(background[z])
		}
		for _, tree := range e.nodes {
			mirrored := make([]treeNode, len(tree))
			for i, n := range tree {
				switch n.feature {
				case 0:
					n.feature = twin
				}
				mirrored[i] = n
			}
			e.nodes = append(e.nodes, mirrored)
		}
		b := partsOf(t, headOf(t, e, background, nil), row)
		if off := b.LogOdds[0][0] - b.LogOdds[0][twin]; math.Abs(off) > 1e-9 {
			t.Errorf("two columns that are alike differ by %g", off)
		}
	})
}

func TestConstantTrees(t *testing.T) {
	e := trees{columns: 2, nodes: [][]treeNode{{{value: 0.25}}, {{value: -1}}}}
	b := partsOf(t, headOf(t, e, [][]float32{{0, 0}, {1, 1}}, nil), []float32{2, float32(math.NaN())})
	if b.TotalLogOdds != -0.75 || b.BaselineLogOdds != -0.75 || fmt.Sprint(b.LogOdds) != "[[0 0]]" || fmt.Sprint(b.Points) != "[[0 0]]" {
		t.Errorf("constant trees are explained as %+v", b)
	}
}
