package fairness

// Sentences that every report carries. Pages in other languages translate by these and by the reasons' codes.
const (
	limitDetection = "Groups that are watched more closely are found out more often. The outcome counts what was found, not what " +
		"happened; the sensitivity table shows how the figures would move if fewer events were found in a group."
	limitArrest    = "An arrest or a recorded violation is not proof of guilt."
	limitCensoring = "People not followed to the horizon are weighted for as if follow-up ended for reasons unrelated to the risk; " +
		"the figures without them stand beside."
)

// Text explains a reason in a sentence of plain English; "" for a defined value and for an unknown code.
func (r Reason) Text() string { return reasonTexts[r] }

var reasonTexts = map[Reason]string{
	EmptyGroup:          "nobody in this group has a known outcome",
	NoPositives:         "nobody in this group had the event",
	NoNegatives:         "everybody in this group had the event",
	NoneSelected:        "nobody in this group is at or above the threshold",
	AllSelected:         "everybody in this group is at or above the threshold",
	OneClass:            "everybody in this group has the same outcome",
	ZeroDenominator:     "the figure would divide by zero",
	ScoreNotProbability: "the score is no probability",
	ScoreAtBound:        "a score of exactly 0 or 1 has no finite logarithm here",
	ConstantScore:       "everybody in this group has the same score",
	NotConverged:        "no finite value fits, because the score separates the outcomes",
	FewerThanTwoGroups:  "fewer than two groups have this figure",
	GroupUndefined:      "the figure of a group is undefined",
	SmallCell:           "too few people to be shown",
	ComplementaryCell:   "hidden so that a neighbouring small number cannot be worked out",
	TooFewReplicates:    "the figure is undefined in too many bootstrap replicates for an interval",
	NotOrdered:          "categories have no order",
	NoSpread:            "a figure is the same in all bootstrap replicates: how sure it is cannot be told from them",
	Impossible:          "so many do not fit into this group",
}
