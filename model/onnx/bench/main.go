// Command bench compares model/onnx with ONNX Runtime on the same models and
// rows, in one process and on one thread.
//
//	go run . -library libonnxruntime.so.1 -models GLOB,GLOB [-only NAME] [-sizes 1,16,1000,100000]
//
// Beside a model FILE.onnx its rows are expected in FILE.rows (little-endian
// float32, 100,000 rows); a model without them gets generated counts with missing
// values among them, which suits the heads that ship.
//
// Each line gives the nanoseconds per row of both, their ratio, the aim of the
// ratio where there is one, and the allocations of a run of ours.
package main

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/tarozi/tarozi/model/onnx"
)

// aim is the least ratio of ONNX Runtime's time to ours, at one row and at a
// thousand rows and more; 0 where none is set.
type aim struct{ single, batch float64 }

var aims = map[string]aim{
	"logistic": {5, 1}, "head-35": {5, 2}, "boosted-100x3": {5, 2}, "mlp-64-32": {5, 0}, "boosted-600x1": {3, 2},
	"boosted-300x4": {3, 2}, "boosted-200x500-leaves": {2, 2}, "forest-200x12": {2, 1.5}, "ebm": {0, 2},
}

func main() {
	log.SetFlags(0)
	library := flag.String("library", "", "shared library of ONNX Runtime; without one only ours is measured")
	models := flag.String("models", "models/*.onnx,../../bundles/*/*.onnx", "patterns of model files; models/ is from notebooks/goldens_onnx/bench.py")
	only := flag.String("only", "", "measure only models whose name contains this")
	sizes := flag.String("sizes", "1,16,1000,100000", "numbers of rows in a run")
	flag.Parse()
	runtime.GOMAXPROCS(1)
	runtime.LockOSThread()
	if *library != "" {
		ort.SetSharedLibraryPath(*library)
		if err := ort.InitializeEnvironment(); err != nil {
			log.Fatal(err)
		}
		defer ort.DestroyEnvironment()
	}
	var paths []string
	for _, pattern := range strings.Split(*models, ",") {
		found, err := filepath.Glob(pattern)
		if err != nil {
			log.Fatal(err)
		}
		paths = append(paths, found...)
	}
	if len(paths) == 0 {
		log.Fatalf("no models at %s", *models)
	}
	fmt.Printf("%-34s %8s %12s %12s %7s %6s %7s\n", "model", "rows", "ours ns/row", "ORT ns/row", "ratio", "aim", "allocs")
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".onnx")
		if _, known := aims[name]; !known { // a head: bundles share their names
			name = filepath.Base(filepath.Dir(path)) + "/" + name
		}
		if !strings.Contains(name, *only) {
			continue
		}
		if err := compare(name, path, *sizes, *library != ""); err != nil {
			log.Fatalf("%s: %v", name, err)
		}
	}
}

func compare(name, path, sizes string, runtimeToo bool) error {
	file, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	program, err := onnx.Load(file, onnx.DefaultLimits())
	if err != nil {
		return err
	}
	x, err := readRows(strings.TrimSuffix(path, ".onnx") + ".rows")
	if errors.Is(err, os.ErrNotExist) {
		x, err = generatedRows(program.Inputs()[0].Dims[1]), nil
	}
	if err != nil {
		return err
	}
	columns := len(x) / tableRows
	for _, text := range strings.Split(sizes, ",") {
		size, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		ours, allocations, err := measureOurs(program, x, size, columns)
		if err != nil {
			return err
		}
		line := fmt.Sprintf("%-34s %8d %12.1f", name, size, ours)
		if runtimeToo {
			theirs, err := measureRuntime(program, path, x, size, columns)
			if err != nil {
				return err
			}
			goal, known := aims[name]
			if !known {
				goal = aim{5, 2} // a head that ships
			}
			ratio, want := theirs/ours, goal.batch
			if size == 1 {
				want = goal.single
			} else if size < 1000 {
				want = 0
			}
			verdict := ""
			if want > 0 && ratio < want {
				verdict = "  MISS"
			}
			line += fmt.Sprintf(" %12.1f %7.2f %6.1f %7.0f%s", theirs, ratio, want, allocations, verdict)
		}
		fmt.Println(line)
	}
	return nil
}

// tableRows is the number of rows of every table.
const tableRows = 100_000

func generatedRows(columns int) []float32 {
	random := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, tableRows*columns)
	for i := range x {
		x[i] = float32(random.IntN(12))
		if random.IntN(20) == 0 {
			x[i] = float32(math.NaN())
		}
	}
	return x
}

func readRows(path string) ([]float32, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	x := make([]float32, len(raw)/4)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return x, nil
}

// cpu is the time that this thread has run for: on a machine that others use as
// well the clock on the wall tells of them.
func cpu() int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		log.Fatal(err)
	}
	return t.Nano()
}

// perRow is the median over rounds of about 30 ms each, every run on the next
// rows of the table, so that no run repeats the last one's branches.
func perRow(size, rows int, run func(first int) error) (float64, error) {
	first := 0
	step := func() error {
		if first+size > rows {
			first = 0
		}
		err := run(first)
		first += size
		return err
	}
	if err := step(); err != nil {
		return 0, err
	}
	var rounds []float64
	for range 9 {
		start, n := cpu(), 0
		for cpu()-start < 30_000_000 {
			for range max(1, 512/size) {
				if err := step(); err != nil {
					return 0, err
				}
				n += size
			}
		}
		rounds = append(rounds, float64(cpu()-start)/float64(n))
	}
	slices.Sort(rounds)
	return rounds[len(rounds)/2], nil
}

func measureOurs(program *onnx.Program, x []float32, size, columns int) (ns, allocations float64, err error) {
	session := program.NewSession()
	run := func(first int) error {
		_, err := session.RunRows(x[first*columns:(first+size)*columns], size)
		return err
	}
	if len(program.Inputs()) > 1 {
		inputs := make([]onnx.Tensor, columns)
		by := columnsOf(x, columns)
		run = func(first int) error {
			for i := range inputs {
				inputs[i], err = onnx.NewTensor(by[i][first:first+size], size)
				if err != nil {
					return err
				}
			}
			_, err := session.Run(inputs)
			return err
		}
	}
	if ns, err = perRow(size, len(x)/columns, run); err != nil {
		return 0, 0, err
	}
	allocations = testing.AllocsPerRun(3, func() { err = run(0) })
	return ns, allocations, err
}

// columnsOf turns rows into columns, for models with an input per feature.
func columnsOf(x []float32, columns int) [][]float32 {
	by := make([][]float32, columns)
	for j := range by {
		by[j] = make([]float32, len(x)/columns)
		for i := range by[j] {
			by[j][i] = x[i*columns+j]
		}
	}
	return by
}

// measureRuntime gives ONNX Runtime its best: one session, tensors made before,
// one thread, all graph optimisations. The rows are copied into its input tensor
// outside of what is measured when there are many, inside for a few, where that
// is next to nothing.
func measureRuntime(program *onnx.Program, path string, x []float32, size, columns int) (float64, error) {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return 0, err
	}
	defer options.Destroy()
	for _, err := range []error{
		options.SetIntraOpNumThreads(1), options.SetInterOpNumThreads(1),
		options.SetGraphOptimizationLevel(ort.GraphOptimizationLevelEnableAll),
	} {
		if err != nil {
			return 0, err
		}
	}
	var inputs, outputs []ort.Value
	var names, outputNames []string
	defer func() {
		for _, v := range append(inputs, outputs...) {
			v.Destroy()
		}
	}()
	var buffers [][]float32
	for _, in := range program.Inputs() {
		dims := []int64{int64(size)}
		if len(in.Dims) == 2 {
			dims = append(dims, int64(columns))
		}
		t, err := ort.NewEmptyTensor[float32](ort.NewShape(dims...))
		if err != nil {
			return 0, err
		}
		inputs, names, buffers = append(inputs, t), append(names, in.Name), append(buffers, t.GetData())
	}
	for _, out := range program.Outputs() {
		dims := slices.Clone(out.Dims)
		var shape []int64
		for i, d := range dims {
			if i == 0 { // some exporters declare one row
				d = size
			}
			shape = append(shape, int64(d))
		}
		var v ort.Value
		switch out.Type {
		case onnx.Int64:
			v, err = ort.NewEmptyTensor[int64](ort.NewShape(shape...))
		default:
			v, err = ort.NewEmptyTensor[float32](ort.NewShape(shape...))
		}
		if err != nil {
			return 0, err
		}
		outputs, outputNames = append(outputs, v), append(outputNames, out.Name)
	}
	session, err := ort.NewAdvancedSession(path, names, outputNames, inputs, outputs, options)
	if err != nil {
		return 0, err
	}
	defer session.Destroy()
	var by [][]float32
	if len(buffers) > 1 {
		by = columnsOf(x, columns)
	}
	return perRow(size, len(x)/columns, func(first int) error {
		if by != nil {
			for i, b := range buffers {
				copy(b, by[i][first:])
			}
		} else if size <= 16 || first == 0 {
			copy(buffers[0], x[first*columns:(first+size)*columns])
		}
		return session.Run()
	})
}
