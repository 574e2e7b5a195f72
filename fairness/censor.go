package fairness

import (
	"fmt"
	"math"
	"slices"
)

// Censoring says how people who were not followed to the horizon were dealt with.
type Censoring struct {
	Horizon float64
	// Followed counts people followed to the event or the horizon, NotFollowed those who were not, Unknown those whose
	// outcome or time of follow-up is not known.
	Followed    int
	NotFollowed int
	Unknown     int
	// FollowedShare is the Kaplan-Meier estimate of the share that would be followed to the horizon.
	FollowedShare float64
	// MaxWeight is the largest weight that anybody got for censoring.
	MaxWeight float64
}

// Censor turns outcomes with a time of follow-up into outcomes within the horizon: 1 for an event at or before it, 0
// for an event later or for somebody followed at least to it, [Unknown] for the rest.
//
// weighted gives those known the inverse of the probability of having been followed that long (Robins and Finkelstein
// 2000; for prediction errors Graf et al. 1999), estimated by Kaplan and Meier with censoring as the event, the table's
// own weights counting. leftOut keeps the table's own weights. Both suppose that follow-up ends for reasons unrelated
// to the risk. It fails without a column of follow-up, or if nobody was followed to the horizon or an event.
func Censor(t *Table, horizon float64) (c *Censoring, weighted, leftOut *Table, err error) {
	if t.Followed == nil {
		return nil, nil, nil, fmt.Errorf("fairness: a horizon needs the column of follow-up times")
	}
	if !(horizon > 0) || math.IsInf(horizon, 1) {
		return nil, nil, nil, fmt.Errorf("fairness: horizon %v is not positive and finite", horizon)
	}
	c = &Censoring{Horizon: horizon}
	outcome := make([]uint8, t.Rows())
	for i, y := range t.Outcome {
		followed := t.Followed[i]
		outcome[i] = Unknown
		switch {
		case y == Unknown || math.IsNaN(followed):
			c.Unknown++
		case y == 1 && followed <= horizon:
			outcome[i] = 1
			c.Followed++
		case followed >= horizon:
			outcome[i] = 0
			c.Followed++
		default:
			c.NotFollowed++
		}
	}
	if c.Followed == 0 {
		return nil, nil, nil, fmt.Errorf("fairness: nobody was followed to an event or to the horizon of %v: %w", horizon, ErrNoRows)
	}
	share := followedShare(t)
	c.FollowedShare = share(horizon)
	weights := make([]float64, t.Rows())
	for i, y := range outcome {
		if y == Unknown || t.weight(i) == 0 {
			continue // who weighs nothing may have been followed when nobody else was: there is no share to divide by
		}
		w := 1 / share(min(t.Followed[i], horizon))
		c.MaxWeight = max(c.MaxWeight, w)
		weights[i] = w * t.weight(i)
	}
	a, b := *t, *t
	a.Outcome, a.Weight = outcome, weights
	if t.Weight == nil && c.MaxWeight == 1 {
		a.Weight = nil // nobody's follow-up ended early: everybody counts once
	}
	b.Outcome = outcome
	return c, &a, &b, nil
}

func (t *Table) weight(i int) float64 {
	if t.Weight == nil {
		return 1
	}
	return t.Weight[i]
}

// followedShare returns the estimated probability of being followed at least to a time (Kaplan and Meier 1958). Somebody
// whose event and end of follow-up fall together had the event first.
func followedShare(t *Table) func(time float64) float64 {
	var order []int
	for i, y := range t.Outcome {
		if y != Unknown && !math.IsNaN(t.Followed[i]) {
			order = append(order, i)
		}
	}
	sortBy(order, t.Followed)
	atRisk := 0.0
	for _, i := range order {
		atRisk += t.weight(i)
	}
	var times, shares []float64 // share followed beyond each time at which somebody's follow-up ended
	share := 1.0
	for k := 0; k < len(order); {
		time := t.Followed[order[k]]
		var ended [2]float64
		for ; k < len(order) && t.Followed[order[k]] == time; k++ {
			ended[t.Outcome[order[k]]] += t.weight(order[k])
		}
		if ended[0] > 0 {
			share *= max(0, 1-ended[0]/(atRisk-ended[1]))
			times, shares = append(times, time), append(shares, share)
		}
		atRisk -= ended[0] + ended[1]
	}
	return func(time float64) float64 {
		// Ending at the time itself counts as followed to it.
		k, _ := slices.BinarySearch(times, time)
		if k == 0 {
			return 1
		}
		return shares[k-1]
	}
}
