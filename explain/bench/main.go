// Command bench times explanations of the models in a folder that notebooks/goldens_explain/bench.py wrote and timed shap on.
//
//	go run ./explain/bench FOLDER
//
// It prints one JSON object a model: seconds of the processor for all rows in both units, on one core.
package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/tarozi/tarozi/explain"
	"github.com/tarozi/tarozi/model/onnx"
)

// described is what the script says of a model.
type described struct {
	Name        string
	Output      string
	Column      int
	Probability bool
	Columns     int
}

type timed struct {
	Name    string         `json:"name"`
	Method  explain.Method `json:"method"`
	Prepare float64        `json:"prepare"` // seconds to read the graph and the background rows
	Explain float64        `json:"explain"` // seconds for all rows
	First   []float64      `json:"first"`   // the first row's log-odds, to be held against shap's
}

// used is the processor's time so far, which other programs on the machine do not lengthen.
func used() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, fmt.Errorf("asking for the processor's time: %w", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}

type plain struct{}

func (plain) LogOdds(m float64) float64 { return m }
func (plain) Slope(float64) float64     { return 1 }

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: bench FOLDER")
	}
	runtime.GOMAXPROCS(1)
	text, err := os.ReadFile(filepath.Join(os.Args[1], "models.json"))
	if err != nil {
		log.Fatal(err)
	}
	var models []described
	if err := json.Unmarshal(text, &models); err != nil {
		log.Fatal(err)
	}
	for _, m := range models {
		result, err := m.time(os.Args[1])
		if err != nil {
			log.Fatalf("%s: %v", m.Name, err)
		}
		line, err := json.Marshal(result)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(line))
	}
}

func (m described) time(folder string) (*timed, error) {
	file, err := os.ReadFile(filepath.Join(folder, m.Name+".onnx"))
	if err != nil {
		return nil, err
	}
	background, err := m.table(folder, "background")
	if err != nil {
		return nil, err
	}
	rows, err := m.table(folder, "rows")
	if err != nil {
		return nil, err
	}
	start, err := used()
	if err != nil {
		return nil, err
	}
	program, err := onnx.Load(file, onnx.DefaultLimits())
	if err != nil {
		return nil, err
	}
	h, err := explain.NewHead(explain.Setup{Program: program, Output: m.Output, Column: m.Column, Probability: m.Probability,
		Background: background})
	if err != nil {
		return nil, err
	}
	ready, err := used()
	if err != nil {
		return nil, err
	}
	result := &timed{Name: m.Name, Method: h.Method(), Prepare: (ready - start).Seconds()}
	for i, row := range rows {
		a, err := h.Attribute(row)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
		b, err := explain.Explain([]explain.At{{Attribution: a, Curve: plain{}, Share: 1}})
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
		if i == 0 {
			result.First = b.LogOdds[0]
		}
	}
	end, err := used()
	result.Explain = (end - ready).Seconds()
	return result, err
}

func (m described) table(folder, what string) ([][]float32, error) {
	raw, err := os.ReadFile(filepath.Join(folder, what+".bin"))
	if err != nil {
		return nil, err
	}
	if m.Columns < 1 || len(raw)%(4*m.Columns) != 0 {
		return nil, fmt.Errorf("%s.bin holds %d bytes, not rows of %d float32", what, len(raw), m.Columns)
	}
	rows := make([][]float32, len(raw)/4/m.Columns)
	for i := range rows {
		rows[i] = make([]float32, m.Columns)
		for j := range rows[i] {
			rows[i][j] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*(i*m.Columns+j):]))
		}
	}
	return rows, nil
}
