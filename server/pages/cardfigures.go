package pages

import (
	"slices"

	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/model"
)

// reliability draws what happened in the card's bins of scores against what was predicted there, with the Wilson interval of each.
func reliability(l *words.Locale, s *model.ScoreCard) *curve {
	made := &curve{Group: l.Score(s.Outcome, s.HorizonMonths)}
	for _, bin := range s.Observed {
		if bin.N == 0 {
			continue
		}
		seen, predicted := bin.Range(), predictedIn(s, bin)
		share := float64(bin.Events) / float64(bin.N)
		made.Points = append(made.Points, curvePoint{X: tenths(100 * predicted), Y: tenths(100 - 100*share), Low: tenths(100 - 100*seen.Low), High: tenths(100 - 100*seen.High)})
		made.Rows = append(made.Rows, []string{l.Percent(bin.Lower, 0) + "–" + l.Percent(bin.Upper, 0), l.Number(float64(bin.N), 0), l.Percent(predicted, 1),
			l.Percent(share, 1), between(l, seen.Low, seen.High)})
	}
	return made
}

// predictedIn is the middle prediction of a bin: the median of the card's quantiles within it, and the bin's own middle where none is.
func predictedIn(s *model.ScoreCard, bin model.ObservedBin) float64 {
	var within []float64
	for _, q := range s.Quantiles {
		if bin.Lower <= q && q < bin.Upper {
			within = append(within, q)
		}
	}
	if len(within) == 0 {
		return (bin.Lower + bin.Upper) / 2
	}
	slices.Sort(within)
	return within[len(within)/2]
}

// between is an interval of shares, in percent.
func between(l *words.Locale, low, high float64) string {
	return l.Number(100*low, 1) + "–" + l.Percent(high, 1)
}

// cardStandIn says how well the inputs tell a protected attribute that they do not hold.
type cardStandIn struct {
	Lead   string
	Inputs []fact
}

func standInsOf(l *words.Locale, card *model.Card) []cardStandIn {
	var list []cardStandIn
	for _, s := range card.StandIns {
		one := cardStandIn{Lead: l.Text("model.stand_in."+s.Attribute, "auc", l.Number(s.AUC, 2))}
		for _, input := range s.Inputs {
			one.Inputs = append(one.Inputs, fact{l.Feature(input.Feature), l.Number(input.AUC, 2)})
		}
		list = append(list, one)
	}
	return list
}

func remediesOf(l *words.Locale, card *model.Card) []string {
	var list []string
	for _, r := range card.Remedies {
		list = append(list, remedyName(l, r.ID))
	}
	return list
}
