package api

import (
	"context"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// taken is the answer to every step of a review: the review as it stands now.
func taken(c *tarozi.ReviewCase, err error) (ReviewCase, error) {
	if err != nil {
		return ReviewCase{}, err
	}
	return ReviewCase{*c}, nil
}

// LockView answers POST /assessments/{assessment_id}/own-views.
func (a *API) LockView(ctx context.Context, r LockViewRequestObject) (LockViewResponseObject, error) {
	ctx, who := caller(ctx)
	c, err := taken(a.Service.LockView(ctx, who, r.AssessmentId, &r.Body.Value, idempotency(ctx, r.Params.IdempotencyKey)))
	return LockView201JSONResponse{Body: c}, err
}

// SkipView answers POST /assessments/{assessment_id}/bypasses.
func (a *API) SkipView(ctx context.Context, r SkipViewRequestObject) (SkipViewResponseObject, error) {
	ctx, who := caller(ctx)
	c, err := taken(a.Service.Skip(ctx, who, r.AssessmentId, &r.Body.Value, idempotency(ctx, r.Params.IdempotencyKey)))
	return SkipView201JSONResponse{Body: c}, err
}

// AddReview answers POST /assessments/{assessment_id}/reviews.
func (a *API) AddReview(ctx context.Context, r AddReviewRequestObject) (AddReviewResponseObject, error) {
	ctx, who := caller(ctx)
	c, err := taken(a.Service.Decide(ctx, who, r.AssessmentId, &r.Body.Value, idempotency(ctx, r.Params.IdempotencyKey)))
	return AddReview201JSONResponse{Body: c}, err
}

// GetReview answers GET /assessments/{assessment_id}/reviews.
func (a *API) GetReview(ctx context.Context, r GetReviewRequestObject) (GetReviewResponseObject, error) {
	ctx, who := caller(ctx)
	if err := a.Service.LookInto(ctx, who, "review", r.AssessmentId); err != nil {
		return nil, err
	}
	c, err := taken(a.Service.Case(ctx, who, r.AssessmentId))
	return GetReview200JSONResponse{Body: c}, err
}

// Countersign answers POST /assessments/{assessment_id}/countersignatures.
func (a *API) Countersign(ctx context.Context, r CountersignRequestObject) (CountersignResponseObject, error) {
	ctx, who := caller(ctx)
	c, err := taken(a.Service.Countersign(ctx, who, r.AssessmentId, &r.Body.Value, idempotency(ctx, r.Params.IdempotencyKey)))
	return Countersign201JSONResponse{Body: c}, err
}

// AddChallenge answers POST /assessments/{assessment_id}/challenges.
func (a *API) AddChallenge(ctx context.Context, r AddChallengeRequestObject) (AddChallengeResponseObject, error) {
	ctx, who := caller(ctx)
	c, err := taken(a.Service.Challenge(ctx, who, r.AssessmentId, &r.Body.Value, idempotency(ctx, r.Params.IdempotencyKey)))
	return AddChallenge201JSONResponse{Body: c}, err
}

// AnswerChallenge answers POST /assessments/{assessment_id}/challenges/{challenge_id}/answers.
func (a *API) AnswerChallenge(ctx context.Context, r AnswerChallengeRequestObject) (AnswerChallengeResponseObject, error) {
	ctx, who := caller(ctx)
	c, err := taken(a.Service.AnswerChallenge(ctx, who, r.AssessmentId, r.ChallengeId, &r.Body.Value, idempotency(ctx, r.Params.IdempotencyKey)))
	return AnswerChallenge201JSONResponse{Body: c}, err
}

// ListDue answers GET /reassessments.
func (a *API) ListDue(ctx context.Context, _ ListDueRequestObject) (ListDueResponseObject, error) {
	ctx, who := caller(ctx)
	if err := a.Service.LookOver(ctx, who, tarozi.ReadAssessments, "due"); err != nil {
		return nil, err
	}
	due, err := a.Service.Due(ctx, who)
	if err != nil {
		return nil, err
	}
	return ListDue200JSONResponse{Body: DueList{DuePeople{due}}}, nil
}

// GetReviewReport answers GET /reports/reviews.
func (a *API) GetReviewReport(ctx context.Context, _ GetReviewReportRequestObject) (GetReviewReportResponseObject, error) {
	ctx, who := caller(ctx)
	rows, err := scoring.Judgements(ctx, a.Reviews, who)
	if err != nil {
		return nil, err
	}
	return GetReviewReport200JSONResponse{Body: ReviewReport{JudgementRows{rows}}}, nil
}
