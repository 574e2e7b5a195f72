package api

import (
	"context"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// create scores a request of one of the two forms and stores the assessment.
func (a *API) create(ctx context.Context, who tarozi.Actor, r *Request, key *scoring.Idempotency) (*tarozi.Assessment, error) {
	if r.History == nil {
		return a.Service.CreateFromStored(ctx, who, r.PersonID, r.AsOf, r.Purpose, r.Model, key)
	}
	return a.Service.Create(ctx, who, &tarozi.Request{History: *r.History, AsOf: r.AsOf, Purpose: r.Purpose, Model: r.Model}, key)
}

// CreateAssessment answers POST /assessments.
func (a *API) CreateAssessment(ctx context.Context, r CreateAssessmentRequestObject) (CreateAssessmentResponseObject, error) {
	ctx, who := caller(ctx)
	assessment, err := a.create(ctx, who, &r.Body.Value, idempotency(ctx, r.Params.IdempotencyKey))
	if err != nil {
		return nil, err
	}
	lang := a.language(r.Params.Lang, r.Params.AcceptLanguage)
	view, err := a.view(ctx, who, lang, assessment)
	if err != nil {
		return nil, err
	}
	return CreateAssessment201JSONResponse{
		Body:    view,
		Headers: CreateAssessment201ResponseHeaders{Location: prefix + "/assessments/" + assessment.ID, ContentLanguage: lang},
	}, nil
}

// view is what the caller may see of an assessment, with texts.
func (a *API) view(ctx context.Context, who tarozi.Actor, lang string, assessment *tarozi.Assessment) (AssessmentView, error) {
	shown, err := a.Service.MayShow(ctx, who, assessment)
	if err != nil {
		return AssessmentView{}, err
	}
	a.Texts.Annotate(lang, assessment)
	return AssessmentView{viewOf(assessment, shown)}, nil
}

// GetAssessment answers GET /assessments/{assessment_id}.
func (a *API) GetAssessment(ctx context.Context, r GetAssessmentRequestObject) (GetAssessmentResponseObject, error) {
	ctx, who := caller(ctx)
	assessment, err := a.Service.Assessment(ctx, who, r.AssessmentId)
	if err != nil {
		return nil, err
	}
	if err := a.Service.Look(ctx, who, tarozi.ReadAssessments, "score", assessment.PersonID); err != nil {
		return nil, err
	}
	lang := a.language(r.Params.Lang, r.Params.AcceptLanguage)
	view, err := a.view(ctx, who, lang, assessment)
	if err != nil {
		return nil, err
	}
	return GetAssessment200JSONResponse{Body: view, Headers: GetAssessment200ResponseHeaders{ContentLanguage: lang}}, nil
}

// ReplayAssessment answers GET /assessments/{assessment_id}/replay.
func (a *API) ReplayAssessment(ctx context.Context, r ReplayAssessmentRequestObject) (ReplayAssessmentResponseObject, error) {
	ctx, who := caller(ctx)
	if err := a.Service.LookInto(ctx, who, "replay", r.AssessmentId); err != nil {
		return nil, err
	}
	replay, err := a.Service.Rebuild(ctx, who, r.AssessmentId)
	if err != nil {
		return nil, err
	}
	return ReplayAssessment200JSONResponse{Body: Replay{*replay}}, nil
}

// ListAssessmentsOfPerson answers GET /people/{person_id}/assessments.
func (a *API) ListAssessmentsOfPerson(ctx context.Context, r ListAssessmentsOfPersonRequestObject) (ListAssessmentsOfPersonResponseObject, error) {
	ctx, who := caller(ctx)
	asked := page(r.Params.Limit, r.Params.Cursor)
	if err := a.Service.Look(ctx, who, tarozi.ReadAssessments, "assessments", r.PersonId); err != nil {
		return nil, err
	}
	list, err := a.Service.AssessmentsOf(ctx, who, r.PersonId, asked)
	if err != nil {
		return nil, moved(err, "/cursor", "cursor")
	}
	lang := a.language(r.Params.Lang, r.Params.AcceptLanguage)
	states := make(map[string]tarozi.ReviewState, len(list))
	for i := range list {
		states[list[i].ID] = list[i].ReviewState
	}
	shown, err := a.Service.Shown(ctx, who, states)
	if err != nil {
		return nil, err
	}
	answer := AssessmentPage{Assessments: make([]View, len(list))}
	for i := range list {
		a.Texts.Annotate(lang, &list[i])
		answer.Assessments[i] = viewOf(&list[i], shown[list[i].ID])
	}
	if len(list) == asked.Limit {
		answer.Next = list[len(list)-1].ID
	}
	return ListAssessmentsOfPerson200JSONResponse{
		Body: AssessmentList{answer}, Headers: ListAssessmentsOfPerson200ResponseHeaders{ContentLanguage: lang},
	}, nil
}

// ListChanges answers GET /assessments.
func (a *API) ListChanges(ctx context.Context, r ListChangesRequestObject) (ListChangesResponseObject, error) {
	ctx, who := caller(ctx)
	asked := page(r.Params.Limit, r.Params.ChangedSince)
	if err := a.Service.LookOver(ctx, who, tarozi.ReadAssessments, "changes"); err != nil {
		return nil, err
	}
	changes, next, err := a.Service.ChangedSince(ctx, who, asked.Cursor, asked.Limit)
	if err != nil {
		return nil, moved(err, "/changed_since", "changed_since")
	}
	return ListChanges200JSONResponse{Body: ChangeList{ChangePage{changes, next}}}, nil
}

// PutHistory answers PUT /people/{person_id}/history.
func (a *API) PutHistory(ctx context.Context, r PutHistoryRequestObject) (PutHistoryResponseObject, error) {
	ctx, who := caller(ctx)
	if r.Body.Value.PersonID != r.PersonId {
		return nil, &tarozi.Error{Code: tarozi.Malformed, Message: "the history is another person's than the address says: mend one of the two",
			Fields: []tarozi.FieldError{{Pointer: "/person_id", Code: "contradiction", Message: "give the same id as in the address"}}}
	}
	if err := a.Service.PutHistory(ctx, who, &r.Body.Value, nil); err != nil {
		return nil, err
	}
	return PutHistory204Response{}, nil
}

// AddEvents answers POST /people/{person_id}/events.
func (a *API) AddEvents(ctx context.Context, r AddEventsRequestObject) (AddEventsResponseObject, error) {
	ctx, who := caller(ctx)
	if err := a.Service.AddEvents(ctx, who, r.PersonId, r.Body.Value.Events, idempotency(ctx, r.Params.IdempotencyKey)); err != nil {
		return nil, err
	}
	return AddEvents204Response{}, nil
}

// AddOutcomes answers POST /outcomes.
func (a *API) AddOutcomes(ctx context.Context, r AddOutcomesRequestObject) (AddOutcomesResponseObject, error) {
	ctx, who := caller(ctx)
	tally, err := a.Service.AddOutcomes(ctx, who, r.Body.Value.Outcomes, idempotency(ctx, r.Params.IdempotencyKey), isTrue(r.Params.DryRun))
	if err != nil {
		return nil, moved(err, "/", "/outcomes/")
	}
	return AddOutcomes200JSONResponse{Body: Tally{tally}}, nil
}

// AddProtected answers POST /protected.
func (a *API) AddProtected(ctx context.Context, r AddProtectedRequestObject) (AddProtectedResponseObject, error) {
	ctx, who := caller(ctx)
	tally, err := a.Service.AddProtected(ctx, who, r.Body.Value.People, idempotency(ctx, r.Params.IdempotencyKey), isTrue(r.Params.DryRun))
	if err != nil {
		return nil, moved(err, "/", "/people/")
	}
	return AddProtected200JSONResponse{Body: Tally{tally}}, nil
}

func isTrue(flag *bool) bool { return flag != nil && *flag }

// PutProtected answers PUT /people/{person_id}/protected.
func (a *API) PutProtected(ctx context.Context, r PutProtectedRequestObject) (PutProtectedResponseObject, error) {
	ctx, who := caller(ctx)
	stated := []tarozi.ProtectedAttributes{{PersonID: r.PersonId, Attributes: r.Body.Value.Attributes}}
	if _, err := a.Service.PutProtected(ctx, who, stated, false); err != nil {
		return nil, moved(err, "/0/", "/")
	}
	return PutProtected204Response{}, nil
}

// ListModels answers GET /models.
func (a *API) ListModels(ctx context.Context, _ ListModelsRequestObject) (ListModelsResponseObject, error) {
	ctx, who := caller(ctx)
	if err := who.Allow(tarozi.ReadModels); err != nil {
		return nil, err
	}
	inUse, err := a.Service.InUse(ctx, who)
	if err != nil {
		return nil, err
	}
	list := Models{Models: []ModelInUse{}}
	for i := range inUse {
		d := &inUse[i]
		list.Models = append(list.Models, ModelInUse{ModelRef: d.Ref(), State: d.State, Since: d.Since})
	}
	if len(inUse) > 0 {
		list.Default = inUse[0].ModelID
	}
	return ListModels200JSONResponse{Body: ModelList{list}}, nil
}

// GetModelCard answers GET /models/{model_id}/card.
func (a *API) GetModelCard(ctx context.Context, r GetModelCardRequestObject) (GetModelCardResponseObject, error) {
	ctx, who := caller(ctx)
	d, err := a.Service.KnownByID(ctx, who, r.ModelId)
	if err != nil {
		return nil, err
	}
	return GetModelCard200JSONResponse{Body: ModelCard{*d.Card}}, nil
}
