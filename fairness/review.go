package fairness

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// OverrideRow says how often final decisions of a group depart from the score at a threshold.
type OverrideRow struct {
	Attribute string   `json:"attribute"`
	Group     string   `json:"group"`
	Threshold *float64 `json:"threshold"`
	N         *int     `json:"n"`
	NReason   Reason   `json:"n_reason"`
	// Agreement is the share in which decision and score agree. Raised is the share decided as high risk among those
	// below the threshold, Lowered the share decided as not among those at or above it.
	Agreement Estimate `json:"agreement"`
	Raised    Estimate `json:"raised"`
	Lowered   Estimate `json:"lowered"`
}

// addReviews measures final decisions and own views against the outcome, and decisions against the score.
func (r *Report) addReviews(ctx context.Context, t *Table, o Options) error {
	if t.Decision != nil {
		rows, err := reviewRows(ctx, decided(t), withThresholds(o, 0.5))
		if err != nil {
			return fmt.Errorf("measuring the decisions: %w", err)
		}
		r.Decisions = rows
		if r.Overrides, err = overrides(ctx, t, o); err != nil {
			return fmt.Errorf("measuring the overrides: %w", err)
		}
	}
	if t.PriorView != nil {
		rows, err := reviewRows(ctx, viewed(t), o)
		if err != nil {
			return fmt.Errorf("measuring the own views: %w", err)
		}
		r.PriorViews = rows
	}
	return nil
}

func withThresholds(o Options, thresholds ...float64) Options {
	o.Thresholds = thresholds
	o.ScoreKind = RankScore
	return o
}

// reviewRows is empty where nobody has both.
func reviewRows(ctx context.Context, t *Table, o Options) ([]GroupRow, error) {
	f, err := Compute(ctx, t, o)
	if errors.Is(err, ErrNoRows) {
		return []GroupRow{}, nil
	}
	if err != nil {
		return nil, err
	}
	return f.Rows(), nil
}

// decided is the table with the decision in the place of the score.
func decided(t *Table) *Table {
	out := *t
	out.Score, out.Outcome = make([]float64, t.Rows()), make([]uint8, t.Rows())
	for i, d := range t.Decision {
		out.Outcome[i] = Unknown
		if d != Unknown {
			out.Score[i], out.Outcome[i] = float64(d), t.Outcome[i]
		}
	}
	return &out
}

// viewed is the table with the own view in the place of the score.
func viewed(t *Table) *Table {
	out := *t
	out.Score, out.Outcome = make([]float64, t.Rows()), make([]uint8, t.Rows())
	for i, v := range t.PriorView {
		out.Outcome[i] = Unknown
		if !math.IsNaN(v) {
			out.Score[i], out.Outcome[i] = v, t.Outcome[i]
		}
	}
	return &out
}

// overrides measures the score against the decision in the place of the outcome: who is called high risk by the score
// and not by the decision was lowered (a share of 1 - PPV), the other way raised (1 - NPV). Everybody with a decision
// counts, whether the outcome is known or not, each once.
func overrides(ctx context.Context, t *Table, o Options) ([]OverrideRow, error) {
	against := *t
	against.Outcome, against.Weight = t.Decision, nil
	f, err := Compute(ctx, &against, o)
	if errors.Is(err, ErrNoRows) {
		return []OverrideRow{}, nil
	}
	if err != nil {
		return nil, err
	}
	out := []OverrideRow{}
	for _, g := range f.Groups {
		for _, at := range g.At {
			row := OverrideRow{
				Attribute: g.Attribute, Group: g.Group, Threshold: &at.Threshold, NReason: g.NReason,
				Agreement: at.Metrics[Accuracy], Raised: complement(at.Metrics[NPV]), Lowered: complement(at.Metrics[PPV]),
			}
			if g.NReason == "" {
				row.N = &g.N
			}
			out = append(out, row)
		}
	}
	return out, nil
}

// complement turns a share into one minus it, interval included.
func complement(e Estimate) Estimate {
	e.Value, e.Low, e.High = 1-e.Value, 1-e.High, 1-e.Low
	return e
}
