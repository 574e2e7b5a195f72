package api

import (
	"context"

	"github.com/tarozi/tarozi"
)

// DisputeRecord answers POST /people/{person_id}/disputes.
func (a *API) DisputeRecord(ctx context.Context, r DisputeRecordRequestObject) (DisputeRecordResponseObject, error) {
	ctx, who := caller(ctx)
	d, err := a.Service.DisputeRecord(ctx, who, r.PersonId, &r.Body.Value, idempotency(ctx, r.Params.IdempotencyKey))
	if err != nil {
		return nil, err
	}
	return DisputeRecord201JSONResponse{Body: DisputeAnswer{*d}}, nil
}

// DecideDispute answers POST /people/{person_id}/disputes/{dispute_id}/decisions.
func (a *API) DecideDispute(ctx context.Context, r DecideDisputeRequestObject) (DecideDisputeResponseObject, error) {
	ctx, who := caller(ctx)
	d, err := a.Service.DecideDispute(ctx, who, r.PersonId, r.DisputeId, &r.Body.Value, idempotency(ctx, r.Params.IdempotencyKey))
	if err != nil {
		return nil, err
	}
	return DecideDispute201JSONResponse{Body: DisputeAnswer{*d}}, nil
}

// ListDisputes answers GET /people/{person_id}/disputes.
func (a *API) ListDisputes(ctx context.Context, r ListDisputesRequestObject) (ListDisputesResponseObject, error) {
	ctx, who := caller(ctx)
	if err := a.Service.Look(ctx, who, tarozi.ReadPeople, "disputes", r.PersonId); err != nil {
		return nil, err
	}
	list, err := a.Service.Disputes(ctx, who, r.PersonId)
	if err != nil {
		return nil, err
	}
	return ListDisputes200JSONResponse{Body: DisputeList{DisputesOf{list}}}, nil
}
