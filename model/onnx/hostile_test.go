package onnx

import (
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// The writers below make model files field by field, valid or not.

func message(field protowire.Number, content ...[]byte) []byte {
	var body []byte
	for _, c := range content {
		body = append(body, c...)
	}
	return protowire.AppendBytes(protowire.AppendTag(nil, field, protowire.BytesType), body)
}

func text(field protowire.Number, s string) []byte { return message(field, []byte(s)) }

func whole(field protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, field, protowire.VarintType), uint64(v))
}

func ints(name string, values ...int64) []byte {
	parts := [][]byte{text(1, name), whole(20, attributeInts)}
	for _, v := range values {
		parts = append(parts, whole(8, v))
	}
	return message(5, parts...)
}

func integer(name string, v int64) []byte {
	return message(5, text(1, name), whole(20, attributeInt), whole(3, v))
}

func floats(name string, values ...float32) []byte {
	parts := [][]byte{text(1, name), whole(20, attributeFloats)}
	for _, v := range values {
		parts = append(parts, protowire.AppendFixed32(protowire.AppendTag(nil, 7, protowire.Fixed32Type), math.Float32bits(v)))
	}
	return message(5, parts...)
}

func stringsOf(name string, values ...string) []byte {
	parts := [][]byte{text(1, name), whole(20, attributeStrings)}
	for _, v := range values {
		parts = append(parts, text(9, v))
	}
	return message(5, parts...)
}

func graphNode(op, domain, name, inputs, outputs string, attributes ...[]byte) []byte {
	var parts [][]byte
	for _, in := range strings.Fields(inputs) {
		parts = append(parts, text(1, strings.Trim(in, "_")))
	}
	for _, out := range strings.Fields(outputs) {
		parts = append(parts, text(2, out))
	}
	parts = append(parts, text(3, name), text(4, op), text(7, domain))
	return message(1, append(parts, attributes...)...)
}

func tensorProto(field protowire.Number, name string, typ int64, dims []int64, raw []byte) []byte {
	var parts [][]byte
	for _, d := range dims {
		parts = append(parts, whole(1, d))
	}
	return message(field, append(parts, whole(2, typ), text(8, name), message(9, raw))...)
}

// inout describes an input (11) or output (12) of float; -1 is an open dimension.
func inout(field protowire.Number, name string, typ int64, dims ...int64) []byte {
	var shape []byte
	for _, d := range dims {
		if d < 0 {
			shape = append(shape, message(1, text(2, "N"))...)
		} else {
			shape = append(shape, message(1, whole(1, d))...)
		}
	}
	return message(field, text(1, name), message(2, message(1, whole(1, typ), message(2, shape))))
}

func modelFile(parts ...[]byte) []byte {
	file := append(whole(1, 8), message(7, parts...)...)
	file = append(file, message(8, text(1, ""), whole(2, 17))...)
	return append(file, message(8, text(1, mlDomain), whole(2, 3))...)
}

// unary is X -> op -> Y.
func unaryFile(node []byte, more ...[]byte) []byte {
	return modelFile(append([][]byte{node, inout(11, "X", wireFloat, -1, 3), inout(12, "Y", wireFloat, -1, 3)}, more...)...)
}

// treeFile has one tree of nodes 0 to n-1: modes, true and false children given.
func treeFile(modes []string, features, truths, falses []int64, more ...[]byte) []byte {
	n := len(modes)
	zeros, ids := make([]int64, n), counted(n)
	return unaryFile(graphNode("TreeEnsembleRegressor", mlDomain, "trees", "X", "Y", append([][]byte{
		integer("n_targets", 3), ints("nodes_treeids", zeros...), ints("nodes_nodeids", ids...), ints("nodes_featureids", features...),
		stringsOf("nodes_modes", modes...), floats("nodes_values", make([]float32, n)...),
		ints("nodes_truenodeids", truths...), ints("nodes_falsenodeids", falses...),
		ints("target_treeids", 0), ints("target_nodeids", int64(n-1)), ints("target_ids", 0), floats("target_weights", 1),
	}, more...)...))
}

type hostileFile struct {
	name  string
	bytes []byte
	// want is part of the error, of Load or else of a run.
	want string
}

func hostileFiles(t testing.TB) []hostileFile {
	identity := graphNode("Identity", "", "copy", "X", "Y")
	branch, leaf := "BRANCH_LEQ", "LEAF"
	nested := identity
	for range 2000 {
		nested = message(1, text(4, "If"), message(5, text(1, "then_branch"), whole(20, 5), message(6, nested)))
	}
	eight := func(v ...int64) []byte {
		var raw []byte
		for _, x := range v {
			raw = protowire.AppendFixed64(raw, uint64(x))
		}
		return raw
	}
	valid := unaryFile(identity)
	return []hostileFile{
		{"empty", nil, "0 graphs"},
		{"text", []byte("this is no model"), "not a valid ONNX model"},
		{"truncated", valid[:len(valid)-5], "not a valid ONNX model"},
		{"truncated in the graph", valid[:40], "not a valid ONNX model"},
		{"two graphs", append(valid, message(7, identity)...), "2 graphs"},
		{"no nodes", modelFile(inout(11, "X", wireFloat, 1), inout(12, "X", wireFloat, 1)), "no nodes"},
		{"no outputs", modelFile(identity, inout(11, "X", wireFloat, 1)), "no input or output"},
		{"output that nothing computes", modelFile(identity, inout(11, "X", wireFloat, 1), inout(12, "Z", wireFloat, 1)), "nothing computes"},
		{"cycle", unaryFile(graphNode("Add", "", "a", "X Y", "Z"), graphNode("Identity", "", "b", "Z", "Y")), "not computed before"},
		{"missing input", unaryFile(graphNode("Add", "", "a", "X nowhere", "Y")), "not computed before"},
		{"name defined twice", unaryFile(identity, graphNode("Abs", "", "b", "X", "Y")), "twice"},
		{"result named as the input", unaryFile(graphNode("Identity", "", "b", "X", "X")), ""},
		{"unknown operator", unaryFile(graphNode("Conv", "", "c", "X", "Y")), `node "c": Conv of ai.onnx, opset 17: the operator is not supported`},
		{"unknown domain", unaryFile(graphNode("Identity", "com.example", "c", "X", "Y")), "imports no operator set"},
		{"unknown attribute", unaryFile(graphNode("Identity", "", "c", "X", "Y", integer("mystery", 1))), `attribute "mystery" is not supported`},
		{"attribute of another type", unaryFile(graphNode("Softmax", "", "c", "X", "Y", floats("axis", 1))), `attribute "axis"`},
		{"graph attribute", unaryFile(graphNode("If", "", "c", "X", "Y", message(5, text(1, "then_branch"), whole(20, 5), message(6, identity)))), "not supported"},
		{"deep nesting", unaryFile(nested), "not supported"},
		{"wrong type", modelFile(graphNode("Not", "", "n", "X", "Y"), inout(11, "X", wireFloat, 1), inout(12, "Y", wireFloat, 1)), "type float is not supported"},
		{"unsupported element type", modelFile(identity, inout(11, "X", 16, 1), inout(12, "Y", 16, 1)), "element type 16"},
		{"output declared as another type", modelFile(identity, inout(11, "X", wireFloat, 1), inout(12, "Y", wireInt64, 1)), "declared as int64"},
		{"negative dimension", unaryFile(identity, tensorProto(5, "c", wireFloat, []int64{-4}, nil)), "out of range"},
		{"overflowing dimensions", unaryFile(identity, tensorProto(5, "c", wireFloat, []int64{1 << 30, 1 << 30, 1 << 30}, nil)), "limit"},
		{"shape that lies", unaryFile(identity, tensorProto(5, "c", wireFloat, []int64{1000}, make([]byte, 8))), "8 bytes of data for 1000"},
		{"initializer without data", unaryFile(identity, message(5, whole(1, 5), whole(2, wireFloat), text(8, "c"))), "0 values for 5"},
		{"initializers of one name", unaryFile(identity, tensorProto(5, "c", wireFloat, nil, make([]byte, 4)), tensorProto(5, "c", wireFloat, nil, make([]byte, 4))), "two initializers"},
		{"external data", unaryFile(identity, message(5, whole(2, wireFloat), text(8, "c"), whole(14, 1))), "beside the model"},
		{"huge constant", unaryFile(graphNode("ConstantOfShape", "", "z", "s", "Z"), identity, tensorProto(5, "s", wireInt64, []int64{2}, eight(1<<30, 1<<30))), "limit"},
		{"huge tile", unaryFile(graphNode("Tile", "", "t", "X r", "Y"), tensorProto(5, "r", wireInt64, []int64{2}, eight(1<<39, 1<<39))), "limit"},
		{"tile of negative repeats", unaryFile(graphNode("Tile", "", "t", "X r", "Y"), tensorProto(5, "r", wireInt64, []int64{2}, eight(-1, 2))), "out of range"},
		{"overflowing reshape", unaryFile(graphNode("Reshape", "", "r", "X s", "Y"), tensorProto(5, "s", wireInt64, []int64{3}, eight(1<<31-1, 1<<31-1, 1<<31-1))), "too large"},
		{"reshape of two unknowns", unaryFile(graphNode("Reshape", "", "r", "X s", "Y"), tensorProto(5, "s", wireInt64, []int64{2}, eight(-1, -1))), "not valid"},
		{"expand beyond memory", unaryFile(graphNode("Expand", "", "e", "X s", "Y"), tensorProto(5, "s", wireInt64, []int64{4}, eight(1<<30, 1<<30, 1, 3))), "limit"},
		{"gather out of range", unaryFile(graphNode("Gather", "", "g", "X i", "Y"), tensorProto(5, "i", wireInt64, []int64{1}, eight(1<<40))), "outside"},
		{"integers divided by zero", modelFile(graphNode("Div", "", "d", "X z", "Y"), inout(11, "X", wireInt64, 1), inout(12, "Y", wireInt64, 1), tensorProto(5, "z", wireInt64, []int64{1}, eight(0))), "divided by zero"},
		{"tree that refers to itself", treeFile([]string{branch, leaf}, []int64{0, 0}, []int64{0, 0}, []int64{1, 0}), "own ancestor"},
		{"tree with a cycle", treeFile([]string{branch, branch, leaf}, []int64{0, 0, 0}, []int64{1, 0, 0}, []int64{2, 2, 0}), "own ancestor"},
		{"tree with a missing child", treeFile([]string{branch, leaf}, []int64{0, 0}, []int64{7, 0}, []int64{1, 0}), "not there"},
		{"tree with an unreached node", treeFile([]string{leaf, leaf}, []int64{0, 0}, []int64{0, 0}, []int64{0, 0}), "not reached"},
		{"feature out of range", treeFile([]string{branch, leaf, leaf}, []int64{3, 0, 0}, []int64{1, 0, 0}, []int64{2, 0, 0}), "feature 3 of 3"},
		{"negative feature", treeFile([]string{branch, leaf, leaf}, []int64{-1, 0, 0}, []int64{1, 0, 0}, []int64{2, 0, 0}), "out of range"},
		{"unknown mode", treeFile([]string{"BRANCH_MAYBE", leaf, leaf}, []int64{0, 0, 0}, []int64{1, 0, 0}, []int64{2, 0, 0}), "BRANCH_MAYBE"},
		{"lists of different length", treeFile([]string{branch, leaf, leaf}, []int64{0}, []int64{1, 0, 0}, []int64{2, 0, 0}), "differ in length"},
	}
}

// TestHostileFiles: every file gives an error that says what is wrong, from Load
// or from the run, soon and without much memory.
func TestHostileFiles(t *testing.T) {
	for _, file := range hostileFiles(t) {
		t.Run(file.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			p, err := Load(file.bytes, DefaultLimits())
			if err == nil {
				_, err = p.NewSession().Run(inputsFor(p, nil))
			}
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), file.want) || strings.Contains(err.Error(), "internal error") {
				t.Errorf("error %v, want one with %q", err, file.want)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
				t.Errorf("%d bytes were allocated", used)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// TestTruncated cuts a real model at every length.
func TestTruncated(t *testing.T) {
	g := readGolden(t, "testdata/goldens/head-1-terms.zip")
	for n := range g.model {
		p, err := Load(g.model[:n], DefaultLimits())
		if err == nil {
			_, err = p.NewSession().Run(g.inputs)
		}
		if err != nil && strings.Contains(err.Error(), "internal error") {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
}

// TestLimits: each limit refuses a model that passes without it.
func TestLimits(t *testing.T) {
	g := readGolden(t, "testdata/goldens/xgboost-depth-3.zip")
	for name, tighten := range map[string]func(*Limits){
		"file bytes":        func(l *Limits) { l.FileBytes = 1000 },
		"nodes":             func(l *Limits) { l.Nodes = 0 },
		"tree nodes":        func(l *Limits) { l.TreeNodes = 10 },
		"tree depth":        func(l *Limits) { l.TreeDepth = 2 },
		"tensor elements":   func(l *Limits) { l.TensorElements = 63 },
		"work of a run":     func(l *Limits) { l.RunWork = 1000 },
		"constant elements": func(l *Limits) { l.ConstantElements = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			limits := DefaultLimits()
			tighten(&limits)
			model := g.model
			if name == "constant elements" {
				model = readGolden(t, "testdata/goldens/head-20-terms.zip").model
			}
			p, err := Load(model, limits)
			if err == nil {
				_, err = p.NewSession().Run(g.inputs)
			}
			if err == nil {
				t.Error("not refused")
			}
		})
	}
}

// TestInputs: what does not fit a model's declared inputs is refused.
func TestInputs(t *testing.T) {
	p, err := Load(readGolden(t, "testdata/goldens/head-20-terms.zip").model, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	s := p.NewSession()
	wide, _ := NewTensor(make([]float64, 12), 1, 12)
	short, _ := NewTensor(make([]float32, 11), 1, 11)
	flat, _ := NewTensor(make([]float32, 12), 12)
	for name, inputs := range map[string][]Tensor{
		"none": {}, "two": {short, short}, "another type": {wide}, "too few columns": {short}, "another rank": {flat},
	} {
		if _, err := s.Run(inputs); err == nil {
			t.Errorf("%s: not refused", name)
		}
	}
	if _, err := s.RunRows(make([]float32, 13), 1); err == nil {
		t.Error("a row of 13 is not refused")
	}
	if _, err := s.RunRows(make([]float32, 13), 2); err == nil {
		t.Error("half a row is not refused")
	}
	if outputs, err := s.RunRows(nil, 0); err != nil || outputs[0].Len() != 0 {
		t.Errorf("no rows: %v", err)
	}
	if _, err := NewTensor([]float32{1, 2}, 3); err == nil {
		t.Error("two elements in a dimension of three are not refused")
	}
	if _, err := p.Select("nothing"); err == nil {
		t.Error("an unknown output is not refused")
	}
	only, err := p.Select("terms")
	if err != nil || len(only.Outputs()) != 1 || len(only.steps) != 1 {
		t.Errorf("selecting the terms leaves %d steps: %v", len(only.steps), err)
	}
}

// TestUnsupported: the error names node, operator, domain and opset.
func TestUnsupported(t *testing.T) {
	_, err := Load(unaryFile(graphNode("Scan", "", "loop", "X", "Y")), DefaultLimits())
	var unsupported *UnsupportedError
	if !errors.As(err, &unsupported) || unsupported.Node != "loop" || unsupported.Op != "Scan" || unsupported.Opset != 17 {
		t.Errorf("%#v", err)
	}
}

// TestLimitsTogether: many tensors that each keep to a limit do not pass it
// together, whether they are made at load or in a run.
func TestLimitsTogether(t *testing.T) {
	limits := DefaultLimits()
	limits.TensorElements, limits.ConstantElements = 1000, 1000
	var raw []byte
	raw = protowire.AppendFixed64(raw, 400)
	parts := [][]byte{tensorProto(5, "s", wireInt64, []int64{1}, raw)}
	for _, name := range []string{"a", "b", "c"} {
		parts = append(parts, graphNode("ConstantOfShape", "", name, "s", name))
	}
	_, err := Load(unaryFile(graphNode("Identity", "", "copy", "X", "Y"), parts...), limits)
	if err == nil || !strings.Contains(err.Error(), "limit") {
		t.Errorf("constants: %v", err)
	}
	p, err := Load(unaryFile(graphNode("Abs", "", "1", "X", "A"), graphNode("Abs", "", "2", "A", "B"),
		graphNode("Abs", "", "3", "B", "Y")), limits)
	if err != nil {
		t.Fatal(err)
	}
	s := p.NewSession()
	if _, err := s.RunRows(make([]float32, 300), 100); err != nil {
		t.Errorf("900 elements in all: %v", err)
	}
	if _, err := s.RunRows(make([]float32, 336), 112); err == nil || !strings.Contains(err.Error(), "limit") {
		t.Errorf("1008 elements in all: %v", err)
	}
}
