package fairness

import (
	"math"
	"testing"

	"github.com/tarozi/tarozi"
)

// A report from the database weights for people whose follow-up ended early, and shows beside it what leaving them out gives. The
// weights are worked out by hand: all follow-up that ends early ends at month 6.
func TestServiceReportWeightsForEarlyEnds(t *testing.T) {
	// count people of each kind: events at month 3 and 9, no event, ended at month 6; low and high scores.
	kinds := []struct {
		score    float64
		observed uint8
		followed float64
		count    int
	}{
		{0.2, 1, 3, 40}, {0.2, 1, 9, 50}, {0.2, 0, 12, 400}, {0.2, 0, 6, 110},
		{0.7, 1, 3, 120}, {0.7, 1, 9, 60}, {0.7, 0, 12, 160}, {0.7, 0, 6, 60},
	}
	build := func(early bool) *Report {
		t.Helper()
		table := &Table{Attributes: []Attribute{}}
		var observed []uint8
		var sex []string
		for _, k := range kinds {
			for i := range k.count {
				followed, y := k.followed, k.observed
				if !early && followed == 6 {
					followed = 12
				}
				within := y
				if followed == 6 {
					within = Unknown
				}
				table.Score, table.Outcome = append(table.Score, k.score), append(table.Outcome, within)
				table.Followed, observed = append(table.Followed, followed), append(observed, y)
				sex = append(sex, []string{"female", "male"}[i%2])
			}
		}
		table.Attributes = append(table.Attributes, NewAttribute("sex", sex))
		d := &ServiceData{Measured: table, Observed: observed, Bands: make([]tarozi.Band, table.Rows())}
		d.Service.Tolerances, d.Service.HorizonMonths, d.Service.Outcome = tarozi.DefaultTolerances(), 12, tarozi.Recidivism
		s := DefaultSettings()
		s.Replicates, s.Thresholds, s.ScoreKind = 50, []float64{0.5}, ProbabilityScore
		r, err := BuildServiceReport(t.Context(), d, s)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := build(true)
	if c := r.Censoring; c == nil || c.NotFollowed == nil || *c.NotFollowed != 170 || *c.Followed != 830 || *c.Unknown != 0 || c.Horizon != 12 {
		t.Fatalf("censoring %+v", r.Censoring)
	}
	g := 1 - 170.0/(1000-160) // of those at risk at month 6, 170 of 840 ended
	w := 1 / g
	tpr := (120 + 60*w) / (120 + 60*w + 40 + 50*w)
	fpr := 160.0 / 560 // both weigh w
	for _, c := range []struct {
		name string
		got  Estimate
		want float64
	}{
		{"weighted TPR", r.Groups[0].Metrics[TPR], tpr}, {"weighted FPR", r.Groups[0].Metrics[FPR], fpr},
		{"weighted base rate", r.Groups[0].Metrics[BaseRate], (160 + 110*w) / (160 + 110*w + 560*w)},
		{"TPR of those left in", r.LeftOutGroups[0].Metrics[TPR], 180.0 / 270}, {"base rate of those left in", r.LeftOutGroups[0].Metrics[BaseRate], 270.0 / 830},
	} {
		if math.Abs(c.got.Value-c.want) > 1e-12 || !c.got.Defined() {
			t.Errorf("%s: %v, want %v", c.name, c.got.Value, c.want)
		}
	}
	if r.Groups[0].Metrics[TPR].Method != Bootstrap || r.LeftOutGroups[0].Metrics[TPR].Method != Wilson {
		t.Error("weighted rates have bootstrap intervals, unweighted ones Wilson's")
	}
	if whole := build(false); whole.Score.Weighted || whole.Groups[0].Metrics[TPR].Method != Wilson {
		t.Error("where nobody's follow-up ended early people are not weighted")
	}
}
