// Package judgement tells people what review does: how their own views, the scores and the decisions compare. Who asks decides
// whose reviews are looked at and how small a group may be.
package judgement

import (
	"context"
	"slices"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/fairness"
	"github.com/tarozi/tarozi/store"
)

// Reviews is what is asked of the store.
type Reviews interface {
	JudgedReviews(ctx context.Context, scope tarozi.Scope) ([]store.JudgedReview, error)
}

// Rows are the figures that the actor may see, all of the actor's own agency and those below. An oversight committee sees
// groups, no cell too small to be shown; a supervisor none but the sum; an officer their own reviews. Nobody sees another officer's.
func Rows(ctx context.Context, reviews Reviews, who tarozi.Actor) ([]fairness.JudgementRow, error) {
	options, permission := fairness.DefaultOptions(), tarozi.ReadReports
	mine := func(*store.JudgedReview) bool { return true }
	switch {
	case who.May(tarozi.ReadReports):
	case who.May(tarozi.CountersignOther):
		options.MinCell, permission = 1, tarozi.CountersignOther
	case who.May(tarozi.Decide):
		options.MinCell, permission = 1, tarozi.Decide
		mine = func(j *store.JudgedReview) bool { return j.Review.Reviewer == who.AccountID }
	default:
		return nil, tarozi.Errorf(tarozi.Forbidden, "your account may not do this (%s): ask your administrator", tarozi.ReadReports)
	}
	stored, err := reviews.JudgedReviews(ctx, who.Scope(permission))
	if err != nil {
		return nil, err
	}
	var judged []fairness.Reviewed
	for i := range stored {
		if j := &stored[i]; mine(j) {
			judged = append(judged, reviewed(j, who.May(tarozi.ReadReports)))
		}
	}
	rows, err := fairness.Judge(ctx, judged, tarozi.High, options)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(rows, func(r fairness.JudgementRow) bool { return r.Attribute == "officer" }), nil
}

// reviewed is a stored review as package fairness reads it; attributes for audit go with it only for those who audit.
func reviewed(j *store.JudgedReview, audit bool) fairness.Reviewed {
	r := fairness.Reviewed{
		Officer: j.Review.Reviewer, Agency: j.AgencyID, Own: j.Review.PriorBand, Score: j.Review.ScoreBand, Final: j.Review.Band,
		Decision: j.Review.Decision, Outcome: fairness.OutcomeWithin(j.Score.Outcome, j.AsOf, j.Score.HorizonMonths, j.Outcomes),
	}
	if audit {
		r.Groups = j.Attributes
	}
	return r
}

// Judged are the finished reviews of the scope's agencies as package fairness reads them, for the committee's reports alone.
func Judged(ctx context.Context, reviews Reviews, scope tarozi.Scope) ([]fairness.Reviewed, error) {
	stored, err := reviews.JudgedReviews(ctx, scope)
	if err != nil {
		return nil, err
	}
	list := make([]fairness.Reviewed, len(stored))
	for i := range stored {
		list[i] = reviewed(&stored[i], true)
	}
	return list, nil
}
