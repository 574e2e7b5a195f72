package scoring

import (
	"context"
	"slices"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/fairness"
)

// JudgedReview is the decision that ended the review of an assessment, with what is known for its audit.
type JudgedReview struct {
	PersonID    string
	AgencyID    string
	AsOf        tarozi.Date
	ModelSHA256 string
	Score       ScoreSummary // the first: what was decided about
	Review      tarozi.Review
	Outcomes    []tarozi.Outcome  // of the person, of every kind
	Attributes  map[string]string // for audit alone; nil where none is stated
}

// ScoreSummary is what lists show of a score.
type ScoreSummary struct {
	Outcome       tarozi.OutcomeKind `json:"outcome"`
	HorizonMonths *int               `json:"horizon_months"` // null: while supervised
	Probability   float64            `json:"probability"`
	Band          tarozi.Band        `json:"band"`
}

// Reviews is what is asked of a store about what people decided.
type Reviews interface {
	JudgedReviews(ctx context.Context, scope tarozi.Scope) ([]JudgedReview, error)
}

// Judgements are the figures of what review does that the actor may see. An oversight committee sees the agencies of its reach and
// groups of people and of cases, a supervisor the agency and groups of cases, both no cell too small to be shown; an officer their
// own reviews. Nobody sees another officer's.
func Judgements(ctx context.Context, reviews Reviews, who tarozi.Actor) ([]fairness.JudgementRow, error) {
	options, permission := fairness.DefaultOptions(), tarozi.ReadReports
	mine := func(*JudgedReview) bool { return true }
	switch {
	case who.May(tarozi.ReadReports):
	case who.May(tarozi.CountersignOther):
		permission = tarozi.CountersignOther
	case who.May(tarozi.Decide):
		options.MinCell, permission = 1, tarozi.Decide
		mine = func(j *JudgedReview) bool { return j.Review.Reviewer == who.AccountID }
	default:
		return nil, who.Allow(tarozi.ReadReports)
	}
	stored, err := reviews.JudgedReviews(ctx, who.Scope(permission))
	if err != nil {
		return nil, err
	}
	stored = slices.DeleteFunc(stored, func(j JudgedReview) bool { return !mine(&j) })
	rows, err := fairness.Judge(ctx, Reviewed(stored, who.May(tarozi.ReadReports)), tarozi.High, options)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(rows, func(r fairness.JudgementRow) bool { return r.Attribute == "officer" }), nil
}

// CaseGroup is the attribute by which reviews are grouped beside officer and agency: the band that the score gave.
const CaseGroup = "band"

// Reviewed are finished reviews as package fairness reads them. An own view whose author could see a score of the person before it is
// left out: it is no view of one's own. Attributes for audit go along only where audit says so.
func Reviewed(stored []JudgedReview, audit bool) []fairness.Reviewed {
	list := make([]fairness.Reviewed, len(stored))
	for i := range stored {
		j := &stored[i]
		list[i] = fairness.Reviewed{
			Officer: j.Review.Reviewer, Agency: j.AgencyID, Own: j.Review.PriorBand, Score: j.Review.ScoreBand, Final: j.Review.Band,
			Decision: j.Review.Decision, Outcome: fairness.OutcomeWithin(j.Score.Outcome, j.AsOf, j.Score.HorizonMonths, j.Outcomes),
			Groups: map[string]string{CaseGroup: string(j.Review.ScoreBand)},
		}
		if view := j.Review.PriorView; view != nil && view.Informed {
			list[i].Own = ""
		}
		if audit {
			for name, value := range j.Attributes {
				list[i].Groups[name] = value
			}
		}
	}
	return list
}

// Judged are the finished reviews of one bundle's scores, as of the days from and to or between them, in the scope's agencies as package
// fairness reads them, for the committee's reports alone.
func Judged(ctx context.Context, reviews Reviews, scope tarozi.Scope, modelSHA256 string, from, to tarozi.Date) ([]fairness.Reviewed, error) {
	stored, err := reviews.JudgedReviews(ctx, scope)
	stored = slices.DeleteFunc(stored, func(j JudgedReview) bool {
		return j.ModelSHA256 != modelSHA256 || j.AsOf.Before(from) || j.AsOf.After(to)
	})
	return Reviewed(stored, true), err
}
