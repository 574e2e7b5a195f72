package fairness

import (
	"math/rand/v2"
	"testing"

	"github.com/tarozi/tarozi"
)

// followed are made-up people of two groups whose outcomes follow their scores; nobody's score lies near the ends.
func followed(n int) *Table {
	random := rand.New(rand.NewPCG(1, 2))
	t := &Table{}
	sex := make([]string, n)
	for i := range n {
		score := 0.05 + 0.6*random.Float64()
		t.Score = append(t.Score, score)
		t.Outcome = append(t.Outcome, yes(random.Float64() < score))
		sex[i] = []string{"female", "male"}[i%2]
	}
	t.Attributes = []Attribute{NewAttribute("sex", sex)}
	return t
}

// Where tenths of the score would show small cells, calibration is shown by wider ranges that the thresholds do not cross, the same
// for every group; what is shown of a group adds up to no small cell.
func TestCalibrationByWiderRanges(t *testing.T) {
	o := DefaultOptions()
	o.Replicates, o.Thresholds = 0, []float64{0.25, 0.45}
	for _, c := range []struct {
		name          string
		people        int
		tenths, shown bool
	}{
		{"enough people for tenths", 20000, true, true},
		{"enough for wider ranges", 400, false, true},
		{"too few for any", 30, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := Compute(t.Context(), followed(c.people), o)
			if err != nil {
				t.Fatal(err)
			}
			shown := 0
			for _, bin := range f.Calibration {
				if tenth := bin.High-bin.Low < 0.1+1e-9; c.tenths != tenth && c.tenths {
					t.Errorf("a range from %v to %v", bin.Low, bin.High)
				}
				for _, cut := range o.Thresholds {
					if !c.tenths && bin.Low < cut && cut < bin.High {
						t.Errorf("a range from %v to %v crosses the threshold %v", bin.Low, bin.High, cut)
					}
				}
				if !bin.Observed.Defined() {
					continue
				}
				shown++
				events := int(bin.Observed.Value*float64(*bin.N) + 0.5)
				if h := (hider{smallest: o.MinCell}); h.small(events) || h.small(*bin.N-events) {
					t.Errorf("%s from %v to %v shows %d events of %d", bin.Group, bin.Low, bin.High, events, *bin.N)
				}
			}
			if (shown > 0) != c.shown {
				t.Errorf("%d ranges are shown", shown)
			}
		})
	}
}

// A report from the database measures remedies beside the scores without them, hides in both what it hides of a group, and holds its
// findings against the limits that it was given.
func TestServiceReportSections(t *testing.T) {
	measured := followed(2000)
	halved := make([]float64, len(measured.Score))
	bands := make([]tarozi.Band, len(measured.Score))
	for i, score := range measured.Score {
		halved[i], bands[i] = score/2, tarozi.Medium
	}
	d := &ServiceData{Measured: measured, Bands: bands, Workflow: map[string]int{"scored": 2000, "complaints": 3},
		Remedied: []Remedied{{Remedy: "by-sex", Attribute: "sex", Without: measured.Score, Score: halved}}}
	d.Service.Tolerances = tarozi.DefaultTolerances()
	s := DefaultSettings()
	s.Replicates, s.Thresholds, s.ScoreKind = 0, []float64{0.25}, ProbabilityScore
	r, err := BuildServiceReport(t.Context(), d, s)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Service.Remedies) != 3 {
		t.Fatalf("%d rows of remedies, want everybody's and each sex's", len(r.Service.Remedies))
	}
	for _, row := range r.Service.Remedies {
		if double := row.OEAfter.Value / row.OEBefore.Value; double < 2-1e-9 || double > 2+1e-9 {
			t.Errorf("%s: halved scores bring observed over expected from %v to %v", row.Group, row.OEBefore.Value, row.OEAfter.Value)
		}
		if !(row.FPRAfter.Value < row.FPRBefore.Value) || !(row.FNRAfter.Value > row.FNRBefore.Value) {
			t.Errorf("%s: halved scores: %+v", row.Group, row)
		}
	}
	for _, w := range r.Service.Workflow {
		if shown := w.N != nil; shown != (w.What != "complaints") {
			t.Errorf("%s is shown: %t", w.What, shown)
		}
	}
	if len(r.Detection) == 0 || len(r.Service.Simulator) == 0 || len(r.Service.Bands) != 3 || len(r.Service.Findings) != 2 {
		t.Errorf("sections: %d detection, %d simulator, %d bands, %d findings", len(r.Detection), len(r.Service.Simulator), len(r.Service.Bands), len(r.Service.Findings))
	}
}
