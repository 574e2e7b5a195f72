package onnxcli

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tarozi/tarozi/model/onnx"
)

// Format is how Run writes results.
type Format string

// The formats of Run.
const (
	CSV  Format = "csv"
	JSON Format = "json"
)

// Run reads rows of CSV, runs them through the program in one batch and writes
// the outputs named, or all.
//
// The first line is a header when any of its cells is no number. A model with an
// input per column takes columns by the inputs' names, or by position when there
// is no header; a model with one table takes all columns in order. An empty cell
// is a missing value: NaN in floating inputs, an empty string in texts, an error
// in whole numbers.
//
// CSV has a column for each element of a row of each output, named like the
// output and, where there are several, with their position. JSON is
// {"outputs": {NAME: {"type", "dims", "data"}}} with data flat in row-major order
// and NaN and infinities as the strings "NaN", "Infinity" and "-Infinity".
func Run(w io.Writer, rows io.Reader, program *onnx.Program, outputs []string, format Format) error {
	if format != CSV && format != JSON {
		return fmt.Errorf("format %q is not known, use csv or json", format)
	}
	if len(outputs) > 0 {
		var err error
		if program, err = program.Select(outputs...); err != nil {
			return err
		}
	}
	table, err := readTable(rows)
	if err != nil {
		return err
	}
	inputs, err := table.inputs(program.Inputs())
	if err != nil {
		return err
	}
	results, err := program.NewSession().Run(inputs)
	if err != nil {
		return err
	}
	if format == JSON {
		return writeJSON(w, program.Outputs(), results)
	}
	return writeCSV(w, program.Outputs(), results, len(table.rows))
}

// table is a CSV file; header is nil when it has none.
type table struct {
	header []string
	rows   [][]string
	first  int // line of the first row, for messages
}

func readTable(r io.Reader) (table, error) {
	records, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return table{}, fmt.Errorf("reading the rows: %w", err)
	}
	t := table{rows: records, first: 1}
	if len(records) > 0 && slices.ContainsFunc(records[0], func(cell string) bool {
		_, err := parseFloat(cell)
		return err != nil
	}) {
		t.header, t.rows, t.first = records[0], records[1:], 2
	}
	if len(t.rows) == 0 {
		return t, errors.New("there are no rows")
	}
	return t, nil
}

// parseFloat reads a cell; an empty one is NaN.
func parseFloat(cell string) (float64, error) {
	cell = strings.TrimSpace(cell)
	if cell == "" {
		return math.NaN(), nil
	}
	return strconv.ParseFloat(cell, 64)
}

func (t *table) inputs(values []onnx.Value) ([]onnx.Tensor, error) {
	width := len(t.rows[0])
	if len(values) == 1 && !(len(values[0].Dims) == 2 && values[0].Dims[1] == 1) && len(values[0].Dims) != 1 {
		columns := make([]int, width)
		for i := range columns {
			columns[i] = i
		}
		if dims := values[0].Dims; len(dims) == 2 && dims[1] >= 0 && dims[1] != width {
			return nil, fmt.Errorf("the rows have %d columns, the model takes %d", width, dims[1])
		}
		tensor, err := t.tensor(values[0], columns)
		return []onnx.Tensor{tensor}, err
	}
	if t.header == nil && width != len(values) {
		return nil, fmt.Errorf("the rows have %d columns and no header, the model has %d inputs", width, len(values))
	}
	var tensors []onnx.Tensor
	for i, v := range values {
		at := i
		if t.header != nil {
			if at = slices.Index(t.header, v.Name); at < 0 {
				return nil, fmt.Errorf("the header has no column %q for the input of this name", v.Name)
			}
		}
		tensor, err := t.tensor(v, []int{at})
		if err != nil {
			return nil, err
		}
		tensors = append(tensors, tensor)
	}
	return tensors, nil
}

// tensor converts columns to an input's type.
func (t *table) tensor(v onnx.Value, columns []int) (onnx.Tensor, error) {
	dims := []int{len(t.rows), len(columns)}
	if len(v.Dims) == 1 {
		dims = dims[:1]
	}
	whole := func(bits int) func(string) (int64, error) {
		return func(cell string) (int64, error) { return strconv.ParseInt(strings.TrimSpace(cell), 10, bits) }
	}
	switch v.Type {
	case onnx.Float32:
		return convert(t, columns, dims, func(cell string) (float32, error) { f, err := parseFloat(cell); return float32(f), err })
	case onnx.Float64:
		return convert(t, columns, dims, parseFloat)
	case onnx.Int64:
		return convert(t, columns, dims, whole(64))
	case onnx.Int32:
		return convert(t, columns, dims, func(cell string) (int32, error) { i, err := whole(32)(cell); return int32(i), err })
	case onnx.Uint8:
		return convert(t, columns, dims, func(cell string) (uint8, error) {
			i, err := strconv.ParseUint(strings.TrimSpace(cell), 10, 8)
			return uint8(i), err
		})
	case onnx.Bool:
		return convert(t, columns, dims, strconv.ParseBool)
	case onnx.String:
		return convert(t, columns, dims, func(cell string) (string, error) { return cell, nil })
	}
	return onnx.Tensor{}, fmt.Errorf("input %q has type %s", v.Name, v.Type)
}

func convert[T onnx.Element](t *table, columns, dims []int, parse func(string) (T, error)) (onnx.Tensor, error) {
	data := make([]T, 0, len(t.rows)*len(columns))
	for r, row := range t.rows {
		for _, c := range columns {
			v, err := parse(row[c])
			if err != nil {
				return onnx.Tensor{}, fmt.Errorf("line %d, column %d: %q: %w", t.first+r, c+1, row[c], err)
			}
			data = append(data, v)
		}
	}
	return onnx.NewTensor(data, dims...)
}

// cells writes elements as text: the shortest that reads back the same.
func cells(t onnx.Tensor) []string {
	out := make([]string, t.Len())
	for i, v := range elements(t) {
		switch v := v.(type) {
		case float32:
			out[i] = strconv.FormatFloat(float64(v), 'g', -1, 32)
		case float64:
			out[i] = strconv.FormatFloat(v, 'g', -1, 64)
		default:
			out[i] = fmt.Sprint(v)
		}
	}
	return out
}

// elements boxes the elements of a tensor of any type.
func elements(t onnx.Tensor) []any {
	switch t.Type() {
	case onnx.Float32:
		return boxed[float32](t)
	case onnx.Float64:
		return boxed[float64](t)
	case onnx.Int32:
		return boxed[int32](t)
	case onnx.Int64:
		return boxed[int64](t)
	case onnx.Uint8:
		return boxed[uint8](t)
	case onnx.Bool:
		return boxed[bool](t)
	}
	return boxed[string](t)
}

func boxed[T onnx.Element](t onnx.Tensor) []any {
	data, _ := onnx.Data[T](t)
	out := make([]any, len(data))
	for i, v := range data {
		out[i] = v
	}
	return out
}

func writeCSV(w io.Writer, values []onnx.Value, results []onnx.Tensor, rows int) error {
	var header []string
	texts := make([][]string, len(results))
	for i, t := range results {
		if len(t.Dims()) == 0 || t.Dims()[0] != rows {
			return fmt.Errorf("output %q has dimensions %v, not one line a row; use the json format", values[i].Name, t.Dims())
		}
		texts[i] = cells(t)
		width := t.Len() / rows
		for k := range width {
			name := values[i].Name
			if width > 1 {
				name += "." + strconv.Itoa(k)
			}
			header = append(header, name)
		}
	}
	out := csv.NewWriter(w)
	if err := out.Write(header); err != nil {
		return err
	}
	for r := range rows {
		var record []string
		for _, text := range texts {
			width := len(text) / rows
			record = append(record, text[r*width:(r+1)*width]...)
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

type jsonTensor struct {
	Type string `json:"type"`
	Dims []int  `json:"dims"`
	Data []any  `json:"data"`
}

func writeJSON(w io.Writer, values []onnx.Value, results []onnx.Tensor) error {
	outputs := map[string]jsonTensor{}
	for i, t := range results {
		data := elements(t)
		for k, v := range data {
			switch v := v.(type) {
			case float32:
				data[k] = special(float64(v), v)
			case float64:
				data[k] = special(v, v)
			case uint8:
				data[k] = int(v)
			}
		}
		outputs[values[i].Name] = jsonTensor{t.Type().String(), append([]int{}, t.Dims()...), data}
	}
	return json.NewEncoder(w).Encode(map[string]any{"outputs": outputs})
}

// special replaces what JSON has no number for.
func special(f float64, v any) any {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return v
}
