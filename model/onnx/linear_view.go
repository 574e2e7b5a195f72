package onnx

import "slices"

// Linear is the structure of one LinearRegressor or LinearClassifier, read-only.
type Linear struct {
	input string
	table linear
}

// Input is the name of the value that the coefficients multiply, rows by features.
func (l *Linear) Input() string { return l.input }

// Targets is the number of scores before the transform; a classifier of two
// classes may have one.
func (l *Linear) Targets() int { return l.table.targets }

// Coefficients returns those of one target, by feature.
func (l *Linear) Coefficients(target int) []float32 {
	return slices.Clone(l.table.coefficients[target*l.table.features:][:l.table.features])
}

// Intercept is what is added to a target's score: zero where the file has none.
func (l *Linear) Intercept(target int) float32 {
	if len(l.table.intercepts) != l.table.targets {
		return 0
	}
	return l.table.intercepts[target]
}

// Columnwise is the structure of one Scaler or Imputer: each column of its
// output comes from the same column of its input alone. Read-only.
type Columnwise struct {
	input, output string
	apply         func(column int, v float32) float32
}

// Input is the name of the value that is prepared, rows by features.
func (c *Columnwise) Input() string { return c.input }

// Output is the name of the prepared value.
func (c *Columnwise) Output() string { return c.output }

// Apply prepares one row of float32 as a run does.
func (c *Columnwise) Apply(row []float32) []float32 {
	out := make([]float32, len(row))
	for i, v := range row {
		out[i] = c.apply(i, v)
	}
	return out
}

// Linears returns the linear operators of the graph in its order, for exact
// explanations.
func (p *Program) Linears() []*Linear { return slices.Clone(p.linears) }

// Columnwise returns the Scaler and Imputer operators on float32 of the graph
// in its order, for exact explanations.
func (p *Program) Columnwise() []*Columnwise { return slices.Clone(p.columnwise) }
