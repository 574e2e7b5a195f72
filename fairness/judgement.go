package fairness

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/tarozi/tarozi"
)

// Reviewed is one assessment whose review is done: what its reviewer thought before the score, the score, and what was decided.
type Reviewed struct {
	Officer, Agency string
	Groups          map[string]string // attributes for audit, such as sex: female
	Own             tarozi.Band       // empty: the reviewer gave no view before
	Score           tarozi.Band
	Final           tarozi.Band
	Decision        tarozi.Decision
	Outcome         uint8 // 0, 1 or [Unknown], of what the score speaks of
}

// JudgementRow says what review did among the people of one group. Each figure is a share with Wilson's interval (as if no
// person were reviewed twice), undefined where nobody is left to count and hidden where too few are.
type JudgementRow struct {
	Attribute string `json:"attribute"` // "all", "officer", "agency" or an attribute for audit
	Group     string `json:"group"`
	// N counts reviews; nil, with NReason, where there are too few to be shown.
	N       *int   `json:"n"`
	NReason Reason `json:"n_reason"`
	// Same is the share of own views that fell into the score's band. Among the others, Towards is the share whose final
	// decision lies nearer to the score than the own view did, and Away the share that lies farther.
	Same    Estimate `json:"same"`
	Towards Estimate `json:"towards"`
	Away    Estimate `json:"away"`
	// Up and Down are the shares of reviews that overrode the score in that direction.
	Up   Estimate `json:"up"`
	Down Estimate `json:"down"`
	// Of the three, the share that was right, among reviews with an own view and a known outcome: the same people for all
	// three, so that they can be compared.
	OwnRight   Estimate `json:"own_right"`
	ScoreRight Estimate `json:"score_right"`
	FinalRight Estimate `json:"final_right"`
}

// Judge measures what review does, for everybody and by officer, agency and each attribute. A band from likely upwards calls
// the event likely, and is right where it happened; a lower band is right where it did not. Of the options, Level and MinCell
// count. It is empty where there are no reviews.
func Judge(ctx context.Context, reviews []Reviewed, likely tarozi.Band, o Options) ([]JudgementRow, error) {
	if len(reviews) == 0 {
		return []JudgementRow{}, nil
	}
	for i, r := range reviews {
		for _, band := range []tarozi.Band{cmp.Or(r.Own, likely), r.Score, r.Final, likely} {
			if !slices.Contains(tarozi.Bands, band) {
				return nil, fmt.Errorf("review %d: %q is no band", i, band)
			}
		}
	}
	t := judgementTable(reviews)
	o.Replicates, o.Thresholds, o.NoIntersections, o.ScoreKind, o.Published, o.Reference = 0, nil, true, RankScore, nil, nil
	rows := []JudgementRow{}
	place := map[[2]string]int{}
	measure := func(of func(*Reviewed) uint8, put func(*JudgementRow, *Group)) error {
		for i := range reviews {
			t.Outcome[i] = of(&reviews[i])
		}
		f, err := Compute(ctx, t, o)
		if errors.Is(err, ErrNoRows) {
			return nil // the figure stays undefined everywhere
		}
		if err != nil {
			return err
		}
		for i := range f.Groups {
			g := &f.Groups[i]
			key := [2]string{g.Attribute, g.Group}
			at, known := place[key]
			if !known {
				at = len(rows)
				place[key] = at
				rows = append(rows, emptyJudgement(g.Attribute, g.Group))
			}
			put(&rows[at], g)
		}
		return nil
	}
	count := func(row *JudgementRow, g *Group) {
		row.NReason = g.NReason
		if g.NReason == "" {
			row.N = &g.N
		}
	}
	if err := measure(func(*Reviewed) uint8 { return 0 }, count); err != nil {
		return nil, fmt.Errorf("counting the reviews: %w", err)
	}
	for _, figure := range judgements(likely) {
		put := func(row *JudgementRow, g *Group) { *figure.place(row) = g.Score[BaseRate] }
		if err := measure(figure.of, put); err != nil {
			return nil, fmt.Errorf("measuring %s: %w", figure.name, err)
		}
	}
	return rows, nil
}

func emptyJudgement(attribute, group string) JudgementRow {
	none := undefined(EmptyGroup)
	return JudgementRow{Attribute: attribute, Group: group, Same: none, Towards: none, Away: none, Up: none, Down: none,
		OwnRight: none, ScoreRight: none, FinalRight: none}
}

// judgement is one figure: the share of yes among the reviews that it speaks of.
type judgement struct {
	name  string
	of    func(*Reviewed) uint8 // 0, 1 or Unknown
	place func(*JudgementRow) *Estimate
}

func judgements(likely tarozi.Band) []judgement {
	right := func(band func(*Reviewed) tarozi.Band) func(*Reviewed) uint8 {
		return func(r *Reviewed) uint8 {
			if r.Own == "" || r.Outcome == Unknown {
				return Unknown
			}
			return yes((level(band(r)) >= level(likely)) == (r.Outcome == 1))
		}
	}
	moved := func(is func(before, after int) bool) func(*Reviewed) uint8 {
		return func(r *Reviewed) uint8 {
			if r.Own == "" || r.Own == r.Score {
				return Unknown
			}
			return yes(is(apart(r.Own, r.Score), apart(r.Final, r.Score)))
		}
	}
	decided := func(d tarozi.Decision) func(*Reviewed) uint8 {
		return func(r *Reviewed) uint8 { return yes(r.Decision == d) }
	}
	return []judgement{
		{"own views like the score", func(r *Reviewed) uint8 {
			if r.Own == "" {
				return Unknown
			}
			return yes(r.Own == r.Score)
		}, func(row *JudgementRow) *Estimate { return &row.Same }},
		{"shifts towards the score", moved(func(before, after int) bool { return after < before }),
			func(row *JudgementRow) *Estimate { return &row.Towards }},
		{"shifts away from the score", moved(func(before, after int) bool { return after > before }),
			func(row *JudgementRow) *Estimate { return &row.Away }},
		{"overrides upwards", decided(tarozi.OverrideUp), func(row *JudgementRow) *Estimate { return &row.Up }},
		{"overrides downwards", decided(tarozi.OverrideDown), func(row *JudgementRow) *Estimate { return &row.Down }},
		{"own views", right(func(r *Reviewed) tarozi.Band { return r.Own }), func(row *JudgementRow) *Estimate { return &row.OwnRight }},
		{"scores", right(func(r *Reviewed) tarozi.Band { return r.Score }), func(row *JudgementRow) *Estimate { return &row.ScoreRight }},
		{"decisions", right(func(r *Reviewed) tarozi.Band { return r.Final }), func(row *JudgementRow) *Estimate { return &row.FinalRight }},
	}
}

func level(b tarozi.Band) int { return slices.Index(tarozi.Bands, b) }

// apart is how many bands lie between two.
func apart(a, b tarozi.Band) int { return max(level(a)-level(b), level(b)-level(a)) }

func yes(is bool) uint8 {
	if is {
		return 1
	}
	return 0
}

// judgementTable holds the reviews by officer, agency and every attribute that one of them has. The outcome is filled in for each figure.
func judgementTable(reviews []Reviewed) *Table {
	t := &Table{Score: make([]float64, len(reviews)), Outcome: make([]uint8, len(reviews))}
	names := map[string]bool{}
	for _, r := range reviews {
		for name := range r.Groups {
			names[name] = true
		}
	}
	add := func(name string, of func(*Reviewed) string) {
		values := make([]string, len(reviews))
		for i := range reviews {
			values[i] = of(&reviews[i])
		}
		t.Attributes = append(t.Attributes, NewAttribute(name, values))
	}
	add("officer", func(r *Reviewed) string { return r.Officer })
	add("agency", func(r *Reviewed) string { return r.Agency })
	for _, name := range slices.Sorted(maps.Keys(names)) {
		add(name, func(r *Reviewed) string { return r.Groups[name] })
	}
	return t
}
