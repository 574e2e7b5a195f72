package scoring

import (
	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/features"
	"github.com/tarozi/tarozi/model"
)

// Limits of what is passed over in silence.
const (
	manyMissing = 1.0 / 3 // share of missing inputs above which the score says so
	staleDays   = 2 * 365 // age of a fact about a state that changes
	offBy       = 0.1     // distance of observed over expected from 1 above which a group is named
)

// inputWarnings are those that the record gives rise to, whatever the score; read tells which inputs the scores depend on.
func inputWarnings(card *model.Card, in *Inputs, read []bool) []tarozi.Warning {
	list := []tarozi.Warning{}
	switch in.validity(card) {
	case tarozi.Demonstration:
		list = append(list, tarozi.Warning{Code: tarozi.WarnDemonstration})
	case tarozi.NotValidatedLocally:
		list = append(list, tarozi.Warning{Code: tarozi.WarnNotValidatedLocally})
	}
	if card.Validity.State == tarozi.Demonstration {
		list = append(list, tarozi.Warning{Code: tarozi.WarnMadeUpTraining})
	}
	if in.After > 0 {
		list = append(list, tarozi.Warning{Code: tarozi.WarnEventsAfterAsOf, Count: in.After})
	}
	if in.NotCounted > 0 {
		list = append(list, tarozi.Warning{Code: tarozi.WarnNotEstablished, Count: in.NotCounted})
	}
	if in.BirthYearOnly {
		list = append(list, tarozi.Warning{Code: tarozi.WarnBirthYearOnly})
	}
	gaps, asked := 0, 0
	for i, v := range in.Values {
		if !read[i] {
			continue
		}
		asked++
		feature, _ := features.Lookup(v.Feature)
		switch {
		case v.Missing != "":
			gaps++
		case !fits(&card.Inputs[i], v.Value):
			list = append(list, tarozi.Warning{Code: tarozi.WarnOutOfRange, Feature: v.Feature})
		case feature.Changeable && v.AgeDays > max(staleDays, feature.WindowDays):
			list = append(list, tarozi.Warning{Code: tarozi.WarnStale, Feature: v.Feature, Count: v.AgeDays})
		}
	}
	if float64(gaps) > manyMissing*float64(asked) {
		list = append(list, tarozi.Warning{Code: tarozi.WarnMissingMany, Count: gaps})
	}
	return list
}

// scoreWarnings are those that one score gives rise to.
func scoreWarnings(p planned, s *tarozi.Score) []tarozi.Warning {
	var list []tarozi.Warning
	about := tarozi.Warning{Outcome: p.outcome}
	if p.horizon != nil {
		about.Horizon = *p.horizon
	}
	if r := s.ObservedRange; r != nil && (p.card.BandOf(r.Low) != s.Band || p.card.BandOf(r.High) != s.Band) {
		about.Code = tarozi.WarnNearBand
		list = append(list, about)
	}
	for _, g := range p.card.Groups {
		switch {
		case g.OE < 1-offBy:
			about.Code = tarozi.WarnOverPredicts
		case g.OE > 1+offBy:
			about.Code = tarozi.WarnUnderPredicts
		default:
			continue
		}
		about.Group = g.Attribute + "=" + g.Group
		list = append(list, about)
	}
	return list
}
