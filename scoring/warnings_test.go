package scoring

import (
	"slices"
	"testing"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/model"
)

// A score is near another band wherever what was observed reaches into one, also where all of it lies there.
func TestNearBand(t *testing.T) {
	card := &model.ScoreCard{Bands: []model.BandCut{{Band: tarozi.Low, Below: 0.15}, {Band: tarozi.Medium, Below: 0.41}, {Band: tarozi.High}}}
	for _, row := range []struct {
		name      string
		score     float64
		low, high float64
		near      bool
	}{
		{"within its band", 0.30, 0.26, 0.34, false},
		{"over the cut below", 0.16, 0.13, 0.19, true},
		{"over the cut above", 0.40, 0.37, 0.44, true},
		{"wholly in the band above", 0.147, 0.156, 0.215, true},
		{"wholly in the band below", 0.42, 0.33, 0.40, true},
		{"up to the cut, which is the band above", 0.14, 0.11, 0.15, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := &tarozi.Score{Probability: row.score, Band: card.BandOf(row.score), ObservedRange: &tarozi.ObservedRange{Low: row.low, High: row.high}}
			list := scoreWarnings(planned{card: card}, s)
			near := slices.ContainsFunc(list, func(w tarozi.Warning) bool { return w.Code == tarozi.WarnNearBand })
			if near != row.near {
				t.Errorf("%v with %v to %v: near is %v", row.score, row.low, row.high, near)
			}
		})
	}
}
