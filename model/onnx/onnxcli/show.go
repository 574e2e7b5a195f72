// Package onnxcli is what the commands `tarozi model run` and `tarozi model show`
// do with an ONNX file, without their flags.
package onnxcli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tarozi/tarozi/model/onnx"
)

// Show writes what a model file is: inputs, outputs, operator sets, producer,
// nodes by operator, size, and what of it the engine does not support. It fails
// only when the file cannot be read as ONNX at all.
func Show(w io.Writer, file []byte, limits onnx.Limits) error {
	d, err := onnx.Describe(file, limits)
	if err != nil {
		return err
	}
	var b strings.Builder
	producer := strings.TrimSpace(d.Info.Producer + " " + d.Info.ProducerVersion)
	if producer == "" {
		producer = "unknown"
	}
	fmt.Fprintf(&b, "producer   %s\nIR version %d\nbytes      %d\nconstants  %d elements\n",
		producer, d.Info.IRVersion, d.Info.Bytes, d.Info.Constants)
	b.WriteString("opsets\n")
	for _, domain := range sorted(d.Info.Opsets) {
		name := domain
		if name == "" {
			name = "ai.onnx"
		}
		fmt.Fprintf(&b, "  %-12s %d\n", name, d.Info.Opsets[domain])
	}
	writeValues(&b, "inputs", d.Inputs)
	writeValues(&b, "outputs", d.Outputs)
	b.WriteString("nodes\n")
	for _, op := range sorted(d.Info.Operators) {
		fmt.Fprintf(&b, "  %-36s %d\n", op, d.Info.Operators[op])
	}
	if len(d.Info.Metadata) > 0 {
		b.WriteString("metadata\n")
		for _, key := range sorted(d.Info.Metadata) {
			fmt.Fprintf(&b, "  %s = %s\n", key, d.Info.Metadata[key])
		}
	}
	if len(d.Unsupported) == 0 {
		b.WriteString("runs       yes\n")
	} else {
		b.WriteString("runs       no\n")
		for _, reason := range d.Unsupported {
			fmt.Fprintf(&b, "  %s\n", reason)
		}
	}
	_, err = io.WriteString(w, b.String())
	return err
}

func writeValues(b *strings.Builder, title string, values []onnx.Value) {
	b.WriteString(title + "\n")
	for _, v := range values {
		fmt.Fprintf(b, "  %-24s %s %s\n", v.Name, v.Type, dimsText(v.Dims))
	}
}

// dimsText writes open dimensions as ?.
func dimsText(dims []int) string {
	if dims == nil {
		return "of any shape"
	}
	parts := make([]string, len(dims))
	for i, d := range dims {
		parts[i] = fmt.Sprint(d)
		if d < 0 {
			parts[i] = "?"
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
