package api

import "context"

// ListDecisions answers GET /models/{model_id}/decisions.
func (a *API) ListDecisions(ctx context.Context, r ListDecisionsRequestObject) (ListDecisionsResponseObject, error) {
	ctx, who := caller(ctx)
	d, err := a.Service.Decisions(ctx, who, r.ModelId)
	if err != nil {
		return nil, err
	}
	known, err := a.Service.KnownByID(ctx, who, r.ModelId)
	if err != nil {
		return nil, err
	}
	return ListDecisions200JSONResponse{Body: DecisionList{DecisionsOf{InForce: d.InForce(known.SHA256, a.Service.Now()), Decisions: d.Levers}}}, nil
}

// ProposeDecision answers POST /models/{model_id}/decisions.
func (a *API) ProposeDecision(ctx context.Context, r ProposeDecisionRequestObject) (ProposeDecisionResponseObject, error) {
	ctx, who := caller(ctx)
	proposal := r.Body.Value
	proposal.ModelID = r.ModelId
	l, err := a.Service.ProposeLever(ctx, who, &proposal, idempotency(ctx, r.Params.IdempotencyKey))
	if err != nil {
		return nil, err
	}
	return ProposeDecision201JSONResponse{Body: DecisionAnswer{*l}}, nil
}

// SignDecision answers POST /models/{model_id}/decisions/{lever_id}/signatures.
func (a *API) SignDecision(ctx context.Context, r SignDecisionRequestObject) (SignDecisionResponseObject, error) {
	ctx, who := caller(ctx)
	l, err := a.Service.SignLever(ctx, who, r.ModelId, r.LeverId, idempotency(ctx, r.Params.IdempotencyKey))
	if err != nil {
		return nil, err
	}
	return SignDecision201JSONResponse{Body: DecisionAnswer{*l}}, nil
}
