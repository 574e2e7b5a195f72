package fairness

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"math"
	"slices"
	"strings"
)

//go:embed report.html.tmpl
var reportTemplate string

//go:embed locales
var locales embed.FS

// Locales are the texts of a report's page, a folder for each locale, for explain/words to load.
func Locales() (fs.FS, error) { return fs.Sub(locales, "locales") }

// Words say a report in one language; explain/words has them. Ids begin with "fairness.".
type Words interface {
	Code() string
	Text(id string, args ...any) string
	Has(id string) bool
	Number(x float64, decimals int) string
	Percent(share float64, decimals int) string
}

// WriteHTML writes the report as one page that needs no other file and prints well.
func (r *Report) WriteHTML(w io.Writer, words Words) error {
	p := pageOf(r, words)
	t, err := template.New("report").Funcs(template.FuncMap{
		"t":       func(id string, args ...any) string { return words.Text("fairness."+id, args...) },
		"lang":    words.Code,
		"level":   func() string { return words.Percent(r.Settings.Level, 0) },
		"metric":  func(m Metric) string { return words.Text("fairness.metric." + string(m)) },
		"spread":  p.spread,
		"group":   p.group,
		"percent": p.percent,
		"share":   func(x float64) string { return words.Percent(x, 0) },
		"number":  p.number,
		"cell":    func(g GroupRow, m Metric) Estimate { return g.Metrics[m] },
		"size":    p.size,
		"lines":   lines,
		"ratio":   p.ratio,
		"dots":    p.dotPlot,
		"curve":   p.calibrationPlot,
	}).Parse(reportTemplate)
	if err != nil {
		return fmt.Errorf("reading the page of the report: %w", err)
	}
	if err := t.Execute(w, p); err != nil {
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
	// CensorMetrics are shown with weights and without the people who were not followed.
	CensorMetrics []Metric
	Explained     []Metric
	Limitations   []string // ids of the sentences
	Curves        []attributeCurves
	words         Words
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

// pageSection is one attribute at one threshold.
type pageSection struct {
	Attribute string
	Threshold *float64
	First     bool // of its attribute: it shows the figures that no threshold changes
	Rows      []GroupRow
	Spreads   []Spread
}

// attributeCurves are the calibration curves of the groups of one attribute.
type attributeCurves struct {
	Attribute, Group string
	Bins             []CalibrationBin
}

func pageOf(r *Report, words Words) *page {
	p := &page{
		Report:        r,
		words:         words,
		CensorMetrics: []Metric{BaseRate, FPR, FNR},
		Limitations:   []string{"detection", "arrest"},
		RateMetrics:   []Metric{SelectionRate, FPR, FNR, PPV, NPV, Accuracy},
		ScoreOnes:     []Metric{BaseRate, MeanScore, AUC, Brier, ECE, ObservedOverExpected, CalibrationSlope},
	}
	if r.Censoring != nil {
		p.Limitations = append(p.Limitations, "censoring")
	}
	p.Explained = append(append(p.Explained, p.RateMetrics...), p.ScoreOnes...)
	seen := map[string]bool{}
	p.Verdicts, p.Judged = verdictTables(r.Comparisons)
	for _, g := range r.byThreshold() {
		last := len(p.Sections) - 1
		if last < 0 || p.Sections[last].Attribute != g.Attribute || !sameThreshold(p.Sections[last].Threshold, g.Threshold) {
			s := pageSection{Attribute: g.Attribute, Threshold: g.Threshold, First: !seen[g.Attribute]}
			seen[g.Attribute] = true
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

func (p *page) size(n *int) string {
	if n == nil {
		return "*"
	}
	return p.words.Number(float64(*n), 0)
}

// number shows a number, or the number behind a pointer, with as many decimals as it has.
func (p *page) number(v any) (string, error) {
	switch v := v.(type) {
	case float64:
		text := number(v)
		_, decimals, _ := strings.Cut(text, ".")
		if strings.Contains(text, "e") {
			return text, nil
		}
		return p.words.Number(v, len(decimals)), nil
	case *float64:
		return p.number(*v)
	}
	return "", fmt.Errorf("%T is no number", v)
}

// group names a group: everybody, those of unknown attribute, or as the file does.
func (p *page) group(attribute, name string) string {
	switch {
	case attribute == AllAttribute || attribute == "" && name == AllGroup:
		return p.words.Text("fairness.everybody")
	case name == MissingLevel:
		name = p.words.Text("fairness.missing")
	}
	if attribute == "" {
		return name
	}
	return name + " (" + attribute + ")"
}

// spread names an overall disparity by the metric that it is of.
func (p *page) spread(name string) string {
	if id := "fairness.spread." + name; p.words.Has(id) {
		return p.words.Text(id)
	}
	for _, kind := range []string{"mean_difference", "difference", "ratio"} {
		of, ok := strings.CutSuffix(name, "_"+kind)
		if !ok {
			continue
		}
		id := "fairness.spread." + of
		if !p.words.Has(id) {
			id = "fairness.metric." + of
		}
		for m, known := range spreadNames {
			if known == of {
				id = "fairness.metric." + string(m)
			}
		}
		return p.words.Text("fairness."+kind, "name", p.words.Text(id))
	}
	return name
}

// absent marks a figure that is not there: an asterisk where it is hidden, a dash where it is undefined.
func absent(e Estimate) string {
	if e.Reason == SmallCell || e.Reason == ComplementaryCell {
		return "*"
	}
	return "–"
}

// unscaled are the metrics that are no share of people and are shown as they are, not in percent.
var unscaled = map[Metric]bool{
	ObservedOverExpected: true, Brier: true, LogLoss: true, CalibrationSlope: true, GeneralisedEntropy: true, Theil: true,
}

// Shown shows the value of a metric, shares in percent.
func (p *page) Shown(m Metric, e Estimate) string {
	if e.Defined() && p.asItIs(m) {
		return p.words.Number(e.Value, 3)
	}
	return p.percent(e)
}

// Range shows the interval of a metric like [page.Shown]; "" without one.
func (p *page) Range(m Metric, e Estimate) string {
	switch {
	case !e.HasInterval():
		return ""
	case p.asItIs(m):
		return p.words.Number(e.Low, 2) + "–" + p.words.Number(e.High, 2)
	}
	return p.words.Number(100*e.Low, 1) + "–" + p.words.Number(100*e.High, 1)
}

func (p *page) asItIs(m Metric) bool {
	return unscaled[m] || m == MeanScore && p.Score.Kind != ProbabilityScore
}

func (p *page) percent(e Estimate) string {
	if !e.Defined() {
		return absent(e)
	}
	return p.words.Number(100*e.Value, 2)
}

// ratio shows a ratio with its interval.
func (p *page) ratio(e Estimate) string {
	switch {
	case !e.Defined():
		return absent(e)
	case !e.HasInterval():
		return p.words.Number(e.Value, 2)
	}
	return p.words.Number(e.Value, 2) + " (" + p.words.Number(e.Low, 2) + "–" + p.words.Number(e.High, 2) + ")"
}

// Sizes of the plots in user units.
const (
	plotLabel = 210
	plotWidth = 360
	plotRow   = 22
	curveSize = 220
)

// dotPlot draws one rate of the groups of a section as dots with intervals on a scale from 0 to 100 %.
func (p *page) dotPlot(s pageSection, m Metric) template.HTML {
	var b strings.Builder
	height := plotRow*len(s.Rows) + 30
	fmt.Fprintf(&b, `<svg role="img" viewBox="0 0 %d %d" width="%d" height="%d"><title>%s</title>`,
		plotLabel+plotWidth+60, height, plotLabel+plotWidth+60, height, template.HTMLEscapeString(p.words.Text("fairness.metric."+string(m))))
	for _, tick := range []int{0, 25, 50, 75, 100} {
		x := plotLabel + plotWidth*tick/100
		fmt.Fprintf(&b, `<line class="grid" x1="%d" y1="0" x2="%d" y2="%d"/><text class="tick" x="%d" y="%d">%d</text>`,
			x, x, height-20, x, height-4, tick)
	}
	for k, g := range s.Rows {
		y := plotRow*k + plotRow/2
		fmt.Fprintf(&b, `<text class="label" x="%d" y="%d">%s</text>`, plotLabel-8, y+4, template.HTMLEscapeString(p.group("", g.Group)))
		e := g.Metrics[m]
		if !e.Defined() {
			fmt.Fprintf(&b, `<text x="%d" y="%d">%s</text>`, plotLabel+4, y+4, absent(e))
			continue
		}
		if e.HasInterval() {
			fmt.Fprintf(&b, `<line class="range" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>`,
				plotLabel+plotWidth*e.Low, y, plotLabel+plotWidth*e.High, y)
		}
		fmt.Fprintf(&b, `<circle cx="%.1f" cy="%d" r="4"/><text x="%d" y="%d">%s</text>`,
			plotLabel+plotWidth*e.Value, y, plotLabel+plotWidth+8, y+4, p.percent(e))
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// calibrationPlot draws observed against predicted shares with intervals; on the diagonal they agree.
func (p *page) calibrationPlot(c attributeCurves) template.HTML {
	var b strings.Builder
	at := func(x, y float64) (float64, float64) { return 30 + curveSize*x, 10 + curveSize*(1-y) }
	fmt.Fprintf(&b, `<svg role="img" viewBox="0 0 %d %d" width="%d" height="%d"><title>%s: %s</title>`,
		curveSize+45, curveSize+40, curveSize+45, curveSize+40, template.HTMLEscapeString(p.words.Text("fairness.calibration")), template.HTMLEscapeString(p.group(c.Attribute, c.Group)))
	fmt.Fprintf(&b, `<rect class="frame" x="30" y="10" width="%d" height="%d"/><line class="grid" x1="30" y1="%d" x2="%d" y2="10"/>`,
		curveSize, curveSize, curveSize+10, curveSize+30)
	fmt.Fprintf(&b, `<text x="30" y="%d">%s, 0–100 %%</text><text transform="translate(22 %d) rotate(-90)">%s</text>`,
		curveSize+28, template.HTMLEscapeString(p.words.Text("fairness.predicted")), curveSize, template.HTMLEscapeString(p.words.Text("fairness.observed")))
	var there, back string
	for _, bin := range c.Bins {
		if !bin.Observed.HasInterval() {
			continue
		}
		x, low := at(bin.MeanScore.Value, bin.Observed.Low)
		_, high := at(0, bin.Observed.High)
		there, back = there+fmt.Sprintf("%.1f,%.1f ", x, high), fmt.Sprintf("%.1f,%.1f ", x, low)+back
	}
	if there != "" {
		fmt.Fprintf(&b, `<polygon class="band" points="%s%s"/>`, there, back)
	}
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
