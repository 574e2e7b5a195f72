package explain

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tarozi/tarozi"
)

// scoreOf is a logistic score of three inputs.
func scoreOf(inputs []float64) (float64, error) {
	return tarozi.Sigmoid(0.5*inputs[0] - 1.5*inputs[1] + 0.25*inputs[2]), nil
}

func TestChanges(t *testing.T) {
	missed, job, tests := Lever{0, []float64{3, 2, 1, 0}}, Lever{1, []float64{1}}, Lever{2, []float64{1, 0}}
	inputs := []float64{4, 0, 2}
	for _, c := range []struct {
		name   string
		levers []Lever
		below  float64 // as a margin
		want   [][]Change
	}{
		// From 2.5: missed alone goes down to 0.5, the job alone to 1, the tests alone to 2.
		{"one step of one is enough", []Lever{missed, job, tests}, 2.1,
			[][]Change{{{0, 3}}, {{2, 0}}, {{1, 1}}}},
		{"each of two alone, further along", []Lever{missed, job}, 1.1, [][]Change{{{0, 1}}, {{1, 1}}}},
		// The job and two fewer missed: 0; all missed and one test fewer: 0.25. The job and the tests reach only 0.5.
		{"only two together", []Lever{missed, job, tests}, 0.4, [][]Change{{{0, 2}, {1, 1}}, {{0, 0}, {2, 1}}}},
		{"none", []Lever{tests}, 0, nil},
		{"no levers", nil, 0, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			ways, err := Changes(scoreOf, inputs, c.levers, tarozi.Sigmoid(c.below))
			if err != nil {
				t.Fatal(err)
			}
			if len(ways) != len(c.want) {
				t.Fatalf("found %+v, want %v", ways, c.want)
			}
			found := map[string]bool{}
			for _, w := range ways {
				if p, _ := scoreOf(apply(inputs, w.Changes)); p != w.Probability {
					t.Errorf("%v gives %v, not %v", w.Changes, p, w.Probability)
				}
				found[key(w.Changes)] = true
			}
			for _, w := range c.want {
				if !found[key(w)] {
					t.Errorf("%v was not found, only %+v", w, ways)
				}
			}
		})
	}
}

func key(changes []Change) string {
	s := ""
	for _, c := range changes {
		s += string(rune('a'+c.Input)) + string(rune('0'+int(c.To)))
	}
	return s
}

func apply(inputs []float64, changes []Change) []float64 {
	out := slices.Clone(inputs)
	for _, c := range changes {
		out[c.Input] = c.To
	}
	return out
}

// Against every single change and every pair, whatever the score is.
func TestChangesAreTheSmallest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 3).Draw(t, "levers")
		levers := make([]Lever, size)
		for i := range levers {
			levers[i].Input = i
			for v := range rapid.IntRange(1, 4).Draw(t, "values") {
				levers[i].To = append(levers[i].To, float64(v+1))
			}
		}
		table := rapid.SliceOfN(rapid.Float64Range(0, 1), 125, 125).Draw(t, "scores")
		score := func(inputs []float64) (float64, error) {
			at := 0
			for _, v := range inputs {
				at = at*5 + int(v)
			}
			return table[at], nil
		}
		ways, err := Changes(score, make([]float64, size), levers, 0.3)
		if err != nil {
			t.Fatal(err)
		}
		least := map[int]float64{} // by the inputs changed, as bits
		for code := 1; code < int(math.Pow(5, float64(size))); code++ {
			inputs, bits, total, short, changed := make([]float64, size), 0, 0.0, true, 0
			for i, c := 0, code; i < size; i, c = i+1, c/5 {
				if inputs[i] = float64(c % 5); inputs[i] > 0 {
					bits |= 1 << i
					changed++
					total += inputs[i] / float64(len(levers[i].To))
				}
				short = short && int(inputs[i]) <= len(levers[i].To)
			}
			if p, _ := score(inputs); !short || changed > 2 || p >= 0.3 || changed == 2 && reachesAlone(score, inputs) {
				continue
			}
			if before, ok := least[bits]; !ok || total < before {
				least[bits] = total
			}
		}
		found := map[int]float64{}
		for _, w := range ways {
			bits := 0
			for _, c := range w.Changes {
				bits |= 1 << c.Input
			}
			found[bits] = w.Effort
		}
		if len(found) != len(least) {
			t.Fatalf("found %v, want %v", found, least)
		}
		for bits, want := range least {
			if math.Abs(found[bits]-want) > 1e-12 {
				t.Errorf("inputs %b: effort %v, the smallest is %v", bits, found[bits], want)
			}
		}
	})
}

// reachesAlone says that one of two changed inputs, as far as it went or less, is enough without the other.
func reachesAlone(score func([]float64) (float64, error), inputs []float64) bool {
	for i, v := range inputs {
		for to := 1.0; to <= v; to++ {
			alone := make([]float64, len(inputs))
			alone[i] = to
			if p, _ := score(alone); p < 0.3 {
				return true
			}
		}
	}
	return false
}

func TestChangesPassFaultsOn(t *testing.T) {
	fault := errors.New("no score")
	if _, err := Changes(func([]float64) (float64, error) { return 0, fault }, []float64{1}, []Lever{{0, []float64{0}}}, 1); !errors.Is(err, fault) {
		t.Errorf("got %v", err)
	}
	if _, err := Changes(scoreOf, []float64{1}, []Lever{{1, []float64{0}}}, 1); err == nil {
		t.Error("a lever of an input that is not there was taken")
	}
}
