package fairness

import "github.com/tarozi/tarozi"

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
