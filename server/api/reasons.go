package api

import "context"

// GetOutlook answers GET /assessments/{assessment_id}/outlook.
func (a *API) GetOutlook(ctx context.Context, r GetOutlookRequestObject) (GetOutlookResponseObject, error) {
	ctx, who := caller(ctx)
	if err := a.Service.LookInto(ctx, who, "outlook", r.AssessmentId); err != nil {
		return nil, err
	}
	list, err := a.Service.Outlooks(ctx, who, r.AssessmentId)
	if err != nil {
		return nil, err
	}
	return GetOutlook200JSONResponse{Body: OutlookList{Outlooks{list}}}, nil
}

// GetDifferences answers GET /assessments/{assessment_id}/differences.
func (a *API) GetDifferences(ctx context.Context, r GetDifferencesRequestObject) (GetDifferencesResponseObject, error) {
	ctx, who := caller(ctx)
	if err := a.Service.LookInto(ctx, who, "differences", r.AssessmentId); err != nil {
		return nil, err
	}
	c, err := a.Service.SinceLast(ctx, who, r.AssessmentId)
	if err != nil {
		return nil, err
	}
	return GetDifferences200JSONResponse{Body: Comparison{*c}}, nil
}
