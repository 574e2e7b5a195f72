package onnx

import (
	"bytes"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
)

// rowwise tells whether all inputs and outputs of a golden are tables of as many
// rows, so that rows can be taken apart.
func rowwise(g golden) bool {
	if len(g.inputs) == 0 || len(g.inputs[0].dims) == 0 {
		return false
	}
	rows := g.inputs[0].dims[0]
	for _, t := range append(slices.Clone(g.inputs), g.outputs...) {
		if len(t.dims) == 0 || t.dims[0] != rows {
			return false
		}
	}
	return true
}

// pick returns the given rows of a tensor.
func pick(t *Tensor, rows []int) Tensor {
	out := Tensor{typ: t.typ, dims: slices.Clone(t.dims)}
	out.dims[0] = len(rows)
	width := t.Len() / t.dims[0]
	for _, r := range rows {
		switch t.typ {
		case Float32:
			out.f32 = append(out.f32, t.f32[r*width:(r+1)*width]...)
		case Float64:
			out.f64 = append(out.f64, t.f64[r*width:(r+1)*width]...)
		case Int32:
			out.i32 = append(out.i32, t.i32[r*width:(r+1)*width]...)
		case Int64:
			out.i64 = append(out.i64, t.i64[r*width:(r+1)*width]...)
		case Uint8:
			out.u8 = append(out.u8, t.u8[r*width:(r+1)*width]...)
		case Bool:
			out.b = append(out.b, t.b[r*width:(r+1)*width]...)
		case String:
			out.str = append(out.str, t.str[r*width:(r+1)*width]...)
		}
	}
	return out
}

// identical compares bit for bit.
func identical(a, b *Tensor) bool {
	if a.typ != b.typ || !slices.Equal(a.dims, b.dims) {
		return false
	}
	return slices.EqualFunc(a.f32, b.f32, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) }) &&
		slices.EqualFunc(a.f64, b.f64, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) }) &&
		slices.Equal(a.i32, b.i32) && slices.Equal(a.i64, b.i64) && slices.Equal(a.u8, b.u8) &&
		slices.Equal(a.b, b.b) && slices.Equal(a.str, b.str)
}

// clone copies a tensor, so that it outlives the session that made it.
func clone(t *Tensor) Tensor {
	return Tensor{
		typ: t.typ, dims: slices.Clone(t.dims),
		f32: slices.Clone(t.f32), f64: slices.Clone(t.f64),
		i32: slices.Clone(t.i32), i64: slices.Clone(t.i64),
		u8: slices.Clone(t.u8), b: slices.Clone(t.b), str: slices.Clone(t.str),
	}
}

func clones(ts []Tensor) []Tensor {
	out := make([]Tensor, len(ts))
	for i := range ts {
		out[i] = clone(&ts[i])
	}
	return out
}

func mustRun(t testing.TB, s *Session, inputs []Tensor) []Tensor {
	t.Helper()
	outputs, err := s.Run(inputs)
	if err != nil {
		t.Fatal(err)
	}
	return clones(outputs)
}

// TestRows holds, for every golden that is row by row: a batch equals its rows
// one by one bit for bit, the order of rows does not matter, and inputs stay as
// they were.
func TestRows(t *testing.T) {
	tested := 0
	for _, path := range goldenFiles(t) {
		t.Run(goldenName(path), func(t *testing.T) {
			g := readGolden(t, path)
			p, err := Load(g.model, DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			s := p.NewSession()
			before := clones(g.inputs)
			batch := mustRun(t, s, g.inputs)
			for i := range before {
				if !identical(&before[i], &g.inputs[i]) {
					t.Fatalf("the run changed input %d", i)
				}
			}
			if !rowwise(g) {
				return
			}
			tested++
			rows := g.inputs[0].dims[0]
			order := rand.New(rand.NewPCG(1, 2)).Perm(rows)
			check := func(what string, chosen []int) {
				var inputs []Tensor
				for i := range g.inputs {
					inputs = append(inputs, pick(&g.inputs[i], chosen))
				}
				got := mustRun(t, s, inputs)
				for i := range got {
					want := pick(&batch[i], chosen)
					if !identical(&got[i], &want) {
						t.Fatalf("%s: output %q differs from the batch's: %v, %v", what, p.outputs[i].Name, got[i], want)
					}
				}
			}
			for r := range rows {
				check("single row", []int{r})
			}
			check("other order", order)
			check("five rows", order[:5])
			check("many rows", slices.Concat(order, order, order, order[:7]))
		})
	}
	if tested < 120 {
		t.Errorf("only %d models were tested row by row", tested)
	}
}

// TestConcurrentRuns runs one program from many goroutines; the race detector
// watches in CI.
func TestConcurrentRuns(t *testing.T) {
	for i, path := range goldenFiles(t) {
		if i%6 != 0 {
			continue
		}
		g := readGolden(t, path)
		p, err := Load(g.model, DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		want := mustRun(t, p.NewSession(), g.inputs)
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				s := p.NewSession()
				for range 3 {
					got, err := s.Run(g.inputs)
					if err != nil {
						t.Error(err)
						return
					}
					for k := range got {
						if !identical(&got[k], &want[k]) {
							t.Errorf("%s: a concurrent run differs", path)
						}
					}
				}
			})
		}
		wait.Wait()
	}
}

// TestLoadKeepsFile: Load neither changes the bytes nor keeps them.
func TestLoadKeepsFile(t *testing.T) {
	g := readGolden(t, "testdata/goldens/head-20-terms.zip")
	file := bytes.Clone(g.model)
	p, err := Load(file, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(file, g.model) {
		t.Fatal("Load changed the file")
	}
	want := mustRun(t, p.NewSession(), g.inputs)
	clear(file)
	got := mustRun(t, p.NewSession(), g.inputs)
	for i := range got {
		if !identical(&got[i], &want[i]) {
			t.Fatal("the program reads the file's bytes after Load")
		}
	}
}

// TestNoAllocations: a warm session allocates nothing.
func TestNoAllocations(t *testing.T) {
	for _, name := range []string{"head-20-terms", "logistic", "xgboost-depth-3", "xgboost-multiclass", "random-forest-classifier",
		"mlp-relu", "lightgbm-binary-missing", "gradient-boosting-classifier", "standard-scaler", "tree-cancellation"} {
		t.Run(name, func(t *testing.T) {
			g := readGolden(t, "testdata/goldens/"+name+".zip")
			p, err := Load(g.model, DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			s := p.NewSession()
			columns := g.inputs[0].dims[1]
			for _, rows := range []int{1, 64} {
				x := g.inputs[0].f32[:rows*columns]
				allocations := testing.AllocsPerRun(20, func() {
					if _, err := s.RunRows(x, rows); err != nil {
						t.Fatal(err)
					}
				})
				if allocations != 0 {
					t.Errorf("%d rows: %v allocations", rows, allocations)
				}
			}
		})
	}
}

// TestLoadIsLean: a model of some size is loaded in under a second and under ten
// times its size in memory at any time, of which little stays.
func TestLoadIsLean(t *testing.T) {
	const trees, leaves = 40, 512
	var n []int64
	var ids, features, truths, falses, treeIDs []int64
	var modes []string
	for tree := range int64(trees) {
		for i := range int64(2*leaves - 1) {
			treeIDs, ids = append(treeIDs, tree), append(ids, i)
			features = append(features, i%3)
			if i < leaves-1 {
				modes, truths, falses = append(modes, "BRANCH_LEQ"), append(truths, 2*i+1), append(falses, 2*i+2)
			} else {
				modes, truths, falses = append(modes, "LEAF"), append(truths, 0), append(falses, 0)
				n = append(n, tree, i)
			}
		}
	}
	var weightTrees, weightNodes []int64
	for i := 0; i < len(n); i += 2 {
		weightTrees, weightNodes = append(weightTrees, n[i]), append(weightNodes, n[i+1])
	}
	file := unaryFile(graphNode("TreeEnsembleRegressor", mlDomain, "trees", "X", "Y",
		integer("n_targets", 3), ints("nodes_treeids", treeIDs...), ints("nodes_nodeids", ids...),
		ints("nodes_featureids", features...), stringsOf("nodes_modes", modes...),
		floats("nodes_values", make([]float32, len(ids))...), ints("nodes_truenodeids", truths...),
		ints("nodes_falsenodeids", falses...), ints("target_treeids", weightTrees...),
		ints("target_nodeids", weightNodes...), ints("target_ids", make([]int64, len(weightNodes))...),
		floats("target_weights", make([]float32, len(weightNodes))...)))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	p, err := Load(file, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	allocated := float64(after.TotalAlloc-before.TotalAlloc) / float64(len(file))
	runtime.GC()
	runtime.ReadMemStats(&after)
	kept := (float64(after.HeapAlloc) - float64(before.HeapAlloc)) / float64(len(file))
	// What is allocated in all bounds what is there at a time; the collector keeps
	// that at some 7 times the file.
	if allocated > 22 || kept > 3 {
		t.Errorf("%d bytes: %.1f times as much allocated, %.1f times kept", len(file), allocated, kept)
	}
	runtime.KeepAlive(p)
}
