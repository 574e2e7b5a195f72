package scoring

import (
	"math"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/model"
)

// What contributions cost on top of the score, for the scores of one person: all ways are timed in turns, in the processor's time, and
// the medians are reported in nanoseconds. "heads" is the scores alone (graph, calibration, product of hazards), "numbers" both units
// of every factor beside them, "rows" the answer's rows built, "request" the way from the request's JSON to the answer's without its
// contributions, "answer" the same with them.
func BenchmarkContributions(b *testing.B) {
	bundles, err := model.Shipped()
	if err != nil {
		b.Fatal(err)
	}
	models, err := NewModels(bundles)
	if err != nil {
		b.Fatal(err)
	}
	m, in := shippedDefault(b, models), storedInputs(b, models)
	plans, _ := plan(m, in)
	described, work := describe(m, in), newWorkspace(m)
	run := func(each func(*planned, []*answer)) {
		row, answers := in.row(m.Card), make([]*answer, len(m.Heads))
		for i := range plans {
			for _, part := range plans[i].parts {
				if answers[part.head] == nil {
					if answers[part.head], err = m.ask(part.head, row); err != nil {
						b.Fatal(err)
					}
				}
			}
			each(&plans[i], answers)
		}
	}
	a := &Assessor{Models: models, Zone: time.UTC, Now: func() time.Time { return now }, NewID: func() string { return "id-1" }}
	line := []byte(`{"history": ` + person + `, "as_of": "2026-06-01"}`)
	asked := func(finish func(*tarozi.Assessment)) {
		r := new(tarozi.Request)
		if err := tarozi.Decode(line, r); err != nil {
			b.Fatal(err)
		}
		made, err := a.Score(r, "")
		if err != nil {
			b.Fatal(err)
		}
		finish(made)
		if _, err := json.Marshal(made); err != nil {
			b.Fatal(err)
		}
	}
	ways := []func(){
		func() {
			run(func(p *planned, answers []*answer) {
				survival := 0.0
				for _, part := range p.parts {
					survival += part.share * tarozi.LogSigmoid(-m.Heads[part.head].Calibration.LogOdds(answers[part.head].margin))
				}
				if probability := -math.Expm1(survival); !(math.Log(probability)-survival < 100) {
					b.Fatal(probability)
				}
			})
		},
		func() {
			run(func(p *planned, answers []*answer) {
				if _, _, err := m.effects(p, answers, work); err != nil {
					b.Fatal(err)
				}
			})
		},
		func() {
			run(func(p *planned, answers []*answer) {
				if _, err := score(m, described, p, answers, work); err != nil {
					b.Fatal(err)
				}
			})
		},
		func() {
			asked(func(made *tarozi.Assessment) {
				for i := range made.Scores {
					made.Scores[i].Contributions = nil
				}
			})
		},
		func() { asked(func(*tarozi.Assessment) {}) },
	}
	const times = 40
	took := make([][]float64, len(ways))
	for b.Loop() {
		for i, way := range ways {
			from := processorTime(b)
			for range times {
				way()
			}
			took[i] = append(took[i], float64(processorTime(b)-from)/times)
		}
	}
	var medians [5]float64
	for i, name := range []string{"heads-ns", "numbers-ns", "rows-ns", "request-ns", "answer-ns"} {
		slices.Sort(took[i])
		medians[i] = took[i][len(took[i])/2]
		b.ReportMetric(medians[i], name)
	}
	rows := medians[2] - medians[0]
	b.ReportMetric(100*(medians[1]/medians[0]-1), "numbers-%-of-heads")
	b.ReportMetric(100*rows/medians[0], "rows-%-of-heads")
	b.ReportMetric(100*rows/(medians[3]-rows), "rows-%-of-request")
	b.ReportMetric(100*(medians[4]/(medians[3]-rows)-1), "rows-written-%-of-request")
}

// processorTime is what the process has used of the processor, which other programs on the machine do not lengthen.
func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func storedInputs(t testing.TB, models *Models) *Inputs {
	t.Helper()
	a := &Assessor{Models: models, Zone: now.Location(), Now: func() time.Time { return now }, NewID: func() string { return "id-1" }}
	r := new(tarozi.Request)
	if err := tarozi.Decode([]byte(`{"history": `+person+`, "as_of": "2026-06-01"}`), r); err != nil {
		t.Fatal(err)
	}
	m, err := models.ByID(DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	s, err := a.score(r, m, Conditions{})
	if err != nil {
		t.Fatal(err)
	}
	return s.inputs
}
