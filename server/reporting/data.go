package reporting

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/fairness"
	"github.com/tarozi/tarozi/model"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
)

// area is the attribute that is left out of reports: the agencies say where people live, in areas large enough.
const area = "address_area"

// data gathers what a report is measured from, person by person.
type data struct {
	fairness.ServiceData
	thresholds []float64
	model      *scoring.Model
	horizon    *int
	matured    tarozi.Date // scores as of this day or before were followed to their horizon by the end of the period
	measured   []person
	new        []person
}

// person is one measured or newly scored person; no id is kept.
type person struct {
	score         float64
	band          tarozi.Band
	outcome       uint8              // within the horizon
	observed      uint8              // as far as the person was followed
	followed      float64            // months, of the horizon's
	contributions map[string]float64 // points by factor
	values        []float64          // in the order of the features
	agency        string
	attributes    map[string]string
	remedied      []float64 // score without remedies, then with each of the card's alone
}

func newData(m *scoring.Model, levers scoring.Levers, agencyID string, when fairness.ReportPeriod, now time.Time) *data {
	d := &data{model: m}
	card := measuredScore(m.Card)
	d.horizon = card.HorizonMonths
	served := (&scoring.Inputs{Cuts: levers.Cuts}).Served(card)
	for _, cut := range served.Bands[:len(served.Bands)-1] {
		d.thresholds = append(d.thresholds, cut.Below)
	}
	validity := m.Card.Validity.State
	if levers.Acceptance != nil {
		validity = levers.Acceptance.Validity
	}
	d.Service = fairness.Service{Period: when, AgencyID: agencyID, MadeAt: now, Outcome: card.Outcome, HorizonMonths: *card.HorizonMonths,
		Tolerances: levers.Tolerances, Model: fairness.ReportModel{ID: m.Card.ID, Version: m.Card.Version, SHA256: m.SHA256, Validity: validity,
			Training: m.Card.Training.SHA256, IntendedUse: m.Card.IntendedUse}}
	d.matured = when.To.AddMonths(-*card.HorizonMonths)
	for _, input := range m.Card.Inputs {
		d.Features = append(d.Features, input.Feature)
		d.Categories = append(d.Categories, len(input.Categories) > 0)
	}
	return d
}

// measuredScore is the card's first score that has an end.
func measuredScore(card *model.Card) *model.ScoreCard {
	for i := range card.Scores {
		if card.Scores[i].HorizonMonths != nil {
			return &card.Scores[i]
		}
	}
	return &card.Scores[0]
}

func (d *data) add(s *store.Scored) error {
	old, fresh := !s.AsOf.After(d.matured), !s.AsOf.Before(d.Service.Period.From)
	if !old && !fresh {
		return nil
	}
	var a tarozi.Assessment
	if err := tarozi.Decode(s.Document, &a); err != nil {
		return fmt.Errorf("reading assessment %s: %w", s.ID, err)
	}
	at := d.scoreAt(a.Scores)
	if at < 0 {
		return nil // not scored for this, such as somebody arrested anew
	}
	score := &a.Scores[at]
	in := &scoring.Inputs{}
	if err := tarozi.Decode(s.Inputs, in); err != nil {
		return fmt.Errorf("reading the inputs of assessment %s: %w", s.ID, err)
	}
	p := person{score: score.Probability, band: score.Band, agency: s.AgencyID, attributes: s.Attributes, values: d.values(in),
		outcome: fairness.OutcomeWithin(d.Service.Outcome, s.AsOf, d.horizon, s.Outcomes)}
	p.observed, p.followed = fairness.FollowedWithin(d.Service.Outcome, s.AsOf, d.horizon, s.Outcomes)
	d.Identity = fmt.Appendf(d.Identity, "%s %d %v\n", s.ID, p.observed, p.followed)
	if fresh {
		d.new = append(d.new, p)
	}
	if old {
		var err error
		p.contributions = map[string]float64{}
		for _, c := range score.Contributions {
			p.contributions[factorOf(&c)] += c.Points
		}
		if p.remedied, err = d.remedied(in, p.attributes); err != nil {
			return fmt.Errorf("scoring assessment %s with remedies: %w", s.ID, err)
		}
		d.measured = append(d.measured, p)
	}
	return nil
}

// remedied scores stored inputs anew, without remedies and with each of the card's alone; nil where the card offers none.
func (d *data) remedied(in *scoring.Inputs, attributes map[string]string) ([]float64, error) {
	if len(d.model.Card.Remedies) == 0 {
		return nil, nil
	}
	again := *in
	score := func(remedies ...scoring.RemedyInput) (float64, error) {
		again.Remedies = remedies
		e, err := scoring.Evaluate(d.model, &again)
		if err != nil {
			return 0, err
		}
		return e.Scores[d.scoreAt(e.Scores)].Probability, nil
	}
	plain, err := score()
	if err != nil {
		return nil, err
	}
	list := []float64{plain}
	for _, r := range d.model.Card.Remedies {
		one, err := score(scoring.RemedyInput{ID: r.ID, Attribute: r.Attribute, Group: attributes[r.Attribute]})
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// scoreAt is the place of the measured score, -1 where there is none.
func (d *data) scoreAt(scores []tarozi.Score) int {
	return slices.IndexFunc(scores, func(score tarozi.Score) bool {
		return score.Outcome == d.Service.Outcome && score.HorizonMonths != nil && *score.HorizonMonths == *d.horizon
	})
}

// factorOf names a factor: a feature, or a pair of them.
func factorOf(c *tarozi.Contribution) string {
	if c.With != nil {
		return c.Feature + " " + c.With.Feature
	}
	return c.Feature
}

// values are the inputs as numbers: a category by its place, yes as 1, NaN where missing.
func (d *data) values(in *scoring.Inputs) []float64 {
	out := make([]float64, len(d.Features))
	for i, v := range in.Values {
		switch {
		case v.Missing != "":
			out[i] = math.NaN()
		case v.Value.Kind() == tarozi.TextValue:
			out[i] = float64(slices.Index(d.model.Card.Inputs[i].Categories, v.Value.Text()))
		default:
			out[i] = v.Value.Float()
		}
	}
	return out
}

// finish turns the people into columns.
func (d *data) finish() {
	d.Measured = &fairness.Table{Score: []float64{}, Outcome: []uint8{}, Followed: []float64{}}
	d.Observed = []uint8{}
	names, factors := map[string]bool{}, map[string]bool{}
	for _, p := range d.measured {
		d.Measured.Score = append(d.Measured.Score, p.score)
		d.Measured.Outcome = append(d.Measured.Outcome, p.outcome)
		d.Measured.Followed = append(d.Measured.Followed, p.followed)
		d.Observed = append(d.Observed, p.observed)
		d.Bands = append(d.Bands, p.band)
		for name := range p.attributes {
			names[name] = true
		}
		for factor := range p.contributions {
			factors[factor] = true
		}
	}
	delete(names, area)
	attribute := func(name string, of func(*person) string) {
		values := make([]string, len(d.measured))
		for i := range d.measured {
			values[i] = of(&d.measured[i])
		}
		d.Measured.Attributes = append(d.Measured.Attributes, fairness.NewAttribute(name, values))
	}
	for _, name := range slices.SortedFunc(maps.Keys(names), func(a, b string) int { return cmp.Or(rank(a)-rank(b), cmp.Compare(a, b)) }) {
		attribute(name, func(p *person) string { return p.attributes[name] })
	}
	attribute("agency", func(p *person) string { return p.agency })
	d.Factors = slices.Sorted(maps.Keys(factors))
	for _, factor := range d.Factors {
		column := make([]float64, len(d.measured))
		for i := range d.measured {
			column[i] = d.measured[i].contributions[factor]
		}
		d.Contributions = append(d.Contributions, column)
	}
	for k, r := range d.model.Card.Remedies {
		one := fairness.Remedied{Remedy: r.ID, Attribute: r.Attribute}
		for i := range d.measured {
			one.Without, one.Score = append(one.Without, d.measured[i].remedied[0]), append(one.Score, d.measured[i].remedied[k+1])
		}
		if names[r.Attribute] {
			d.Remedied = append(d.Remedied, one)
		}
	}
	for f := range d.Features {
		d.Values = append(d.Values, columnOf(d.measured, f))
		d.NewValues = append(d.NewValues, columnOf(d.new, f))
	}
	for i := range d.new {
		d.NewScores = append(d.NewScores, d.new[i].score)
	}
}

// rank puts sex first.
func rank(attribute string) int {
	if attribute == "sex" {
		return 0
	}
	return 1
}

func columnOf(people []person, feature int) []float64 {
	column := make([]float64, len(people))
	for i := range people {
		column[i] = people[i].values[feature]
	}
	return column
}
