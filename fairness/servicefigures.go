package fairness

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// scoreColumn names the score itself among the columns whose drift is measured.
const scoreColumn = "score"

// drift compares the newly scored with the measured.
func (d *ServiceData) drift(smallest int) ([]DriftRow, error) {
	h := hider{smallest: smallest}
	var out []DriftRow
	add := func(name string, category bool, before, now []float64) error {
		if len(before) < smallest || len(now) < smallest {
			out = append(out, DriftRow{Name: name, PSI: undefined(SmallCell), KS: undefined(SmallCell)})
			return nil
		}
		one := Drift{}
		if category {
			one = CategoryDrift(name, labels(before), labels(now))
		} else {
			var err error
			if one, err = NumberDrift(name, before, now); err != nil {
				return err
			}
		}
		row := DriftRow{Name: name, PSI: one.PSI, KS: one.KS}
		if !h.small(one.N) && !h.small(len(now)-one.N) {
			row.N = &one.N
		}
		if !h.small(one.NBefore) && !h.small(len(before)-one.NBefore) {
			row.NBefore = &one.NBefore
		}
		if one.N < smallest || one.NBefore < smallest {
			row.PSI, row.KS = undefined(SmallCell), undefined(SmallCell)
		}
		out = append(out, row)
		return nil
	}
	if err := add(scoreColumn, false, d.Measured.Score, d.NewScores); err != nil {
		return nil, err
	}
	for f, name := range d.Features {
		if err := add(name, d.Categories[f], d.Values[f], d.NewValues[f]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func labels(values []float64) []string {
	out := make([]string, len(values))
	for i, v := range values {
		if !math.IsNaN(v) {
			out[i] = strconv.FormatFloat(v, 'g', -1, 64)
		}
	}
	return out
}

// candidates are the cuts between which a committee may move: every hundredth.
func candidates() []float64 {
	out := make([]float64, 0, 98)
	for k := 1; k < 99; k++ {
		out = append(out, float64(k)/100)
	}
	return out
}

// simulate adds the simulator's grid. A step so near to a threshold of the report that the two together would show a small cell is
// left out for that group.
func (d *ServiceData) simulate(ctx context.Context, r *Report, o Options) error {
	o.Published = nil
	grid, leftOut, err := SimulatorGrid(d.Measured, candidates(), max(1, o.MinCell))
	if err != nil {
		return err
	}
	r.Service.SimulatorLeftOut = orEmpty(leftOut)
	if len(grid) == 0 {
		return nil
	}
	f, _, err := Simulate(ctx, d.Measured, grid, quick(o))
	if err != nil {
		return err
	}
	before := earlier{hider{smallest: o.MinCell}, d.Earlier}
	fixed := map[Part][]GroupRow{}
	for _, g := range r.Groups {
		fixed[Part{g.Attribute, g.Group}] = append(fixed[Part{g.Attribute, g.Group}], g)
	}
	for _, g := range f.Groups {
		if slices.Contains(leftOut, Part{g.Attribute, g.Group}) {
			continue
		}
		for _, at := range g.At {
			row := SimulatorRow{Attribute: g.Attribute, Group: g.Group, Threshold: at.Threshold, SelectionRate: at.Metrics[SelectionRate],
				FPR: at.Metrics[FPR], FNR: at.Metrics[FNR], PPV: at.Metrics[PPV]}
			part := Part{g.Attribute, g.Group}
			if !apartFrom(at.Counts, fixed[part], o.MinCell) || !apartFrom(at.Counts, before.stepsBefore(part, at.Threshold), o.MinCell) {
				hidden := undefined(ComplementaryCell)
				row.SelectionRate, row.FPR, row.FNR, row.PPV = hidden, hidden, hidden, hidden
			}
			r.Service.Simulator = append(r.Service.Simulator, row)
		}
	}
	return nil
}

// apartFrom says that no difference between the cells and those of the rows is a small one. Cells that are hidden differ in nothing
// that could be seen.
func apartFrom(c *Counts, rows []GroupRow, smallest int) bool {
	if c == nil {
		return true
	}
	h := hider{smallest: smallest}
	for _, r := range rows {
		if r.Counts == nil {
			continue
		}
		if h.small(difference(c.TP, r.Counts.TP)) || h.small(difference(c.FP, r.Counts.FP)) ||
			h.small(difference(c.FN, r.Counts.FN)) || h.small(difference(c.TN, r.Counts.TN)) {
			return false
		}
	}
	return true
}

// quick are options for rates alone, whose intervals need no bootstrap.
func quick(o Options) Options {
	o.Replicates, o.NoIntersections = 0, true
	return o
}

// remedies measures the scores with each remedy beside those without any. What the report hides of a group at a threshold is hidden in
// both.
func (d *ServiceData) remedies(ctx context.Context, r *Report, o Options) error {
	type place struct {
		attribute, group string
		threshold        float64
	}
	reported := map[place]GroupRow{}
	for _, g := range r.Groups {
		if g.Threshold != nil {
			reported[place{g.Attribute, g.Group, *g.Threshold}] = g
		}
	}
	published := r.Groups
	for _, remedied := range d.Remedied {
		measure := func(score []float64) ([]GroupRow, error) {
			t := *d.Measured
			t.Score = score
			t.Attributes = slices.DeleteFunc(slices.Clone(t.Attributes), func(a Attribute) bool { return a.Name != remedied.Attribute })
			o := quick(o)
			o.Thresholds, o.Published = r.Settings.Thresholds, published
			f, err := Compute(ctx, &t, o)
			if err != nil {
				return nil, fmt.Errorf("measuring the remedy %s: %w", remedied.Remedy, err)
			}
			rows := f.Rows()
			published = slices.Concat(published, rows)
			return rows, nil
		}
		without, err := measure(remedied.Without)
		if err != nil {
			return err
		}
		with, err := measure(remedied.Score)
		if err != nil {
			return err
		}
		for k, g := range with {
			if g.Threshold == nil {
				continue
			}
			shown := reported[place{g.Attribute, g.Group, *g.Threshold}]
			of := func(row GroupRow, m Metric) Estimate {
				if e := shown.Metrics[m]; e.Reason == SmallCell || e.Reason == ComplementaryCell {
					return undefined(e.Reason)
				}
				return row.Metrics[m]
			}
			r.Service.Remedies = append(r.Service.Remedies, RemedyRow{Remedy: remedied.Remedy, Attribute: g.Attribute, Group: g.Group, Threshold: *g.Threshold,
				OEBefore: of(without[k], ObservedOverExpected), OEAfter: of(g, ObservedOverExpected), FPRBefore: of(without[k], FPR), FPRAfter: of(g, FPR),
				FNRBefore: of(without[k], FNR), FNRAfter: of(g, FNR)})
		}
	}
	return nil
}

// compare lists the rates that get verdicts, then and now, of groups that stand in both reports.
func (d *ServiceData) compare(r *Report) {
	if len(d.Earlier) == 0 {
		return
	}
	previous := d.Earlier[len(d.Earlier)-1]
	r.Service.PreviousID = previous.ID
	type place struct {
		attribute, group string
		threshold        float64
	}
	then := map[place]GroupRow{}
	for _, g := range previous.Groups {
		if g.Threshold != nil {
			then[place{g.Attribute, g.Group, *g.Threshold}] = g
		}
	}
	before, now := verdictsOf(previous), verdictsOf(r)
	for _, g := range r.Groups {
		if g.Threshold == nil || len(g.Parts) > 1 {
			continue
		}
		was, both := then[place{g.Attribute, g.Group, *g.Threshold}]
		if !both {
			continue
		}
		for _, m := range []Metric{SelectionRate, FPR, FNR, PPV} {
			key := g.Attribute + "\x00" + g.Group + "\x00" + number(*g.Threshold) + "\x00" + string(m)
			r.Service.Changes = append(r.Service.Changes, Change{Attribute: g.Attribute, Group: g.Group, Threshold: *g.Threshold, Metric: m,
				Before: was.Metrics[m], Now: g.Metrics[m], VerdictBefore: before[key], Verdict: now[key]})
		}
	}
}

func verdictsOf(r *Report) map[string]string {
	out := map[string]string{}
	for _, c := range r.Comparisons {
		if c.Verdict != nil && c.Threshold != nil {
			out[c.Attribute+"\x00"+c.Group+"\x00"+number(*c.Threshold)+"\x00"+string(c.Metric)] = c.Verdict.Verdict
		}
	}
	return out
}

// findings are the worst drift against its limit, and the ratio that fails its verdict by most.
func findings(r *Report) []Past {
	limit := r.Service.Tolerances.PSI
	drift := Past{Kind: "drift", Limit: limit}
	for _, d := range r.Service.Drift {
		if !d.PSI.Defined() || d.N == nil || d.NBefore == nil || *d.N < enoughForDrift || *d.NBefore < enoughForDrift || drift.Value != nil && d.PSI.Value <= *drift.Value {
			continue
		}
		value := d.PSI.Value
		drift.Value, drift.Figure, drift.Over = &value, d.Name, value > limit
	}
	disparity := Past{Kind: "disparity", Limit: r.Settings.TauHigh}
	worst := 0.0
	for _, c := range r.Comparisons {
		if c.Verdict == nil || !c.Ratio.Defined() || c.Ratio.Value <= 0 {
			continue
		}
		failed := c.Verdict.Verdict == Fail
		far := math.Abs(math.Log(c.Ratio.Value))
		if cmp.Compare(boolRank(failed), boolRank(disparity.Over)) < 0 || failed == disparity.Over && far <= worst {
			continue
		}
		value := c.Ratio.Value
		worst, disparity.Value, disparity.Over = far, &value, failed
		disparity.Figure = string(c.Metric) + " " + c.Attribute + "=" + c.Group
		disparity.Limit = r.Settings.TauHigh
		if value < 1 {
			disparity.Limit = r.Settings.TauLow
		}
	}
	return []Past{drift, disparity}
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}
