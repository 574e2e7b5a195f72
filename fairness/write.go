package fairness

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Formats lists the forms in which a report can be written.
func Formats() []string { return []string{"json", "csv", "html", "text"} }

// Write writes the report in one of [Formats] but HTML, which is in a language: see [Report.WriteHTML].
func (r *Report) Write(w io.Writer, form string) error {
	switch form {
	case "json":
		return r.WriteJSON(w)
	case "csv":
		return r.WriteCSV(w)
	case "text":
		return r.WriteText(w)
	}
	return fmt.Errorf("format %q is none of %s", form, strings.Join(Formats(), ", "))
}

// WriteJSON writes the report by the schema of [Schema].
func (r *Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("writing the report as JSON: %w", err)
	}
	return nil
}

// figure is one number of the report in the long form of the CSV.
type figure struct {
	section, attribute, group, other string
	threshold                        *float64
	name                             string
	estimate                         Estimate
	verdict                          string
}

// figures lists every number of the report that is an estimate, and the counts as estimates without interval.
func (r *Report) figures() []figure {
	var out []figure
	rows := func(section string, rows []GroupRow) {
		for _, g := range rows {
			n := undefined(g.NReason)
			if g.N != nil {
				n = point(float64(*g.N))
			}
			out = append(out, figure{section, g.Attribute, g.Group, "", g.Threshold, "n", n, ""})
			for _, m := range append(ScoreMetrics(), ThresholdMetrics()...) {
				if e, ok := g.Metrics[m]; ok {
					out = append(out, figure{section, g.Attribute, g.Group, "", g.Threshold, string(m), e, ""})
				}
			}
		}
	}
	rows("groups", r.Groups)
	rows("left_out_groups", r.LeftOutGroups)
	for _, c := range r.Calibration {
		bin := number(c.Low) + " to " + number(c.High)
		out = append(out, figure{"calibration", c.Attribute, c.Group, bin, nil, "mean_score", c.MeanScore, ""},
			figure{"calibration", c.Attribute, c.Group, bin, nil, "observed", c.Observed, ""})
	}
	for _, p := range r.XAUC {
		out = append(out, figure{"xauc", p.Attribute, p.Positive, p.Negative, nil, "xauc", p.XAUC, ""})
	}
	for _, s := range r.Disparities {
		out = append(out, figure{"disparities", s.Attribute, "", "", s.Threshold, s.Name, s.Estimate, ""})
	}
	for _, c := range r.Comparisons {
		out = append(out, figure{"comparisons", c.Attribute, c.Group, c.Reference, c.Threshold, string(c.Metric) + "_difference", c.Difference, ""})
		if c.Metric == AverageOdds {
			continue
		}
		verdict := ""
		if c.Verdict != nil {
			verdict = c.Verdict.Verdict
		}
		out = append(out, figure{"comparisons", c.Attribute, c.Group, c.Reference, c.Threshold, string(c.Metric) + "_ratio", c.Ratio, verdict})
	}
	rows("decisions", r.Decisions)
	rows("prior_views", r.PriorViews)
	for _, o := range r.Overrides {
		for _, e := range []struct {
			name string
			e    Estimate
		}{{"agreement", o.Agreement}, {"raised", o.Raised}, {"lowered", o.Lowered}} {
			out = append(out, figure{"overrides", o.Attribute, o.Group, "", o.Threshold, e.name, e.e, ""})
		}
	}
	for _, d := range r.Detection {
		at := strconv.FormatFloat(d.Detected, 'g', -1, 64)
		for _, e := range []struct {
			name string
			e    Estimate
		}{{"base_rate", d.BaseRate}, {"fpr", d.FPR}, {"ppv", d.PPV}, {"npv", d.NPV}} {
			out = append(out, figure{"detection_sensitivity", d.Attribute, d.Group, at, d.Threshold, e.name, e.e, ""})
		}
	}
	for _, t := range r.Tradeoffs {
		out = append(out, figure{"tradeoffs", t.Attribute, t.Group, t.Reference, t.Threshold, "fpr_at_equal_ppv", t.FPRAtEqualPPV, ""},
			figure{"tradeoffs", t.Attribute, t.Group, t.Reference, t.Threshold, "ppv_at_equal_fpr", t.PPVAtEqualFPR, ""})
	}
	if r.Service != nil {
		for _, c := range r.Service.Workflow {
			n := undefined(SmallCell)
			if c.N != nil {
				n = point(float64(*c.N))
			}
			out = append(out, figure{"workflow", "", "", "", nil, c.What, n, ""})
		}
	}
	return out
}

func number(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// cell keeps spreadsheets from taking a group's name for a formula.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// WriteCSV writes every number in long form, one line each, empty where undefined. other is the reference group, the
// group of the negatives (xauc), the bin (calibration) or the share detected (detection_sensitivity). A group's name that a spreadsheet would
// take for a formula gets an apostrophe in front.
func (r *Report) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"report_id", "section", "attribute", "group", "other", "threshold", "figure", "value", "low", "high",
		"method", "reason", "undefined_replicates", "verdict"}}
	for _, f := range r.figures() {
		threshold := ""
		if f.threshold != nil {
			threshold = number(*f.threshold)
		}
		rows = append(rows, []string{r.ID, f.section, cell(f.attribute), cell(f.group), cell(f.other), threshold, f.name,
			number(f.estimate.Value), number(f.estimate.Low), number(f.estimate.High), string(f.estimate.Method),
			string(f.estimate.Reason), strconv.Itoa(f.estimate.UndefinedReplicates), f.verdict})
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("writing the report as CSV: %w", err)
	}
	return nil
}

// textMetrics are the columns of the text table.
var textMetrics = []Metric{BaseRate, SelectionRate, FPR, FNR, PPV, NPV, AUC}

// percent shows a share with two decimals, as the literature's tables do, or a mark for a figure that is not there.
func percent(e Estimate) string {
	if !e.Defined() {
		if e.Reason == SmallCell || e.Reason == ComplementaryCell {
			return "*"
		}
		return "-"
	}
	return strconv.FormatFloat(100*e.Value, 'f', 2, 64)
}

// sizeOf is a count for a terminal.
func sizeOf(n *int) string {
	if n == nil {
		return "*"
	}
	return strconv.Itoa(*n)
}

// WriteText writes the main table for reading in a terminal; the other forms carry every number.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Fairness report %s\n%s, sha256 %s, %s rows, %s measured\n", r.ID, r.Input.Name, r.Input.SHA256, sizeOf(r.Input.Rows), sizeOf(r.Score.N))
	for _, s := range r.SetAside {
		fmt.Fprintf(&b, "set aside: %d rows, column %q: %s (first lines: %s)\n", s.Count, s.Column, s.Reason, lines(s.Lines))
	}
	fmt.Fprintf(&b, "verdicts: %d pass, %d fail, %d insufficient evidence\n", r.Verdicts.Pass, r.Verdicts.Fail, r.Verdicts.InsufficientEvidence)
	var at *float64
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for k, g := range r.byThreshold() {
		if k == 0 || g.Threshold != nil && *g.Threshold != *at {
			if err := t.Flush(); err != nil {
				return fmt.Errorf("writing the report as text: %w", err)
			}
			fmt.Fprintf(&b, "\n%s\n", thresholdTitle(g.Threshold))
			fmt.Fprint(t, "group\tn")
			for _, m := range textMetrics {
				fmt.Fprintf(t, "\t%s", m)
			}
			fmt.Fprintln(t)
			at = g.Threshold
		}
		fmt.Fprintf(t, "%s: %s\t%s", g.Attribute, g.Group, sizeOf(g.N))
		for _, m := range textMetrics {
			e, ok := g.Metrics[m]
			if !ok {
				e = undefined("")
			}
			fmt.Fprintf(t, "\t%s", percent(e))
		}
		fmt.Fprintln(t)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("writing the report as text: %w", err)
	}
	fmt.Fprintf(&b, "\nin percent; * too few people to be shown, - undefined\n")
	for _, c := range r.Comparisons {
		if c.Verdict != nil && c.Verdict.Verdict == Fail {
			fmt.Fprintf(&b, "FAIL at %s: %s of %s %q is %.2f times that of %q (%.2f to %.2f), tolerated %g to %g\n", number(*c.Threshold),
				c.Metric, c.Attribute, c.Group, c.Ratio.Value, c.Reference, c.Ratio.Low, c.Ratio.High, r.Settings.TauLow, r.Settings.TauHigh)
		}
	}
	for _, l := range r.Limits {
		fmt.Fprintf(&b, "Limit: %s\n", l)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the report as text: %w", err)
	}
	return nil
}

func thresholdTitle(t *float64) string {
	if t == nil {
		return "no threshold"
	}
	return "score of " + number(*t) + " and above counted as high"
}

func lines(n []int) string {
	s := make([]string, len(n))
	for i, v := range n {
		s[i] = strconv.Itoa(v)
	}
	return strings.Join(s, ", ")
}

// byThreshold orders the rows by threshold first.
func (r *Report) byThreshold() []GroupRow {
	if len(r.Settings.Thresholds) < 2 {
		return r.Groups
	}
	var out []GroupRow
	for _, t := range r.Settings.Thresholds {
		for _, g := range r.Groups {
			if *g.Threshold == t {
				out = append(out, g)
			}
		}
	}
	return out
}
