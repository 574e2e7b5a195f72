package scoring

import (
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/model"
)

// One history read, scored, explained and written, as `tarozi score` does it.
func BenchmarkAssess(b *testing.B) {
	bundles, err := model.Shipped()
	if err != nil {
		b.Fatal(err)
	}
	models, err := NewModels(bundles)
	if err != nil {
		b.Fatal(err)
	}
	a := &Assessor{Models: models, Zone: time.UTC, Now: func() time.Time { return now }, NewID: func() string { return "id-1" }}
	line := []byte(`{"history": ` + person + `, "as_of": "2026-06-01"}`)
	for b.Loop() {
		r := new(tarozi.Request)
		if err := tarozi.Decode(line, r); err != nil {
			b.Fatal(err)
		}
		assessment, err := a.Score(r, "")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := json.Marshal(assessment); err != nil {
			b.Fatal(err)
		}
	}
}
