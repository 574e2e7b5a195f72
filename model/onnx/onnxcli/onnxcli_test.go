package onnxcli

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/tarozi/tarozi/model/onnx"
)

func example(t *testing.T) *onnx.Program {
	t.Helper()
	p, err := onnx.Load(exampleFile(t), onnx.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func exampleFile(t *testing.T) []byte {
	t.Helper()
	file, err := os.ReadFile("../testdata/example.onnx")
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestRun(t *testing.T) {
	for _, test := range []struct {
		name, rows string
		outputs    []string
		format     Format
		want       string
	}{
		{"csv with a header", "a,b,c\n1,0,3\n2.5,1,0\n", nil, CSV, "terms.0,terms.1,margin\n0.25,-0.5,-1.25\n0.75,0.5,0.25\n"},
		{"csv without a header", "1,0,3\n", []string{"margin"}, CSV, "margin\n-1.25\n"},
		{"missing values", "a,b,c\n,,\n", []string{"terms"}, CSV, "terms.0,terms.1\n0.75,0.5\n"},
		{"json", "1,0,3\n", []string{"margin"}, JSON, `{"outputs":{"margin":{"type":"float","dims":[1,1],"data":[-1.25]}}}` + "\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := Run(&out, strings.NewReader(test.rows), example(t), test.outputs, test.format); err != nil {
				t.Fatal(err)
			}
			if out.String() != test.want {
				t.Errorf("got %q, want %q", out.String(), test.want)
			}
		})
	}
}

func TestRunRefuses(t *testing.T) {
	for _, test := range []struct{ name, rows, output, want string }{
		{"no rows", "a,b,c\n", "margin", "no rows"},
		{"too few columns", "1,2\n", "margin", "2 columns"},
		{"text among numbers", "1,2,3\n4,x,6\n", "margin", `line 2, column 2: "x"`},
		{"unknown output", "1,2,3\n", "nothing", `no output "nothing"`},
		{"ragged rows", "1,2,3\n1,2\n", "margin", "wrong number of fields"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := Run(&bytes.Buffer{}, strings.NewReader(test.rows), example(t), []string{test.output}, CSV)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
	if err := Run(&bytes.Buffer{}, strings.NewReader("1,2,3\n"), example(t), nil, "xml"); err == nil {
		t.Error("an unknown format is not refused")
	}
}

func TestShow(t *testing.T) {
	var out bytes.Buffer
	if err := Show(&out, exampleFile(t), onnx.DefaultLimits()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"producer   goldens_onnx 1", "ai.onnx.ml   3", "X                        float [?, 3]", "margin                   float [?, 1]",
		"ai.onnx.ml.TreeEnsembleRegressor     1", "runs       yes"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}
