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

// Scaler is the structure of one Scaler: (x - offset) * scale, in float32, by
// feature. Read-only.
type Scaler struct {
	input, output string
	offset, scale []float32
}

// Input is the name of the value that is scaled.
func (s *Scaler) Input() string { return s.input }

// Output is the name of the scaled value.
func (s *Scaler) Output() string { return s.output }

// Apply scales one row of float32 as a run does.
func (s *Scaler) Apply(row []float32) []float32 {
	out := make([]float32, len(row))
	for i, v := range row {
		at := i % len(s.scale)
		out[i] = (v - s.offset[at]) * s.scale[at]
	}
	return out
}

// Linears returns the linear operators of the graph in its order, for exact
// explanations.
func (p *Program) Linears() []*Linear { return slices.Clone(p.linears) }

// Scalers returns the Scaler operators of the graph in its order, for exact
// explanations.
func (p *Program) Scalers() []*Scaler { return slices.Clone(p.scalers) }
