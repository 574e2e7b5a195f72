package scoring

import (
	"math"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain"
	"github.com/tarozi/tarozi/model"
)

// What contributions cost on top of the score, for every planned score of one person: by its heads alone (graph, calibration,
// product of hazards), with the contribution of every term, and with the rows of the answer.
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
	run := func(b *testing.B, each func(*planned, []*answer)) {
		for b.Loop() {
			row, outputs := in.row(m.Card), make([]*answer, len(m.Heads))
			for _, p := range plans {
				for _, part := range p.parts {
					if outputs[part.head] == nil {
						said, err := m.ask(part.head, row)
						if err != nil {
							b.Fatal(err)
						}
						outputs[part.head] = said
					}
				}
				each(&p, outputs)
			}
		}
	}
	b.Run("score", func(b *testing.B) {
		run(b, func(p *planned, outputs []*answer) {
			survival := 1.0
			for _, part := range p.parts {
				survival *= stays(m.Heads[part.head].Hazard(outputs[part.head].margin), part.share)
			}
			if !(survival < 1) {
				b.Fatal(survival)
			}
		})
	})
	b.Run("score and contributions", func(b *testing.B) {
		run(b, func(p *planned, outputs []*answer) {
			if _, err := explain.Product(hazards(m, p, outputs)); err != nil {
				b.Fatal(err)
			}
		})
	})
	b.Run("score and answer", func(b *testing.B) {
		described := describe(m, in)
		run(b, func(p *planned, outputs []*answer) {
			if _, err := score(m, described, p, outputs); err != nil {
				b.Fatal(err)
			}
		})
	})
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

func stays(hazard, share float64) float64 { return math.Pow(1-hazard, share) }
