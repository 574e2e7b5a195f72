package pages

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/fairness"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/server/reporting"
	"github.com/tarozi/tarozi/store"
)

// Reporting is what the pages ask of reporting.Reporter.
type Reporting interface {
	Make(ctx context.Context, who tarozi.Actor, period string) (*fairness.Report, error)
	Report(ctx context.Context, who tarozi.Actor, idOrPeriod string) (*fairness.Report, error)
	Reports(ctx context.Context, who tarozi.Actor) ([]store.StoredReport, error)
}

type reportsView struct {
	view
	Periods []option
	Rows    []reportLine
	Model   string // whose decisions are taken
}

type reportLine struct{ Period, Made, ID, Link string }

// quarters is how many periods the form offers.
const quarters = 5

func (p *Pages) reports(c *gin.Context) {
	list, err := p.Reports.Reports(c.Request.Context(), asker(c))
	if err != nil {
		p.Fail(c, err)
		return
	}
	v := reportsView{view: p.view(c, "report.list_title")}
	v.Nav = "reports"
	day := p.today()
	for range quarters {
		id := reporting.Quarter(day)
		v.Periods = append(v.Periods, option{Value: id, Label: id})
		day = day.AddMonths(-3)
	}
	for _, r := range list {
		v.Rows = append(v.Rows, reportLine{Period: r.Period, Made: v.L.Time(r.MadeAt, p.Zone), ID: r.ID, Link: "/reports/" + r.ID})
		v.Model = r.ModelID
	}
	p.show(c, http.StatusOK, "reports", v)
}

func (p *Pages) makeReport(c *gin.Context) {
	report, err := p.Reports.Make(c.Request.Context(), asker(c), c.PostForm("period"))
	if err != nil {
		p.Fail(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/reports/"+report.ID)
}

// report shows a report as a page, or gives it as JSON or CSV: the same figures under the same id.
func (p *Pages) report(c *gin.Context) {
	id, form, _ := strings.Cut(c.Param("report"), ".")
	r, err := p.Reports.Report(c.Request.Context(), asker(c), id)
	if err != nil {
		p.Fail(c, err)
		return
	}
	switch form {
	case "":
		p.show(c, http.StatusOK, "report", p.reportView(c, r))
	case "json", "csv":
		c.Header("Content-Disposition", `attachment; filename="`+r.ID+"."+form+`"`)
		c.Header("Content-Type", map[string]string{"json": "application/json", "csv": "text/csv; charset=utf-8"}[form])
		c.Status(http.StatusOK)
		if err := r.Write(c.Writer, form); err != nil {
			p.Failed(c.Request.Context(), err)
		}
	default:
		p.NotFound(c)
	}
}

type reportView struct {
	view
	R                            *fairness.Report
	S                            *fairness.Service
	Lead, About, Made, Use       string
	Findings, Workflow, Expected []fact
	Coverage, Bands              [][]string
	Verdicts                     [][]string
	Rates                        []rateTable
	Curves                       []curve
	Uncurved                     string // groups without any bin to show
	Wider                        bool   // bins are not the tenths, or some are hidden
	Shares                       []string
	Detection                    [][]string
	Tradeoffs, StandIns          [][]string
	Gaps                         []gapRows
	Drift, Remedies, Judgement   [][]string
	Changes                      []slope
	Cuts                         []option
	Cut                          string
	Simulated                    []rateRow
	Censored                     string     // who was not followed to the horizon; empty where everybody was
	LeftOut                      [][]string // rates with weights, and without those people
	Hidden                       string
	Suppressed                   [][]string
	SuppressedPairs              string
	Definitions                  []fact
	Decisions                    string
}

// gapRows are the factors that part a group from the one it is compared with.
type gapRows struct {
	Between string
	Rows    [][]string
}

// rateTable are the errors of the groups of one attribute at one threshold.
type rateTable struct {
	Name string
	Rows []rateRow
}

type rateRow struct {
	Group, N, Selected string
	FPR, FNR, PPV      rateDot
}

// rateDot is a rate with its interval, in percent of the width.
type rateDot struct {
	Shown, Range   string
	Has, HasRange  bool
	At, Low, Width float64
}

func dotOf(l *words.Locale, e fairness.Estimate) rateDot {
	if !e.Defined() {
		return rateDot{Shown: absent(e)}
	}
	d := rateDot{Has: true, At: whole.at(100 * e.Value), Shown: l.Percent(e.Value, 0)}
	if e.HasInterval() {
		d.HasRange, d.Low = true, whole.at(100*e.Low)
		d.Width = tenths(whole.at(100*e.High) - d.Low)
		d.Range = l.Number(100*e.Low, 0) + "–" + l.Percent(e.High, 0)
	}
	return d
}

// absent marks a figure that is not there: an asterisk where it is hidden, a dash where it is undefined.
func absent(e fairness.Estimate) string {
	if e.Reason == fairness.SmallCell || e.Reason == fairness.ComplementaryCell {
		return "*"
	}
	return "–"
}

func ratio(l *words.Locale, e fairness.Estimate) string {
	d := dotOf(l, e)
	if d.Range != "" {
		return d.Shown + " (" + d.Range + ")"
	}
	return d.Shown
}

func decimal(l *words.Locale, e fairness.Estimate, digits int) string {
	if !e.Defined() {
		return absent(e)
	}
	return l.Number(e.Value, digits)
}

func countOf(l *words.Locale, n *int) string {
	if n == nil {
		return "*"
	}
	return l.Number(float64(*n), 0)
}

// slope is a rate then and now.
type slope struct {
	Name, Before, Now, Verdict string
	Has                        bool
	Y1, Y2                     float64
}

func (p *Pages) reportView(c *gin.Context, r *fairness.Report) *reportView {
	v := &reportView{view: p.view(c, "report.title"), R: r, S: r.Service}
	v.Nav = "reports"
	l, s := v.L, r.Service
	agencies := map[string]string{}
	if list, err := p.People.Agencies(c.Request.Context()); err == nil {
		for _, a := range list {
			agencies[a.ID] = a.Name
		}
	}
	group := func(attribute, name string) string {
		switch {
		case attribute == fairness.AllAttribute:
			return l.Text("report.everybody")
		case name == fairness.MissingLevel:
			return l.Text("report.unknown_group")
		case attribute == "agency" && agencies[name] != "":
			return agencies[name]
		case attribute == scoring.CaseGroup:
			return l.Text("judged.band." + name)
		case attribute == "language" && l.Has("report.language."+name):
			return l.Text("report.language." + name)
		case l.Group(attribute+"="+name) != attribute+"="+name:
			return l.Group(attribute + "=" + name)
		}
		return name
	}
	months := s.HorizonMonths
	v.About = l.Score(s.Outcome, &months)
	v.Lead = l.Text("report.lead", "fail", r.Verdicts.Fail, "pass", r.Verdicts.Pass, "open", r.Verdicts.InsufficientEvidence)
	v.Made, v.Use, v.Decisions = l.Time(s.MadeAt, p.Zone), l.Of(s.Model.IntendedUse), "/models/"+s.Model.ID+"/decisions"
	for _, f := range s.Findings {
		value := "–"
		if f.Value != nil {
			value = l.Number(*f.Value, 2)
		}
		said := "report.within"
		switch {
		case f.Over:
			said = "report.past"
		case f.Kind == "disparity" && f.Value != nil && (f.Limit < 1 && *f.Value < f.Limit || f.Limit > 1 && *f.Value > f.Limit):
			said = "report.unproven" // beyond the limit, and it may be chance
		}
		v.Findings = append(v.Findings, fact{l.Text("report.finding." + f.Kind), l.Text(said, "value", value, "limit", l.Number(f.Limit, 2))})
	}
	for _, w := range s.Workflow {
		if slices.Contains(fairness.WorkflowCounts(), w.What) { // reports made before refusals were counted have a line that says nothing
			v.Workflow = append(v.Workflow, fact{l.Text("report.work." + w.What), countOf(l, w.N)})
		}
	}
	for _, g := range r.Coverage {
		v.Coverage = append(v.Coverage, []string{group(g.Attribute, g.Group), countOf(l, g.Scored), countOf(l, g.OutcomeKnown)})
	}
	for _, b := range s.Bands {
		v.Bands = append(v.Bands, []string{l.Term("band", string(b.Band)), countOf(l, b.N), ratio(l, b.Expected), ratio(l, b.Observed), decimal(l, b.OE, 2)})
	}
	for _, m := range r.Comparisons {
		if m.Verdict == nil || m.Verdict.Verdict == fairness.InsufficientEvidence {
			continue
		}
		v.Verdicts = append(v.Verdicts, []string{l.Text("report.verdict." + m.Verdict.Verdict), l.Text("report.metric." + string(m.Metric)),
			group(m.Attribute, m.Group), group(m.Attribute, m.Reference), l.Percent(*m.Threshold, 0), decimal(l, m.Ratio, 2)})
	}
	slices.SortStableFunc(v.Verdicts, func(a, b []string) int { return strings.Compare(b[0], a[0]) })
	v.rates(r, group)
	v.curves(r, group)
	v.leftOut(r, group)
	v.detection(r, group)
	for _, t := range r.Tradeoffs {
		if !strings.Contains(t.Attribute, ",") && (t.FPR.Defined() || t.FPRAtEqualPPV.Defined() || t.PPVAtEqualFPR.Defined()) {
			v.Tradeoffs = append(v.Tradeoffs, []string{group(t.Attribute, t.Group), l.Percent(*t.Threshold, 0), ratio(l, t.FPR), ratio(l, t.FPRAtEqualPPV), ratio(l, t.PPVAtEqualFPR)})
		}
	}
	v.causes(s, group)
	v.Expected = expectedFacts(l, s)
	for _, d := range s.Drift {
		name := l.Text("report.the_score")
		if d.Name != "score" {
			name = l.Feature(d.Name)
		}
		v.Drift = append(v.Drift, []string{name, decimal(l, d.PSI, 2), decimal(l, d.KS, 2), countOf(l, d.NBefore), countOf(l, d.N)})
	}
	for _, m := range s.Remedies {
		v.Remedies = append(v.Remedies, []string{remedyName(l, m.Remedy), group(m.Attribute, m.Group), l.Percent(m.Threshold, 0), decimal(l, m.OEBefore, 2), decimal(l, m.OEAfter, 2), ratio(l, m.FPRBefore), ratio(l, m.FPRAfter), ratio(l, m.FNRBefore), ratio(l, m.FNRAfter)})
	}
	for _, j := range s.Judgement {
		if j.N == nil && j.Attribute != fairness.AllAttribute {
			continue // too few reviews: all of the row is hidden
		}
		v.Judgement = append(v.Judgement, []string{group(j.Attribute, j.Group), countOf(l, j.N), ratio(l, j.Same), ratio(l, j.Up), ratio(l, j.Down), ratio(l, j.OwnRight), ratio(l, j.ScoreRight), ratio(l, j.FinalRight)})
	}
	for _, ch := range s.Changes {
		if ch.Metric == fairness.PPV || ch.Attribute == fairness.AllAttribute {
			continue
		}
		one := slope{Name: group(ch.Attribute, ch.Group) + ", " + l.Text("report.metric."+string(ch.Metric)) + ", " + l.Percent(ch.Threshold, 0),
			Before: dotOf(l, ch.Before).Shown, Now: dotOf(l, ch.Now).Shown, Has: ch.Before.Defined() && ch.Now.Defined()}
		if one.Has {
			one.Y1, one.Y2 = 2+28*(1-ch.Before.Value), 2+28*(1-ch.Now.Value)
			v.Changes = append(v.Changes, one)
		}
	}
	v.simulator(c, s, group)
	v.Hidden = l.Plural("report.hidden", len(r.Suppressed))
	v.suppressed(r, group)
	for _, m := range []fairness.Metric{fairness.SelectionRate, fairness.TPR, fairness.FPR, fairness.FNR, fairness.PPV, fairness.NPV} {
		v.Definitions = append(v.Definitions, fact{l.Text("report.metric." + string(m)), l.Text("report.means." + string(m))})
	}
	return v
}

func expectedFacts(l *words.Locale, s *fairness.Service) []fact {
	var list []fact
	for _, e := range s.Expected {
		list = append(list, fact{l.Percent(e.Threshold, 0), l.Text("report.expected_line", "fpr", dotOf(l, e.FPR).Shown, "fnr", dotOf(l, oneMinus(e.TPR)).Shown, "ppv", dotOf(l, e.PPV).Shown)})
	}
	return list
}

func oneMinus(e fairness.Estimate) fairness.Estimate {
	e.Value = 1 - e.Value
	return e
}

func (v *reportView) rates(r *fairness.Report, group func(string, string) string) {
	at := map[string]int{}
	for _, g := range r.Groups {
		if g.Threshold == nil || len(g.Parts) > 1 {
			continue
		}
		key := strconv.FormatFloat(*g.Threshold, 'g', -1, 64)
		k, known := at[key]
		if !known {
			k = len(v.Rates)
			at[key] = k
			v.Rates = append(v.Rates, rateTable{Name: v.L.Text("report.from_score", "score", v.L.Percent(*g.Threshold, 0))})
		}
		v.Rates[k].Rows = append(v.Rates[k].Rows, rateRow{Group: group(g.Attribute, g.Group), N: countOf(v.L, g.N),
			Selected: dotOf(v.L, g.Metrics[fairness.SelectionRate]).Shown, FPR: dotOf(v.L, g.Metrics[fairness.FPR]), FNR: dotOf(v.L, g.Metrics[fairness.FNR]),
			PPV: dotOf(v.L, g.Metrics[fairness.PPV])})
	}
}

// suppressed counts the hidden figures of each group and cut; those of pairs of groups together.
func (v *reportView) suppressed(r *fairness.Report, group func(string, string) string) {
	pairs, last := 0, ""
	n := 0
	for _, s := range r.Suppressed {
		if strings.Contains(s.Attribute, ",") {
			pairs++
			continue
		}
		cut := "–"
		if s.Threshold != nil {
			cut = v.L.Percent(*s.Threshold, 0)
		}
		if key := s.Attribute + "\x00" + s.Group + "\x00" + cut; key != last {
			v.Suppressed = append(v.Suppressed, []string{group(s.Attribute, s.Group), cut, ""})
			last, n = key, 0
		}
		n++
		v.Suppressed[len(v.Suppressed)-1][2] = v.L.Number(float64(n), 0)
	}
	if pairs > 0 {
		v.SuppressedPairs = v.L.Text("report.suppressed_pairs", "n", pairs)
	}
}

// leftOut shows the rates with weights for those who were not followed to the horizon beside the rates without them.
func (v *reportView) leftOut(r *fairness.Report, group func(string, string) string) {
	if r.Censoring == nil || !r.Score.Weighted {
		return
	}
	l := v.L
	v.Censored = l.Text("report.censored", "months", v.S.HorizonMonths, "share", l.Percent(r.Censoring.FollowedShare, 0))
	if r.Censoring.NotFollowed != nil {
		v.Censored = l.Plural("report.not_followed", *r.Censoring.NotFollowed) + " " + v.Censored
	}
	for i, g := range r.Groups {
		if i >= len(r.LeftOutGroups) || len(g.Parts) > 1 || g.Threshold == nil {
			continue
		}
		other := r.LeftOutGroups[i]
		line, some := []string{group(g.Attribute, g.Group), l.Percent(*g.Threshold, 0)}, false
		for _, m := range []fairness.Metric{fairness.BaseRate, fairness.FPR, fairness.FNR} {
			line = append(line, dotOf(l, g.Metrics[m]).Shown, dotOf(l, other.Metrics[m]).Shown)
			some = some || g.Metrics[m].Defined()
		}
		if some {
			v.LeftOut = append(v.LeftOut, line)
		}
	}
}

// detection shows, for each share of the events that is found, what the rates of a group would be. Groups with nothing to show are left
// out.
func (v *reportView) detection(r *fairness.Report, group func(string, string) string) {
	l := v.L
	var shares []float64
	for _, row := range r.Detection {
		if !slices.Contains(shares, row.Detected) {
			shares = append(shares, row.Detected)
		}
	}
	slices.SortFunc(shares, func(a, b float64) int { return cmp.Compare(b, a) })
	for _, share := range shares {
		v.Shares = append(v.Shares, l.Percent(share, 0))
	}
	for rest := r.Detection; len(rest) >= len(shares) && len(shares) > 0; rest = rest[len(shares):] {
		first := rest[0]
		line := []string{group(first.Attribute, first.Group), l.Percent(*first.Threshold, 0)}
		var ppv []string
		some := false
		for _, share := range shares {
			for _, row := range rest[:len(shares)] {
				if row.Detected == share {
					line, ppv = append(line, dotOf(l, row.FPR).Shown), append(ppv, dotOf(l, row.PPV).Shown)
					some = some || row.FPR.Defined()
				}
			}
		}
		if some {
			v.Detection = append(v.Detection, append(line, ppv...))
		}
	}
}

// Factors shown of each gap, and stand-ins of the report.
const (
	gapsShown     = 3
	standInsShown = 6
)

func (v *reportView) causes(s *fairness.Service, group func(string, string) string) {
	factor := func(name string) string {
		var names []string
		for _, key := range strings.Fields(name) {
			names = append(names, v.L.Feature(key))
		}
		return strings.Join(names, " × ")
	}
	shown := map[[2]string]int{}
	for _, g := range s.Gaps {
		key := [2]string{g.Attribute, g.Group}
		if shown[key]++; shown[key] <= gapsShown && g.Gap.Defined() {
			between := v.L.Text("report.between", "group", group(g.Attribute, g.Group), "other", group(g.Attribute, g.Reference))
			if last := len(v.Gaps) - 1; last < 0 || v.Gaps[last].Between != between {
				v.Gaps = append(v.Gaps, gapRows{Between: between})
			}
			last := &v.Gaps[len(v.Gaps)-1]
			last.Rows = append(last.Rows, []string{factor(g.Factor), v.L.Number(100*g.Gap.Value, 1)})
		}
	}
	list := slices.DeleteFunc(slices.Clone(s.StandIns), func(x fairness.StandIn) bool { return !x.Separation.Defined() })
	slices.SortStableFunc(list, func(a, b fairness.StandIn) int {
		if a.Separation.Value > b.Separation.Value {
			return -1
		}
		if a.Separation.Value < b.Separation.Value {
			return 1
		}
		return 0
	})
	for _, x := range list[:min(len(list), standInsShown)] {
		v.StandIns = append(v.StandIns, []string{factor(x.Factor), group(x.Attribute, x.Group), v.L.Number(x.Separation.Value, 2)})
	}
}

// simulator shows the rates at the cut that was asked for, the lowest of the grid where none was.
func (v *reportView) simulator(c *gin.Context, s *fairness.Service, group func(string, string) string) {
	v.Cut = c.Query("cut")
	for _, row := range s.Simulator {
		value := number(row.Threshold)
		if v.Cut == "" {
			v.Cut = value
		}
		if !slices.ContainsFunc(v.Cuts, func(o option) bool { return o.Value == value }) {
			v.Cuts = append(v.Cuts, option{Value: value, Label: v.L.Percent(row.Threshold, 0), Checked: value == v.Cut})
		}
		if value == v.Cut {
			v.Simulated = append(v.Simulated, rateRow{Group: group(row.Attribute, row.Group), Selected: dotOf(v.L, row.SelectionRate).Shown,
				FPR: dotOf(v.L, row.FPR), FNR: dotOf(v.L, row.FNR), PPV: dotOf(v.L, row.PPV)})
		}
	}
}
