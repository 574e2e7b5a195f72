package api

import "context"

// GetCheckpoint answers GET /audit/checkpoint.
func (a *API) GetCheckpoint(ctx context.Context, _ GetCheckpointRequestObject) (GetCheckpointResponseObject, error) {
	ctx, who := caller(ctx)
	c, err := a.Audit.Checkpoint(ctx, who)
	if err != nil {
		return nil, err
	}
	return GetCheckpoint200JSONResponse{Body: Checkpoint{*c}}, nil
}

// GetProof answers GET /audit/proof.
func (a *API) GetProof(ctx context.Context, r GetProofRequestObject) (GetProofResponseObject, error) {
	ctx, who := caller(ctx)
	p, err := a.Audit.Proof(ctx, who, r.Params.Place, r.Params.Since)
	if err != nil {
		return nil, err
	}
	return GetProof200JSONResponse{Body: Proof{*p}}, nil
}
