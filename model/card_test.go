package model

import (
	"testing"

	"github.com/tarozi/tarozi"
)

// A card may list its landmarks in any order.
func TestScoreAtIsOfTheLatestLandmarkPassed(t *testing.T) {
	year := 12
	at := func(landmark int) ScoreCard {
		return ScoreCard{Outcome: tarozi.Recidivism, LandmarkMonths: landmark, HorizonMonths: &year}
	}
	for name, card := range map[string]*Card{
		"rising":  {Scores: []ScoreCard{at(0), at(12), at(24)}},
		"falling": {Scores: []ScoreCard{at(24), at(12), at(0)}},
	} {
		for months, want := range map[int]int{0: 0, 11: 0, 12: 12, 23: 12, 24: 24, 40: 24} {
			if got := card.ScoreAt(tarozi.Recidivism, &year, months); got == nil || got.LandmarkMonths != want {
				t.Errorf("%s, %d months in: %+v, want landmark %d", name, months, got, want)
			}
		}
	}
	half := 6
	card := &Card{Scores: []ScoreCard{at(0)}}
	for name, got := range map[string]*ScoreCard{
		"another horizon":  card.ScoreAt(tarozi.Recidivism, &half, 0),
		"while supervised": card.ScoreAt(tarozi.Recidivism, nil, 0),
		"another outcome":  card.ScoreAt(tarozi.ViolationOf, &year, 0),
	} {
		if got != nil {
			t.Errorf("%s: %+v, want none", name, got)
		}
	}
}
