package fairness

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

//go:embed report.html.tmpl
var reportTemplate string

// WriteHTML writes the report as one page that needs no other file and prints well.
func (r *Report) WriteHTML(w io.Writer) error {
	t, err := template.New("report").Funcs(template.FuncMap{
		"percent": percent,
		"number":  numberOf,
		"cell":    func(g GroupRow, m Metric) Estimate { return g.Metrics[m] },
		"size":    sizeOf,
		"lines":   lines,
		"ratio":   ratioOf,
		"dots":    dotPlot,
		"curve":   calibrationPlot,
		"mark":    mark,
		"plain":   func(s string) string { return strings.ReplaceAll(s, "_", " ") },
	}).Parse(reportTemplate)
	if err != nil {
		return fmt.Errorf("reading the page of the report: %w", err)
	}
	if err := t.Execute(w, pageOf(r)); err != nil {
		return fmt.Errorf("writing the report as HTML: %w", err)
	}
	return nil
}

// page is the report in the order of reading.
type page struct {
	*Report
	Sections    []pageSection
	Verdicts    []verdictTable
	Judged      int
	RateMetrics []Metric
	ScoreOnes   []Metric
	Curves      []attributeCurves
}

// verdictTable is the verdicts of one attribute at one threshold, a row for each group.
type verdictTable struct {
	Attribute, Reference string
	Threshold            *float64
	Metrics              []Metric
	Rows                 []verdictRow
}

type verdictRow struct {
	Group       string
	Comparisons []Comparison
}

func (v *verdictTable) add(c Comparison) {
	if !slices.Contains(v.Metrics, c.Metric) {
		v.Metrics = append(v.Metrics, c.Metric)
	}
	last := len(v.Rows) - 1
	if last < 0 || v.Rows[last].Group != c.Group {
		v.Rows = append(v.Rows, verdictRow{Group: c.Group})
		last++
	}
	v.Rows[last].Comparisons = append(v.Rows[last].Comparisons, c)
}

// verdictTables divides the comparisons with a verdict by attribute and threshold.
func verdictTables(comparisons []Comparison) (out []verdictTable, judged int) {
	at := make(map[string]int)
	for _, c := range comparisons {
		if c.Verdict == nil {
			continue
		}
		judged++
		key := c.Attribute + "\x00" + number(*c.Threshold)
		k, ok := at[key]
		if !ok {
			k = len(out)
			at[key] = k
			out = append(out, verdictTable{Attribute: c.Attribute, Reference: c.Reference, Threshold: c.Threshold})
		}
		out[k].add(c)
	}
	return out, judged
}

// mark puts a sign beside the word of a verdict, so that neither colour nor reading is needed alone.
func mark(verdict string) string {
	switch verdict {
	case Pass:
		return "✓ pass"
	case Fail:
		return "✗ fail"
	}
	return "? insufficient evidence"
}

// pageSection is one attribute at one threshold.
type pageSection struct {
	Attribute string
	Threshold *float64
	Rows      []GroupRow
	Spreads   []Spread
}

// attributeCurves are the calibration curves of the groups of one attribute.
type attributeCurves struct {
	Attribute, Group string
	Bins             []CalibrationBin
}

func pageOf(r *Report) page {
	p := page{
		Report:      r,
		RateMetrics: []Metric{SelectionRate, FPR, FNR, PPV, NPV, Accuracy},
		ScoreOnes:   []Metric{BaseRate, MeanScore, AUC, Brier, ECE, ObservedOverExpected, CalibrationSlope},
	}
	p.Verdicts, p.Judged = verdictTables(r.Comparisons)
	for _, g := range r.byThreshold() {
		last := len(p.Sections) - 1
		if last < 0 || p.Sections[last].Attribute != g.Attribute || !sameThreshold(p.Sections[last].Threshold, g.Threshold) {
			s := pageSection{Attribute: g.Attribute, Threshold: g.Threshold}
			for _, d := range r.Disparities {
				if d.Attribute == g.Attribute && d.Threshold != nil && sameThreshold(d.Threshold, g.Threshold) {
					s.Spreads = append(s.Spreads, d)
				}
			}
			p.Sections = append(p.Sections, s)
			last++
		}
		p.Sections[last].Rows = append(p.Sections[last].Rows, g)
	}
	for _, c := range r.Calibration {
		last := len(p.Curves) - 1
		if last < 0 || p.Curves[last].Attribute != c.Attribute || p.Curves[last].Group != c.Group {
			p.Curves = append(p.Curves, attributeCurves{Attribute: c.Attribute, Group: c.Group})
			last++
		}
		p.Curves[last].Bins = append(p.Curves[last].Bins, c)
	}
	return p
}

func sameThreshold(a, b *float64) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

func sizeOf(n *int) string {
	if n == nil {
		return "*"
	}
	return strconv.Itoa(*n)
}

// numberOf shows a number or the number behind a pointer.
func numberOf(v any) (string, error) {
	switch v := v.(type) {
	case float64:
		return number(v), nil
	case *float64:
		return number(*v), nil
	}
	return "", fmt.Errorf("%T is no number", v)
}

// unscaled are the metrics that are no share of people and are shown as they are, not in percent.
var unscaled = map[Metric]bool{
	ObservedOverExpected: true, Brier: true, LogLoss: true, CalibrationSlope: true, GeneralisedEntropy: true, Theil: true,
}

// Shown shows the value of a metric, shares in percent.
func (p page) Shown(m Metric, e Estimate) string {
	if e.Defined() && p.asItIs(m) {
		return fmt.Sprintf("%.3f", e.Value)
	}
	return percent(e)
}

// Range shows the interval of a metric like [page.Shown]; "" without one.
func (p page) Range(m Metric, e Estimate) string {
	switch {
	case !e.HasInterval():
		return ""
	case p.asItIs(m):
		return fmt.Sprintf("%.2f to %.2f", e.Low, e.High)
	}
	return fmt.Sprintf("%.1f to %.1f", 100*e.Low, 100*e.High)
}

func (p page) asItIs(m Metric) bool {
	return unscaled[m] || m == MeanScore && p.Score.Kind != ProbabilityScore
}

// ratioOf shows a ratio with its interval.
func ratioOf(e Estimate) string {
	switch {
	case !e.Defined():
		return percent(e)
	case !e.HasInterval():
		return fmt.Sprintf("%.2f", e.Value)
	}
	return fmt.Sprintf("%.2f (%.2f to %.2f)", e.Value, e.Low, e.High)
}

// Sizes of the plots in user units.
const (
	plotLabel = 210
	plotWidth = 360
	plotRow   = 22
	curveSize = 220
)

// dotPlot draws one rate of the groups of a section as dots with intervals on a scale from 0 to 100 %.
func dotPlot(s pageSection, m Metric) template.HTML {
	var b strings.Builder
	height := plotRow*len(s.Rows) + 30
	fmt.Fprintf(&b, `<svg role="img" viewBox="0 0 %d %d" width="%d" height="%d"><title>%s by group with intervals</title>`,
		plotLabel+plotWidth+60, height, plotLabel+plotWidth+60, height, m)
	for _, tick := range []int{0, 25, 50, 75, 100} {
		x := plotLabel + plotWidth*tick/100
		fmt.Fprintf(&b, `<line class="grid" x1="%d" y1="0" x2="%d" y2="%d"/><text class="tick" x="%d" y="%d">%d</text>`,
			x, x, height-20, x, height-4, tick)
	}
	for k, g := range s.Rows {
		y := plotRow*k + plotRow/2
		fmt.Fprintf(&b, `<text class="label" x="%d" y="%d">%s</text>`, plotLabel-8, y+4, template.HTMLEscapeString(g.Group))
		e := g.Metrics[m]
		if !e.Defined() {
			fmt.Fprintf(&b, `<text x="%d" y="%d">%s</text>`, plotLabel+4, y+4, percent(e))
			continue
		}
		if e.HasInterval() {
			fmt.Fprintf(&b, `<line class="range" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>`,
				plotLabel+plotWidth*e.Low, y, plotLabel+plotWidth*e.High, y)
		}
		fmt.Fprintf(&b, `<circle cx="%.1f" cy="%d" r="4"/><text x="%d" y="%d">%s</text>`,
			plotLabel+plotWidth*e.Value, y, plotLabel+plotWidth+8, y+4, percent(e))
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// calibrationPlot draws observed against predicted shares with intervals; on the diagonal they agree.
func calibrationPlot(c attributeCurves) template.HTML {
	var b strings.Builder
	at := func(x, y float64) (float64, float64) { return 30 + curveSize*x, 10 + curveSize*(1-y) }
	fmt.Fprintf(&b, `<svg role="img" viewBox="0 0 %d %d" width="%d" height="%d"><title>Calibration of %s: observed against predicted</title>`,
		curveSize+45, curveSize+40, curveSize+45, curveSize+40, template.HTMLEscapeString(c.Group))
	fmt.Fprintf(&b, `<rect class="frame" x="30" y="10" width="%d" height="%d"/><line class="grid" x1="30" y1="%d" x2="%d" y2="10"/>`,
		curveSize, curveSize, curveSize+10, curveSize+30)
	fmt.Fprintf(&b, `<text x="30" y="%d">predicted 0 to 100 %%</text><text transform="translate(22 %d) rotate(-90)">observed</text>`,
		curveSize+28, curveSize)
	for _, bin := range c.Bins {
		if !bin.Observed.Defined() {
			continue
		}
		x, y := at(bin.MeanScore.Value, bin.Observed.Value)
		if bin.Observed.HasInterval() {
			_, low := at(0, bin.Observed.Low)
			_, high := at(0, bin.Observed.High)
			fmt.Fprintf(&b, `<line class="range" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, x, low, x, high)
		}
		fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="4"/>`, x, math.Round(10*y)/10)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}
