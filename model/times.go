package model

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tarozi/tarozi"
)

// checkTimes holds the intervals of the heads against each other and against the scores that they are to give. A gap between
// two intervals would count as months without risk, an overlap would count a risk twice, and an outcome without a score from
// landmark 0 would leave people without bands.
func (c *Card) checkTimes() error {
	heads := map[tarozi.OutcomeKind][]*HeadCard{}
	for i := range c.Heads {
		h := &c.Heads[i]
		heads[h.Outcome] = append(heads[h.Outcome], h)
	}
	for outcome, list := range heads {
		if err := checkIntervals(list); err != nil {
			return fmt.Errorf("heads of %s: %w", outcome, err)
		}
		if err := c.checkHorizons(outcome, list[0].ToMonths == nil); err != nil {
			return fmt.Errorf("scores of %s: %w", outcome, err)
		}
	}
	for _, s := range c.Scores {
		if heads[s.Outcome] == nil {
			return fmt.Errorf("there are scores of %s and no head for it", s.Outcome)
		}
	}
	return nil
}

// checkIntervals wants one head without an end, or heads that follow each other from month 0 on.
func checkIntervals(list []*HeadCard) error {
	if slices.ContainsFunc(list, func(h *HeadCard) bool { return h.ToMonths == nil }) {
		if len(list) > 1 {
			return fmt.Errorf("a head without an end (%s) stands alone for its outcome", list[0].ID)
		}
		return nil
	}
	list = slices.SortedFunc(slices.Values(list), func(a, b *HeadCard) int { return cmp.Compare(a.FromMonths, b.FromMonths) })
	end := 0
	for _, h := range list {
		if h.Since != list[0].Since {
			return fmt.Errorf("the intervals of %s and %s do not count from the same day", list[0].ID, h.ID)
		}
		if h.FromMonths != end {
			return fmt.Errorf("%s begins at month %d, the months before it end at %d: intervals must follow each other from 0", h.ID, h.FromMonths, end)
		}
		end = *h.ToMonths
	}
	return nil
}

// checkHorizons wants, for each horizon of an outcome, a score from landmark 0; open says that its head has no end.
func (c *Card) checkHorizons(outcome tarozi.OutcomeKind, open bool) error {
	first := map[int]bool{} // horizon (0: while supervised) -> served from landmark 0
	for _, s := range c.Scores {
		if s.Outcome != outcome {
			continue
		}
		horizon := 0
		if s.HorizonMonths != nil {
			if horizon = *s.HorizonMonths; horizon <= 0 {
				return fmt.Errorf("a horizon of %d months", horizon)
			}
		}
		if (horizon == 0) != open {
			return fmt.Errorf("a horizon is given if and only if the heads have an end")
		}
		first[horizon] = first[horizon] || s.LandmarkMonths == 0
	}
	if len(first) == 0 {
		return fmt.Errorf("there are none")
	}
	for horizon, served := range first {
		if !served {
			return fmt.Errorf("none from landmark 0 over the horizon of %d months", horizon)
		}
	}
	return nil
}
