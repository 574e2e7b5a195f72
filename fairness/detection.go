package fairness

// DetectionRow is a row of the sensitivity table for unequal detection: what the figures of a group would be if only
// Detected of its events were found for each one found in the reference group.
type DetectionRow struct {
	Attribute string   `json:"attribute"`
	Group     string   `json:"group"`
	Threshold *float64 `json:"threshold"`
	Detected  float64  `json:"detected"`
	BaseRate  Estimate `json:"base_rate"`
	FPR       Estimate `json:"fpr"`
	PPV       Estimate `json:"ppv"`
	NPV       Estimate `json:"npv"`
}

// detectionTable supposes that whether an event is found does not depend on the score. Of P found events P/d happened;
// the unfound ones stand among the people without event, selected at the rate TPR. So TPR and FNR stay, and the rest
// moves. Intersections are left out. With weights the shares below are weighted ones, so it starts from rates, not counts.
func detectionTable(f *Frame, shares []float64) []DetectionRow {
	out := []DetectionRow{}
	for _, g := range f.Groups {
		if len(g.Parts) != 1 || g.Missing {
			continue
		}
		for _, at := range g.At {
			for _, d := range shares {
				out = append(out, detection(g, at, d))
			}
		}
	}
	return out
}

func detection(g Group, at AtThreshold, detected float64) DetectionRow {
	row := DetectionRow{Attribute: g.Attribute, Group: g.Group, Threshold: &at.Threshold, Detected: detected}
	base, tpr, fpr := g.Score[BaseRate], at.Metrics[TPR], at.Metrics[FPR]
	for _, e := range []Estimate{base, tpr, fpr} {
		if !e.Defined() {
			row.BaseRate, row.FPR, row.PPV, row.NPV = undefined(e.Reason), undefined(e.Reason), undefined(e.Reason), undefined(e.Reason)
			return row
		}
	}
	p := base.Value / detected
	unfound := p - base.Value
	tp, fp := tpr.Value*p, fpr.Value*(1-base.Value)-tpr.Value*unfound
	tn := (1-fpr.Value)*(1-base.Value) - (1-tpr.Value)*unfound
	if p > 1 || fp < 0 || tn < 0 {
		// So many unfound events do not fit into the people without one.
		row.BaseRate, row.FPR, row.PPV, row.NPV = undefined(Impossible), undefined(Impossible), undefined(Impossible), undefined(Impossible)
		return row
	}
	row.BaseRate = point(p)
	row.FPR = share(fp, 1-p, NoNegatives)
	row.PPV = share(tp, tp+fp, NoneSelected)
	row.NPV = share(tn, tn+(1-tpr.Value)*p, AllSelected)
	return row
}

func share(num, den float64, why Reason) Estimate {
	if den == 0 {
		return undefined(why)
	}
	return point(num / den)
}

// TradeoffRow shows why not everything can be equal at once: with its own base rate and FNR, a group whose PPV equalled
// that of the reference group would have the FPR shown (Chouldechova 2017).
type TradeoffRow struct {
	Attribute string   `json:"attribute"`
	Group     string   `json:"group"`
	Reference string   `json:"reference"`
	Threshold *float64 `json:"threshold"`
	FPR       Estimate `json:"fpr"`
	// FPRAtEqualPPV is base/(1-base) * (1-PPV)/PPV * (1-FNR) with the reference group's PPV; [Impossible] above 1, where the
	// group has too few people without the event for so low a PPV.
	FPRAtEqualPPV Estimate `json:"fpr_at_equal_ppv"`
	// PPVAtEqualFPR is TPR*base / (TPR*base + FPR*(1-base)) with the reference group's FPR.
	PPVAtEqualFPR Estimate `json:"ppv_at_equal_fpr"`
}

// rounding is how far above 1 the last bits may carry a share.
const rounding = 1e-12

func tradeoffs(f *Frame) []TradeoffRow {
	groups := make(map[[2]string]Group, len(f.Groups))
	for _, g := range f.Groups {
		groups[[2]string{g.Attribute, g.Group}] = g
	}
	out := []TradeoffRow{}
	for _, c := range f.Comparisons {
		g, reference := groups[[2]string{c.Attribute, c.Group}], groups[[2]string{c.Attribute, c.Reference}]
		if c.Metric != FPR || len(g.Parts) != 1 {
			continue
		}
		for k, at := range g.At {
			if at.Threshold == *c.Threshold {
				out = append(out, tradeoff(c, g, at, reference.At[k]))
			}
		}
	}
	return out
}

func tradeoff(c Comparison, g Group, own, reference AtThreshold) TradeoffRow {
	fpr := own.Metrics[FPR]
	row := TradeoffRow{Attribute: c.Attribute, Group: c.Group, Reference: c.Reference, Threshold: c.Threshold, FPR: fpr}
	base, tpr := g.Score[BaseRate], own.Metrics[TPR]
	ppv, otherFPR := reference.Metrics[PPV], reference.Metrics[FPR]
	for _, e := range []Estimate{fpr, base, tpr, ppv, otherFPR} {
		if !e.Defined() {
			row.FPRAtEqualPPV, row.PPVAtEqualFPR = undefined(e.Reason), undefined(e.Reason)
			return row
		}
	}
	b := base.Value
	row.FPRAtEqualPPV = share(b*(1-ppv.Value)*tpr.Value, (1-b)*ppv.Value, ZeroDenominator)
	if v := row.FPRAtEqualPPV.Value; v > 1+rounding {
		row.FPRAtEqualPPV = undefined(Impossible)
	} else if v > 1 {
		row.FPRAtEqualPPV = point(1)
	}
	row.PPVAtEqualFPR = share(tpr.Value*b, tpr.Value*b+otherFPR.Value*(1-b), NoneSelected)
	return row
}
