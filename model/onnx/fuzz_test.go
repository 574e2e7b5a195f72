package onnx

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"
)

// fuzzLimits keep one input of the fuzzer below a few milliseconds.
func fuzzLimits() Limits {
	return Limits{
		FileBytes: 1 << 20, Nodes: 200, ConstantElements: 1 << 14, TreeNodes: 1 << 12, TreeDepth: 64,
		TensorElements: 1 << 12, RunWork: 1 << 18,
	}
}

// seeds adds goldens of every kind, of less than so many bytes.
func seeds(f *testing.F, bytes int, add func(g golden)) {
	kinds := map[string]int{}
	for _, path := range goldenFiles(f) {
		g := readGolden(f, path)
		if kinds[g.kind] < 2 && len(g.model) < bytes {
			kinds[g.kind]++
			add(g)
		}
	}
}

// inputsFor makes inputs that a program accepts, filled from data.
func inputsFor(p *Program, data []byte) []Tensor {
	word := func() uint64 {
		var w [8]byte
		n := copy(w[:], data)
		data = data[n:]
		return binary.LittleEndian.Uint64(w[:])
	}
	var inputs []Tensor
	for _, in := range p.Inputs() {
		t := Tensor{typ: in.Type, dims: append([]int{}, in.Dims...)}
		if in.Dims == nil {
			t.dims = []int{2, 3}
		}
		for i, d := range t.dims {
			if d >= 0 {
				continue
			}
			t.dims[i] = 2
			if i == 0 { // rows: a whole group of those that go together, and one more
				t.dims[i] = lanes + 1
			}
		}
		n, err := product(t.dims, 1<<14)
		if err != nil {
			return nil
		}
		for range n {
			w := word()
			t.f32 = append(t.f32, math.Float32frombits(uint32(w)))
			t.f64 = append(t.f64, math.Float64frombits(w))
			t.i32 = append(t.i32, int32(w))
			t.i64 = append(t.i64, int64(w))
			t.u8 = append(t.u8, uint8(w))
			t.b = append(t.b, w&1 == 1)
			t.str = append(t.str, string(rune('a'+w%26)))
		}
		inputs = append(inputs, t)
	}
	return inputs
}

// FuzzLoad: no file makes Load or a run panic, and a panic that was caught in a
// kernel counts as found.
func FuzzLoad(f *testing.F) {
	seeds(f, 4000, func(g golden) { f.Add(g.model) })
	for _, file := range hostileFiles(f) {
		f.Add(file.bytes)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		p, err := Load(file, fuzzLimits())
		if err != nil {
			if strings.Contains(err.Error(), "internal error") {
				t.Fatal(err)
			}
			return
		}
		inputs := inputsFor(p, file)
		if inputs == nil {
			return
		}
		if _, err := p.NewSession().Run(inputs); err != nil && strings.Contains(err.Error(), "internal error") {
			t.Fatal(err)
		}
	})
}

// FuzzRun: whatever the rows hold, a batch equals its rows one by one and the
// run does not change them.
func FuzzRun(f *testing.F) {
	var programs []*Program
	// Additive models of many terms are larger than what FuzzLoad changes byte by byte.
	seeds(f, 20_000, func(g golden) {
		p, err := Load(g.model, DefaultLimits())
		if err != nil || len(p.inputs) != 1 || p.inputs[0].Type != Float32 || !rowwise(g) || len(g.inputs[0].dims) != 2 {
			return
		}
		programs = append(programs, p)
		raw := make([]byte, 0, 4*len(g.inputs[0].f32))
		for _, v := range g.inputs[0].f32 {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
		}
		f.Add(uint8(len(programs)-1), raw)
	})
	f.Fuzz(func(t *testing.T, model uint8, raw []byte) {
		p := programs[int(model)%len(programs)]
		columns := p.inputs[0].Dims[1]
		rows := min(len(raw)/4/columns, 40)
		if rows == 0 {
			return
		}
		x := make([]float32, rows*columns)
		for i := range x {
			x[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
		s := p.NewSession()
		outputs, err := s.RunRows(x, rows)
		if err != nil {
			if strings.Contains(err.Error(), "internal error") {
				t.Fatal(err)
			}
			return
		}
		batch := clones(outputs)
		for i, v := range x {
			if math.Float32bits(v) != binary.LittleEndian.Uint32(raw[4*i:]) {
				t.Fatal("the run changed its input")
			}
		}
		for r := range rows {
			single, err := s.RunRows(x[r*columns:(r+1)*columns], 1)
			if err != nil {
				t.Fatal(err)
			}
			for i := range single {
				want := pick(&batch[i], []int{r})
				if d := sameNumbers(&single[i], &want); d != "" {
					t.Fatalf("row %d alone: %s", r, d)
				}
			}
		}
	})
}

// sameNumbers is identical, but for the bits of NaN: which NaN comes out of a sum
// of two depends on the order of its operands in the processor.
func sameNumbers(a, b *Tensor) string {
	x, y := clone(a), clone(b) // outputs may share their memory
	if x.typ == Float32 && len(x.f32) == len(y.f32) {
		for i := range x.f32 {
			if x.f32[i] != x.f32[i] && y.f32[i] != y.f32[i] {
				x.f32[i], y.f32[i] = 0, 0
			}
		}
	}
	if !identical(&x, &y) {
		return "the numbers differ"
	}
	return ""
}
