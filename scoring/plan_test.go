package scoring

import (
	"testing"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/model"
)

// A card may list its landmarks in any order.
func TestScoreCardIsOfTheLatestLandmarkPassed(t *testing.T) {
	year := 12
	at := func(landmark int) model.ScoreCard {
		return model.ScoreCard{Outcome: tarozi.Recidivism, LandmarkMonths: landmark, HorizonMonths: &year}
	}
	for name, card := range map[string]*model.Card{
		"rising":  {Scores: []model.ScoreCard{at(0), at(12), at(24)}},
		"falling": {Scores: []model.ScoreCard{at(24), at(12), at(0)}},
	} {
		for months, want := range map[int]int{0: 0, 11: 0, 12: 12, 23: 12, 24: 24, 40: 24} {
			if got := scoreCard(card, tarozi.Recidivism, &year, months); got.LandmarkMonths != want {
				t.Errorf("%s, %d months in: landmark %d, want %d", name, months, got.LandmarkMonths, want)
			}
		}
	}
}
