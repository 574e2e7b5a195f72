package pages

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tarozi/tarozi/fairness"
)

// curve is the calibration of one group: points in a square of 100, with the table beside.
type curve struct {
	Group  string
	Points []curvePoint
	Rows   [][]string
}

type curvePoint struct{ X, Y, Low, High float64 }

func (v *reportView) curves(r *fairness.Report, group func(string, string) string) {
	l := v.L
	at := map[[2]string]int{}
	for _, b := range r.Calibration {
		key := [2]string{b.Attribute, b.Group}
		k, known := at[key]
		if !known {
			k = len(v.Curves)
			at[key] = k
			v.Curves = append(v.Curves, curve{Group: group(b.Attribute, b.Group)})
		}
		one := &v.Curves[k]
		one.Rows = append(one.Rows, []string{l.Percent(b.Low, 0) + "–" + l.Percent(b.High, 0), countOf(l, b.N), ratio(l, b.MeanScore), ratio(l, b.Observed)})
		if b.Observed.Defined() {
			low, high := b.Observed.Value, b.Observed.Value
			if b.Observed.HasInterval() {
				low, high = b.Observed.Low, b.Observed.High
			}
			one.Points = append(one.Points, curvePoint{X: tenths(100 * b.MeanScore.Value), Y: tenths(100 - 100*b.Observed.Value), Low: tenths(100 - 100*low), High: tenths(100 - 100*high)})
		}
		v.Wider = v.Wider || !b.Observed.Defined() || b.High-b.Low > 0.1+1e-9
	}
	var none []string
	for _, one := range v.Curves {
		if one.Points == nil {
			none = append(none, one.Group)
		}
	}
	v.Uncurved = strings.Join(none, ", ")
}

func tenths(x float64) float64 { return float64(int(10*x+0.5)) / 10 }

// Band is the outline of the intervals, there and back.
func (c curve) Band() string {
	var b strings.Builder
	for _, p := range c.Points {
		b.WriteString(number(p.X) + "," + number(p.High) + " ")
	}
	for _, p := range slices.Backward(c.Points) {
		b.WriteString(number(p.X) + "," + number(p.Low) + " ")
	}
	return b.String()
}

// Line joins the points.
func (c curve) Line() string {
	var b strings.Builder
	for _, p := range c.Points {
		b.WriteString(number(p.X) + "," + number(p.Y) + " ")
	}
	return b.String()
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
