package pages

import (
	"math"
	"strconv"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/features"
	"github.com/tarozi/tarozi/model"
)

// Places on charts are percentages of their width, so that text keeps its size on every screen.
const width = 100

// scale maps people of 100 to places on a chart's line.
type scale struct{ low, high float64 }

func (s scale) at(people float64) float64 {
	place := (people - s.low) / (s.high - s.low) * width
	return math.Round(math.Max(0, math.Min(width, place))*100) / 100
}

// mark is a labelled place on an axis.
type mark struct {
	At    float64
	Label string
}

// ticks lists whole people on the scale, four to eight of them.
func (s scale) ticks() []mark {
	step := 1.0
	for _, candidate := range []float64{1, 2, 5, 10, 20, 25} {
		if step = candidate; (s.high-s.low)/step <= 7 {
			break
		}
	}
	var list []mark
	for people := math.Ceil(s.low/step) * step; people <= s.high; people += step {
		list = append(list, mark{s.at(people), strconv.Itoa(int(people))})
	}
	return list
}

// waterfall is how a score comes about from the average person's, in people of 100 or in tenths of them. The numbers shown sum.
type waterfall struct {
	Decimals        int // of the numbers shown: 0, or 1 where they count tenths
	Baseline, Total int
	From, To        string // Baseline and Total as they are said
	Rows            []bar
	Ticks           []mark
	Start, End      float64 // places of baseline and total
}

// bar is one factor, or all those that are too small to show.
type bar struct {
	Label     string
	Points    int
	Signed    string // with its sign
	Direction tarozi.Direction
	Word      string  // of the direction
	Because   string  // why a factor lowers; else empty
	X, W      float64 // the bar
	From, To  float64 // where the sum was and is after it
	Records   int     // behind the factor
	Open      string  // link to them
}

type evidenceLink struct{ Link, Name string }

// waterfallOf draws the steps of a score.
func waterfallOf(l *words.Locale, s *tarozi.Score, tenths bool, card *model.Card, open func(*tarozi.Contribution) string) *waterfall {
	steps := words.StepsOf(s, tenths)
	shown, points, unit := steps.Shown, steps.Points, math.Pow10(steps.Decimals)
	w := &waterfall{Baseline: steps.Baseline, Total: steps.Total, Decimals: steps.Decimals}
	w.From, w.To = w.said(l, w.Baseline), w.said(l, w.Total)
	for _, c := range shown {
		w.Rows = append(w.Rows, bar{Label: l.Factor(*c), Records: len(c.Evidence), Open: open(c)})
	}
	if others := len(s.Contributions) - len(shown); others > 0 {
		w.Rows = append(w.Rows, bar{Label: l.Plural("chart.others", others)})
	}
	low, high := float64(min(w.Baseline, w.Total)), float64(max(w.Baseline, w.Total))
	sum := w.Baseline
	for _, n := range points {
		sum += n
		low, high = math.Min(low, float64(sum)), math.Max(high, float64(sum))
	}
	sc := scale{math.Max(0, low/unit-2), math.Min(100, high/unit+2)}
	sum = w.Baseline
	for i, n := range points {
		row := &w.Rows[i]
		row.Points, row.From = n, sc.at(float64(sum)/unit)
		sum += n
		row.To = sc.at(float64(sum) / unit)
		row.X, row.W = math.Min(row.From, row.To), math.Abs(row.To-row.From)
		row.Direction, row.Signed = tarozi.DirectionOf(n), signed(l, n, w.Decimals)
		row.Word = l.Term("direction", string(row.Direction))
		if n < 0 && i < len(shown) {
			row.Because = because(l, shown[i], card)
		}
	}
	w.Ticks, w.Start, w.End = sc.ticks(), sc.at(float64(w.Baseline)/unit), sc.at(float64(w.Total)/unit)
	return w
}

// said writes a number of the waterfall.
func (w *waterfall) said(l *words.Locale, n int) string {
	return l.Number(float64(n)/math.Pow10(w.Decimals), w.Decimals)
}

// because says why a factor lowers: a reader may take a row with a count of arrests for a mistake. Where the model only ever raises the
// risk with the value, or only ever lowers it, the value lies on that side of where the risk is average; else the risk alone is known.
func because(l *words.Locale, c *tarozi.Contribution, card *model.Card) string {
	if card != nil && c.With == nil && c.Remedy == "" {
		for _, input := range card.Inputs {
			switch {
			case input.Feature != c.Feature || c.Value.IsZero() || input.Kind == string(features.KindFlag) || input.Kind == string(features.KindCategory):
			case input.Monotone > 0:
				return l.Text("chart.lowers_less")
			case input.Monotone < 0:
				return l.Text("chart.lowers_more")
			}
		}
	}
	return l.Text("chart.lowers")
}

// signed writes n of 10^decimals with a sign: +3, −1.2, 0.
func signed(l *words.Locale, n, decimals int) string {
	said := l.Number(math.Abs(float64(n))/math.Pow10(decimals), decimals)
	switch {
	case n > 0:
		return "+" + said
	case n < 0:
		return "−" + said
	default:
		return said
	}
}

// raised is what the rows that raise the score add up to.
func (w *waterfall) raised() int {
	sum := 0
	for _, row := range w.Rows {
		sum += max(row.Points, 0)
	}
	return sum
}

// lowered is what the rows that lower the score take away, as a positive number.
func (w *waterfall) lowered() int {
	sum := 0
	for _, row := range w.Rows {
		sum -= min(row.Points, 0)
	}
	return sum
}

// exactRow is one factor of the full table, to one decimal.
type exactRow struct {
	Label, Signed, Odds, LogOdds string
	Error, LogOddsError          string // standard errors of an estimate; empty where it is exact
	Direction                    tarozi.Direction
	Word                         string
}

// exact lists every factor in three views: to a tenth of a person (the numbers shown sum), what it multiplies the odds by, and in
// log-odds.
func exact(l *words.Locale, s *tarozi.Score) (rows []exactRow, baseline, total string) {
	parts := make([]float64, len(s.Contributions))
	for i, c := range s.Contributions {
		parts[i] = 1000 * c.Points
	}
	from, to := words.Tenths(s.Baseline), words.Tenths(s.Probability)
	for i, n := range words.Apportion(parts, to-from) {
		c := s.Contributions[i]
		rows = append(rows, exactRow{Label: l.Factor(c), Signed: signed(l, n, 1), Odds: l.Number(tarozi.OddsFactor(c.LogOdds), 2),
			LogOdds:   signed(l, int(math.Round(1000*c.LogOdds)), 3),
			Direction: tarozi.DirectionOf(n), Word: l.Term("direction", string(tarozi.DirectionOf(n)))})
		if s.Method == string(explain.Sampled) && c.Remedy == "" {
			rows[i].Error, rows[i].LogOddsError = l.Number(100*c.PointsError, 2), l.Number(c.LogOddsError, 3)
		}
	}
	return rows, l.Number(float64(from)/10, 1), l.Number(float64(to)/10, 1)
}

// people is the picture of a hundred people.
type people struct{ Figures []figure }

// figure is one of a hundred people: "hit" for those to whom it happened, "edge" where the range of what was observed lies.
type figure struct {
	X, Y  int
	Class string
}

const perRow = 20

func peopleOf(s *tarozi.Score) people {
	n := words.People(s.Probability)
	low, high := n, n
	if r := s.SimilarRange(); r != nil {
		low, high = min(n, words.People(r.Low)), max(n, words.People(r.High))
	}
	var p people
	for i := range 100 {
		f := figure{X: i % perRow * 16, Y: i / perRow * 26, Class: "rest"}
		switch {
		case i < low:
			f.Class = "hit"
		case i < n:
			f.Class = "hit edge"
		case i < high:
			f.Class = "rest edge"
		}
		p.Figures = append(p.Figures, f)
	}
	return p
}

// bandScale is where a score lies between the cuts of the bands.
type bandScale struct {
	Bands        []bandPart
	At, Average  float64
	Low, High    float64 // the range of what was observed
	Width        float64 // High - Low
	HasRange     bool
	Value, Usual string
	Cuts         []mark
}

// bandPart is one band on the line.
type bandPart struct {
	Band    tarozi.Band
	Name    string
	X, W    float64
	Middle  float64
	Current bool
}

// horizonRow is one horizon of an outcome.
type horizonRow struct {
	Name, Link, Value, Range string
	At, Low, High, Width     float64
	HasRange, Current        bool
	BandName                 string
	Band                     tarozi.Band
}

// whole is the scale of all probabilities.
var whole = scale{0, 100}

func horizonOf(l *words.Locale, s *tarozi.Score, served *model.ScoreCard) horizonRow {
	row := horizonRow{Name: l.Text("score.while_supervised"), At: whole.at(100 * s.Probability), Band: s.Band, BandName: l.Term("band", string(s.Band)),
		Value: l.Text("score.short", "people", peopleIn(l, s, served))}
	if s.HorizonMonths != nil {
		row.Name = l.Plural("unit.months", *s.HorizonMonths)
	}
	if r := s.SimilarRange(); r != nil {
		row.HasRange, row.Low, row.High = true, whole.at(100*r.Low), whole.at(100*r.High)
		row.Width = row.High - row.Low
		row.Range = l.Text("score.range", "low", words.People(r.Low), "high", words.People(r.High))
	}
	return row
}

// trend is the line of a person's scores of one kind by one model.
type trend struct {
	Dots    []dot
	Lines   []line
	Caption string
}

type dot struct {
	X, Y   float64 // X in percent of the width, Y in pixels
	People int
	Date   string
}

type line struct{ X1, Y1, X2, Y2 float64 }

// Height of a trend's picture in pixels, and the margins in which dots keep clear of its edges.
const (
	trendHeight = 132
	trendTop    = 24
	trendSide   = 6 // percent
)

// trendOf draws the scores that the reader may see, oldest first; nil where there are fewer than two of the
// same kind by the same model. The kind is that of a score, of the newest assessment's first where it is nil; the model is named by its
// id, the newest assessment's where that is empty.
func trendOf(l *words.Locale, shown map[string]bool, newestFirst []tarozi.Assessment, kind *tarozi.Score, by string) *trend {
	var scores []*tarozi.Score
	var days []tarozi.Date
	for i := range newestFirst {
		a := &newestFirst[i]
		if !shown[a.ID] || (by != "" && a.Model.ID != by) {
			continue
		}
		for j := range a.Scores {
			s := &a.Scores[j]
			if kind != nil && !kind.SameKind(s) {
				continue
			}
			by, kind = a.Model.ID, s
			scores, days = append(scores, s), append(days, a.AsOf)
			break
		}
	}
	if len(scores) < 2 {
		return nil
	}
	last := len(scores) - 1
	t := &trend{Caption: l.Text("person.trend", "about", l.Score(kind.Outcome, kind.HorizonMonths))}
	for i := last; i >= 0; i-- {
		share := float64(last-i) / float64(last)
		d := dot{X: math.Round(100*(trendSide+share*(100-2*trendSide))) / 100, People: words.People(scores[i].Probability), Date: l.Date(days[i]),
			Y: math.Round(trendTop + (1-scores[i].Probability)*(trendHeight-2*trendTop))}
		if n := len(t.Dots); n > 0 {
			t.Lines = append(t.Lines, line{t.Dots[n-1].X, t.Dots[n-1].Y, d.X, d.Y})
		}
		t.Dots = append(t.Dots, d)
	}
	return t
}
