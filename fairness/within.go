package fairness

import (
	"math"
	"time"

	"github.com/tarozi/tarozi"
)

// OutcomeWithin says whether what a score speaks of happened within its horizon of months from the as-of date: 1 where an
// occurrence lies after that date and not after the horizon, 0 where the person was followed over the whole of it without one,
// and [Unknown] otherwise. Without a horizon ("while supervised") it is Unknown: nothing says when the time is over.
func OutcomeWithin(kind tarozi.OutcomeKind, asOf tarozi.Date, horizonMonths *int, outcomes []tarozi.Outcome) uint8 {
	if horizonMonths == nil {
		return Unknown
	}
	end, known := asOf.AddMonths(*horizonMonths), Unknown
	for _, o := range outcomes {
		if o.Kind != kind {
			continue
		}
		if o.Observed && o.ObservedOn.After(asOf) && !o.ObservedOn.After(end) {
			return 1
		}
		// An occurrence before the as-of date ends what the statement knows about first occurrences.
		first := o.Observed && !o.ObservedOn.After(asOf)
		if !first && !o.FollowedFrom.After(asOf.AddDays(1)) && !o.FollowedUntil.Before(end) {
			known = 0
		}
	}
	return known
}

// FollowedWithin is [OutcomeWithin] with the time of follow-up, in months of the horizon, as [Censor] asks for it: 1 and the time to the
// first occurrence after the as-of date, 0 and the whole horizon where the person was followed over it, 0 and a shorter time where
// follow-up ended before, and [Unknown] with NaN where nobody followed the person from the as-of date on.
func FollowedWithin(kind tarozi.OutcomeKind, asOf tarozi.Date, horizonMonths *int, outcomes []tarozi.Outcome) (observed uint8, months float64) {
	known := OutcomeWithin(kind, asOf, horizonMonths, outcomes)
	if horizonMonths == nil {
		return Unknown, math.NaN()
	}
	whole := daysBetween(asOf, asOf.AddMonths(*horizonMonths))
	days := math.NaN()
	for _, o := range outcomes {
		after := o.Observed && o.ObservedOn.After(asOf)
		first := o.Observed && !after
		switch {
		case o.Kind != kind:
		case known == 1 && after:
			if d := daysBetween(asOf, o.ObservedOn); !(days <= d) { // NaN is no smaller
				days = d
			}
		case known == Unknown && !first && !o.FollowedFrom.After(asOf.AddDays(1)) && o.FollowedUntil.After(asOf):
			if d := daysBetween(asOf, o.FollowedUntil); !(days >= d) {
				days = d
			}
		}
	}
	switch {
	case known == 0:
		return 0, float64(*horizonMonths)
	case known == 1:
		return 1, days / whole * float64(*horizonMonths)
	case !math.IsNaN(days):
		return 0, days / whole * float64(*horizonMonths)
	default:
		return Unknown, math.NaN()
	}
}

func daysBetween(from, to tarozi.Date) float64 {
	at := func(d tarozi.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }
	return at(to).Sub(at(from)).Hours() / 24
}
