package pages

import (
	"strconv"
	"strings"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/model"
)

func bandScaleOf(l *words.Locale, served *model.ScoreCard, s *tarozi.Score) *bandScale {
	b := &bandScale{At: whole.at(100 * s.Probability), Average: whole.at(100 * s.Baseline), Value: peopleIn(l, s, served),
		Usual: strconv.Itoa(words.People(s.Baseline))}
	from := 0.0
	for i, cut := range served.Bands {
		to := cut.Below
		if i == len(served.Bands)-1 {
			to = 1
		} else {
			b.Cuts = append(b.Cuts, mark{whole.at(100 * to), strconv.Itoa(words.People(to))})
		}
		part := bandPart{Band: cut.Band, Name: l.Term("band", string(cut.Band)), X: whole.at(100 * from), Current: cut.Band == s.Band}
		part.W = whole.at(100*to) - part.X
		part.Middle = part.X + part.W/2
		b.Bands = append(b.Bands, part)
		from = to
	}
	if r := s.SimilarRange(); r != nil {
		b.HasRange, b.Low, b.High = true, whole.at(100*r.Low), whole.at(100*r.High)
		b.Width = b.High - b.Low
	}
	return b
}

// bandDistance says how far the score lies from the cuts on both sides, in whole people of 100.
func bandDistance(l *words.Locale, served *model.ScoreCard, s *tarozi.Score) string {
	var said []string
	for i, cut := range served.Bands[:len(served.Bands)-1] {
		distance := words.People(s.Probability) - words.People(cut.Below)
		below, above := served.Bands[i].Band, served.Bands[i+1].Band
		switch {
		case distance == 0 && (above == s.Band || below == s.Band): // whole people would put it on the cut, or past it
			said = append(said, l.Text("score.at_cut", "people", l.Number(float64(words.Tenths(s.Probability))/10, 1), "cut", l.Number(float64(words.Tenths(cut.Below))/10, 1)))
		case above == s.Band:
			said = append(said, l.Text("score.above_cut", "people", distance, "band", l.Term("band", string(below))))
		case below == s.Band:
			said = append(said, l.Text("score.below_cut", "people", -distance, "band", l.Term("band", string(above))))
		}
	}
	return strings.Join(said, " ")
}
