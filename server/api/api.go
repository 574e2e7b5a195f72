package api

import (
	"context"
	"fmt"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/server/actor"
	"github.com/tarozi/tarozi/server/auditing"
	"github.com/tarozi/tarozi/server/problem"
	"github.com/tarozi/tarozi/server/reporting"
)

const prefix = "/api/v1"

// Texts says things in the languages of the service.
type Texts interface {
	// Match is the served language that fits an Accept-Language header best.
	Match(accept string) string
	// Annotate fills the texts of an assessment.
	Annotate(lang string, a *tarozi.Assessment)
}

// Deps is what the API works with.
type Deps struct {
	Document []byte // openapi.yaml
	Service  *scoring.Service
	Reviews  scoring.Reviews
	Reports  *reporting.Reporter
	Audit    auditing.Reader
	Texts    Texts
	// Report tells the log of a request that was refused.
	Report func(ctx context.Context, err error)
	// Patience is the moment until which a batch may be silent: from then on its connection is closed.
	Patience func() time.Time
	// Probing refuses a caller who was told too often that there is no such person; Missed counts that one was told so. Lines of a batch
	// ask by themselves, everything else is looked at before it comes here.
	Probing func(ctx context.Context) error
	Missed  func(ctx context.Context)
}

// API serves the calls of the document.
type API struct {
	Deps
	document *openapi3.T
	docs     *docs
	line     *openapi3.Schema // of one line of a batch
	visit    []openapi3.SchemaValidationOption
	large    places
}

// New reads the document; one that contradicts itself is an error.
func New(d Deps) (*API, error) {
	document, err := openapi3.NewLoader().LoadFromData(d.Document)
	if err != nil {
		return nil, fmt.Errorf("reading openapi.yaml: %w", err)
	}
	if err := document.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	forms, err := describe(document)
	if err != nil {
		return nil, err
	}
	return &API{
		Deps: d, document: document, docs: forms, line: document.Components.Schemas["AssessmentRequest"].Value, visit: visitOptions(),
		large: newPlaces(maxLarge, largeWait),
	}, nil
}

// Register adds the calls, and the document in its forms, to the router.
func (a *API) Register(r gin.IRouter) {
	a.registerDocs(r)
	refused := func(c *gin.Context, err error) { a.refuse(c, err) }
	strict := NewStrictHandlerWithOptions(a, nil, StrictGinServerOptions{
		RequestErrorHandlerFunc: refused, HandlerErrorFunc: refused, ResponseErrorHandlerFunc: refused,
	})
	calls := r.Group(prefix, a.validate)
	RegisterHandlersWithOptions(calls, strict, GinServerOptions{ErrorHandler: func(c *gin.Context, err error, status int) {
		a.refuse(c, tarozi.Wrap(tarozi.Malformed, err, "a parameter cannot be read: "+err.Error()))
	}})
}

func (a *API) refuse(c *gin.Context, err error) {
	c.Abort()
	ctx := c.Request.Context()
	a.Report(ctx, err)
	if err := problem.Write(c.Writer, problem.Of(err, problem.RequestID(ctx))); err != nil {
		a.Report(ctx, fmt.Errorf("writing a problem: %w", err))
	}
}

// caller is who asks. The strict handlers get a *gin.Context, which must not outlive the request: its plain context goes on.
func caller(ctx context.Context) (context.Context, tarozi.Actor) {
	if c, ok := ctx.(*gin.Context); ok {
		ctx = c.Request.Context()
	}
	who, _ := actor.From(ctx)
	return ctx, who
}

// language is the language to answer in.
func (a *API) language(lang, accept *string) string {
	if lang != nil {
		return *lang
	}
	if accept != nil {
		return a.Texts.Match(*accept)
	}
	return a.Texts.Match("")
}

// idempotency is the caller's key with the digest of the request; nil where no key was given.
func idempotency(ctx context.Context, key *string) *scoring.Idempotency {
	if key == nil {
		return nil
	}
	return &scoring.Idempotency{Key: *key, RequestSHA256: digestFrom(ctx)}
}

func page(limit *int, cursor *string) scoring.Page {
	p := scoring.Page{Limit: 50}
	if limit != nil {
		p.Limit = *limit
	}
	if cursor != nil {
		p.Cursor = *cursor
	}
	return p
}

var _ StrictServerInterface = (*API)(nil)
