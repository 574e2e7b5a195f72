// Package problem writes errors as application/problem+json (RFC 9457).
package problem

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/tarozi/tarozi"
)

// ContentType is the media type of a problem.
const ContentType = "application/problem+json"

// Details is one problem. Type is the address of its description in the service's own documentation.
type Details struct {
	Type       string      `json:"type"`
	Title      string      `json:"title"`
	Status     int         `json:"status"`
	Detail     string      `json:"detail"`
	Instance   string      `json:"instance,omitzero"` // urn:uuid: and the id of the request
	Code       tarozi.Code `json:"code"`
	Errors     []Fault     `json:"errors,omitzero"`
	retryAfter string      // of the header; empty: none
}

// Fault is one fault at one place of the request.
type Fault struct {
	Field  string `json:"field"` // JSON pointer into the body, or the name of a parameter
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// Kind is what a code is to a caller.
type Kind struct {
	Code   tarozi.Code
	Status int
	Title  string
}

// Kinds lists every kind of problem, in the order of their statuses.
func Kinds() []Kind {
	return []Kind{
		{tarozi.Malformed, http.StatusBadRequest, "The request is not well formed"},
		{tarozi.Unauthorised, http.StatusUnauthorized, "Nobody is signed in"},
		{tarozi.Forbidden, http.StatusForbidden, "Not allowed"},
		{tarozi.NotFound, http.StatusNotFound, "Not found"},
		{tarozi.Conflict, http.StatusConflict, "Conflict with what is stored"},
		{tarozi.TooLarge, http.StatusRequestEntityTooLarge, "Too large"},
		{tarozi.NotScorable, http.StatusUnprocessableEntity, "No score can be given"},
		{tarozi.TooMany, http.StatusTooManyRequests, "Too many requests"},
		{tarozi.Internal, http.StatusInternalServerError, "A fault of the service"},
		{tarozi.Unavailable, http.StatusServiceUnavailable, "The service cannot do this just now"},
	}
}

// KindOf is what a code is to a caller; a code that has no kind is a fault of ours.
func KindOf(code tarozi.Code) Kind {
	kinds := Kinds()
	at := slices.IndexFunc(kinds, func(k Kind) bool { return k.Code == code })
	if at < 0 {
		return KindOf(tarozi.Internal)
	}
	return kinds[at]
}

// internalDetail is all that a caller learns of a fault of ours; the log has the rest.
const internalDetail = "something went wrong in the service and nothing was stored: tell the operator the id of this request"

// Of describes err. What is no *tarozi.Error, and every Internal one, keeps its words to itself.
func Of(err error, requestID string) Details {
	kind, detail := KindOf(tarozi.CodeOf(err)), internalDetail
	var known *tarozi.Error
	if errors.As(err, &known) && kind.Code != tarozi.Internal {
		detail = known.Message
	}
	d := Details{Type: "/docs#problem-" + string(kind.Code), Detail: detail, Code: kind.Code, Title: kind.Title, Status: kind.Status, retryAfter: RetryAfter(err)}
	if requestID != "" {
		d.Instance = "urn:uuid:" + requestID
	}
	if known != nil {
		for _, f := range known.Fields {
			d.Errors = append(d.Errors, Fault{Field: f.Pointer, Code: f.Code, Reason: f.Message})
		}
	}
	return d
}

// Write answers with the problem. It returns an error where the answer could not be written.
func Write(w http.ResponseWriter, d Details) error {
	text, err := json.Marshal(d)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", ContentType)
	h.Set("Cache-Control", "no-store")
	switch d.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", "Bearer")
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", "5")
	}
	if d.retryAfter != "" {
		h.Set("Retry-After", d.retryAfter)
	}
	w.WriteHeader(d.Status)
	_, err = w.Write(text)
	return err
}

// RetryAfter is how long an error asks to wait, as the header has it: in whole seconds, rounded up; empty where it does not.
func RetryAfter(err error) string {
	var known *tarozi.Error
	if !errors.As(err, &known) || known.RetryAfter <= 0 {
		return ""
	}
	return strconv.FormatInt(int64((known.RetryAfter+time.Second-1)/time.Second), 10)
}

type requestKey struct{}

// WithRequestID returns a context that carries the request's id.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// RequestID is the id of the request that the context belongs to; empty where it belongs to none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}
