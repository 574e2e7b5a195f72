package onnx

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// golden is one file of testdata/goldens, written by notebooks/goldens_onnx.
type golden struct {
	kind            string
	model           []byte
	inputs, outputs []Tensor
}

func readZip(t testing.TB, path string) map[string][]byte {
	t.Helper()
	r, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	files := map[string][]byte{}
	for _, f := range r.File {
		content, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name], err = io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// readTensorFile reads a TensorProto.
func readTensorFile(t testing.TB, content []byte) Tensor {
	t.Helper()
	w, err := readTensor(content, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	out, err := w.decode()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func readGolden(t testing.TB, path string) golden {
	t.Helper()
	files := readZip(t, path)
	var about struct{ Kind string }
	if err := json.Unmarshal(files["golden.json"], &about); err != nil {
		t.Fatal(err)
	}
	g := golden{kind: about.Kind, model: files["model.onnx"]}
	for i := 0; files[fmt.Sprintf("input_%d.pb", i)] != nil; i++ {
		g.inputs = append(g.inputs, readTensorFile(t, files[fmt.Sprintf("input_%d.pb", i)]))
	}
	for i := 0; files[fmt.Sprintf("output_%d.pb", i)] != nil; i++ {
		g.outputs = append(g.outputs, readTensorFile(t, files[fmt.Sprintf("output_%d.pb", i)]))
	}
	return g
}

// near is the tolerance of the goldens: 1e-6 absolute or 1e-5 relative.
func near(got, want float64) bool {
	if math.IsNaN(want) || math.IsNaN(got) {
		return math.IsNaN(want) && math.IsNaN(got)
	}
	if math.IsInf(want, 0) || math.IsInf(got, 0) {
		return want == got
	}
	diff := math.Abs(got - want)
	return diff <= 1e-6 || diff <= 1e-5*math.Abs(want)
}

// differ returns the first difference between two tensors, or "".
func differ(got, want *Tensor) string {
	if got.typ != want.typ {
		return fmt.Sprintf("type %s, want %s", got.typ, want.typ)
	}
	if !slices.Equal(got.dims, want.dims) {
		return fmt.Sprintf("dimensions %v, want %v", got.dims, want.dims)
	}
	for i := range want.Len() {
		var a, b any
		same := false
		switch want.typ {
		case Float32:
			a, b = got.f32[i], want.f32[i]
			same = near(float64(got.f32[i]), float64(want.f32[i]))
		case Float64:
			a, b = got.f64[i], want.f64[i]
			same = near(got.f64[i], want.f64[i])
		case Int32:
			a, b = got.i32[i], want.i32[i]
			same = a == b
		case Int64:
			a, b = got.i64[i], want.i64[i]
			same = a == b
		case Uint8:
			a, b = got.u8[i], want.u8[i]
			same = a == b
		case Bool:
			a, b = got.b[i], want.b[i]
			same = a == b
		case String:
			a, b = got.str[i], want.str[i]
			same = a == b
		}
		if !same {
			return fmt.Sprintf("element %d of %v is %v, want %v", i, want.dims, a, b)
		}
	}
	return ""
}

func goldenFiles(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/goldens/*.zip")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	return paths
}

func goldenName(path string) string { return strings.TrimSuffix(filepath.Base(path), ".zip") }

// TestGoldens compares every output of every model with ONNX Runtime's.
func TestGoldens(t *testing.T) {
	kinds := map[string]bool{}
	ran := 0
	for _, path := range goldenFiles(t) {
		t.Run(goldenName(path), func(t *testing.T) {
			g := readGolden(t, path)
			p, err := Load(g.model, DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			outputs, err := p.NewSession().Run(g.inputs)
			if err != nil {
				t.Fatal(err)
			}
			if len(outputs) != len(g.outputs) {
				t.Fatalf("%d outputs, want %d", len(outputs), len(g.outputs))
			}
			for i := range outputs {
				if d := differ(&outputs[i], &g.outputs[i]); d != "" {
					t.Errorf("output %q: %s", p.outputs[i].Name, d)
				}
			}
			kinds[g.kind] = true
			ran++
		})
	}
	t.Logf("%d models of %d kinds ran", ran, len(kinds))
}
