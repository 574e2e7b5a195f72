package fairness

import (
	"errors"
	"math"
	"testing"
)

// TestCensor is worked out by hand. Follow-up of eight people, + for the end of observation without event:
// 1, 2+, 2, 3+, 5, 6+, 12+, 12+, horizon 6. Censoring at 2 (7 at risk, the event at 2 comes first: 6), at 3 (5 at risk).
// Share followed: 1 to time 2, then 5/6, beyond 3 5/6 * 4/5 = 2/3. The one whose observation ends at 6 is followed to the horizon.
func TestCensor(t *testing.T) {
	table := &Table{
		Score:    []float64{1, 2, 3, 4, 5, 6, 7, 8, 9},
		Outcome:  []uint8{1, 0, 1, 0, 1, 0, 0, 0, Unknown},
		Followed: []float64{1, 2, 2, 3, 5, 6, 12, 12, 4},
	}
	c, weighted, leftOut, err := Censor(table, 6)
	if err != nil {
		t.Fatal(err)
	}
	if c.Followed != 6 || c.NotFollowed != 2 || c.Unknown != 1 {
		t.Errorf("counts %+v", c)
	}
	if math.Abs(c.FollowedShare-2.0/3) > 1e-15 || math.Abs(c.MaxWeight-1.5) > 1e-15 {
		t.Errorf("share followed %v, want 2/3; largest weight %v, want 3/2", c.FollowedShare, c.MaxWeight)
	}
	wantOutcome := []uint8{1, Unknown, 1, Unknown, 1, 0, 0, 0, Unknown}
	wantWeight := []float64{1, 0, 1, 0, 1.5, 1.5, 1.5, 1.5, 0}
	for i := range wantOutcome {
		if weighted.Outcome[i] != wantOutcome[i] || leftOut.Outcome[i] != wantOutcome[i] {
			t.Errorf("person %d: outcome %d and %d, want %d", i, weighted.Outcome[i], leftOut.Outcome[i], wantOutcome[i])
		}
		if math.Abs(weighted.Weight[i]-wantWeight[i]) > 1e-15 {
			t.Errorf("person %d: weight %v, want %v", i, weighted.Weight[i], wantWeight[i])
		}
	}
	if leftOut.Weight != nil {
		t.Error("leaving out gives weights")
	}
	// The weights add up to everybody whose follow-up is known: 8.
	sum := 0.0
	for _, w := range weighted.Weight {
		sum += w
	}
	if math.Abs(sum-8) > 1e-12 {
		t.Errorf("the weights add up to %v, want 8", sum)
	}
}

func TestCensorEventAfterHorizon(t *testing.T) {
	table := &Table{Score: []float64{1, 2}, Outcome: []uint8{1, 1}, Followed: []float64{5, 9}}
	_, weighted, _, err := Censor(table, 6)
	if err != nil {
		t.Fatal(err)
	}
	if weighted.Outcome[0] != 1 || weighted.Outcome[1] != 0 {
		t.Errorf("outcomes %v: an event after the horizon is no event within it", weighted.Outcome)
	}
}

// TestCensorWithoutWeight: the one person who was followed past the others' end weighs nothing, and gets no weight from it.
func TestCensorWithoutWeight(t *testing.T) {
	table := &Table{
		Score: []float64{1, 2, 3}, Outcome: []uint8{1, 0, 0}, Followed: []float64{1, 2, 9}, Weight: []float64{1, 1, 0},
	}
	c, weighted, _, err := Censor(table, 6)
	if err != nil {
		t.Fatal(err)
	}
	if c.MaxWeight != 1 || weighted.Weight[2] != 0 {
		t.Errorf("largest weight %v, weights %v", c.MaxWeight, weighted.Weight)
	}
	if err := weighted.Check(); err != nil {
		t.Error(err)
	}
}

func TestCensorRefuses(t *testing.T) {
	short := &Table{Score: []float64{1}, Outcome: []uint8{0}, Followed: []float64{2}}
	if _, _, _, err := Censor(short, 6); !errors.Is(err, ErrNoRows) {
		t.Errorf("nobody followed to the horizon: error %v", err)
	}
	for name, horizon := range map[string]float64{"zero": 0, "negative": -1, "infinite": math.Inf(1), "not a number": math.NaN()} {
		if _, _, _, err := Censor(short, horizon); err == nil {
			t.Errorf("horizon %s is taken", name)
		}
	}
	if _, _, _, err := Censor(&Table{Score: []float64{1}, Outcome: []uint8{0}}, 6); err == nil {
		t.Error("a table without follow-up is taken")
	}
}

// TestCensoringIsUndone: people whose follow-up is cut by chance, weighted, have the base rate of all.
func TestCensoringIsUndone(t *testing.T) {
	full := benchmarkTable(60_000)
	cut := *full
	cut.Outcome = make([]uint8, full.Rows())
	cut.Followed = make([]float64, full.Rows())
	for i, y := range full.Outcome {
		event, end := 20.0, 1+float64(mix64(uint64(i+1))%15)
		if y == 1 {
			event = 1 + float64(mix64(uint64(i+7))%12)
		}
		cut.Followed[i] = min(event, end)
		if event <= end {
			cut.Outcome[i] = y
		}
	}
	_, weighted, leftOut, err := Censor(&cut, 12)
	if err != nil {
		t.Fatal(err)
	}
	o := plainOptions()
	o.NoIntersections = true
	truth := compute(t, full, o).Groups[0].Score[BaseRate].Value
	withWeights := compute(t, weighted, o).Groups[0].Score[BaseRate].Value
	without := compute(t, leftOut, o).Groups[0].Score[BaseRate].Value
	if math.Abs(withWeights-truth) > 0.015 {
		t.Errorf("weighted base rate %v, of all %v", withWeights, truth)
	}
	if math.Abs(without-truth) < 0.05 {
		t.Errorf("leaving out gives %v against %v: the example does not show the bias that weights undo", without, truth)
	}
}
