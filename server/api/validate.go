package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
)

// BatchPath is the route whose body is a stream without a bound of its own.
const BatchPath = prefix + "/assessments/batch"

// MaxBody is the largest body, and the longest line of a batch, in bytes.
const MaxBody = 10_000_000

// validate is the middleware that holds a request against the document before the generated code reads it: parameters and a
// JSON body. An NDJSON body is left to its handler, which checks it line by line.
func (a *API) validate(c *gin.Context) {
	operation, path := a.operation(c)
	_, who := caller(c)
	if err := permit(who, operation); err != nil {
		a.refuse(c, err)
		return
	}
	bare := *c.Request
	bare.Body = http.NoBody // a body would be read to its end, for the sake of requirements that hang on one
	input := &openapi3filter.RequestValidationInput{
		Request: &bare, PathParams: params(c),
		Route:   &routers.Route{Spec: a.document, PathItem: path, Operation: operation},
		Options: &openapi3filter.Options{ExcludeRequestBody: true, MultiError: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	if err := openapi3filter.ValidateRequest(c.Request.Context(), input); err != nil {
		a.refuse(c, parameterFaults(err))
		return
	}
	if operation.RequestBody == nil {
		return
	}
	content := operation.RequestBody.Value.Content
	if err := mediaType(c.Request, content); err != nil {
		a.refuse(c, err)
		return
	}
	described := content.Get("application/json")
	if described == nil {
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, c.Request.Body, MaxBody))
	if err != nil {
		a.refuse(c, bodyError(err))
		return
	}
	release, err := a.large.take(c.Request.Context(), len(body))
	if err != nil {
		a.refuse(c, err)
		return
	}
	defer release()
	if err := a.check(body, described.Schema.Value); err != nil {
		a.refuse(c, err)
		return
	}
	c.Request.Body = io.NopCloser(bytes.NewReader(body))
	c.Request = c.Request.WithContext(withDigest(c.Request.Context(), digest(c.Request, body)))
	c.Next() // within the body's place
}

// operation finds the request's route in the document; the routes are registered from it, so that it is there.
func (a *API) operation(c *gin.Context) (*openapi3.Operation, *openapi3.PathItem) {
	template := strings.TrimPrefix(c.FullPath(), prefix)
	for _, p := range c.Params {
		template = strings.Replace(template, ":"+p.Key, "{"+p.Key+"}", 1)
	}
	path := a.document.Paths.Value(template)
	return path.GetOperation(c.Request.Method), path
}

func params(c *gin.Context) map[string]string {
	named := make(map[string]string, len(c.Params))
	for _, p := range c.Params {
		named[p.Key] = p.Value
	}
	return named
}

// parameterFaults names each faulty parameter.
func parameterFaults(err error) error {
	var f faults
	var each func(error)
	each = func(err error) {
		switch e := err.(type) {
		case openapi3.MultiError:
			for _, one := range e {
				each(one)
			}
		case *openapi3filter.RequestError:
			place := ""
			if e.Parameter != nil {
				place = e.Parameter.Name
			}
			if e.Err == nil {
				f.add(place, "unknown_value", e.Reason)
				return
			}
			var schema *openapi3.SchemaError
			var parse *openapi3filter.ParseError
			switch {
			case errors.As(e.Err, &schema):
				_, code, message := explain(schema)
				f.add(place, code, message)
			case errors.As(e.Err, &parse):
				f.add(place, "wrong_type", "it cannot be read: "+parse.Reason)
			default:
				f.add(place, "unknown_value", e.Err.Error())
			}
		default:
			f.add("/", "unknown_value", err.Error())
		}
	}
	each(err)
	return f.err()
}

// mediaType refuses a body that is not said to be of the operation's one type.
func mediaType(r *http.Request, content openapi3.Content) error {
	said, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err == nil && content.Get(said) != nil {
		return nil
	}
	wanted := strings.Join(slices.Collect(maps.Keys(content)), " or ")
	return &tarozi.Error{Code: tarozi.Malformed, Message: "the body's type is not the one that is read here: say it in the header Content-Type",
		Fields: []tarozi.FieldError{{Pointer: "Content-Type", Code: "unknown_value", Message: "give " + wanted}}}
}

// bodyError explains why a body could not be read to its end.
func bodyError(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return TooLarge("the body")
	}
	return tarozi.Wrap(tarozi.Malformed, err, "the body broke off before its end: send the request again")
}

// TooLarge is the error for a body, or a part of one, above MaxBody.
func TooLarge(what string) error {
	return tarozi.Errorf(tarozi.TooLarge, "%s is larger than %d bytes: leave out what is older than the windows need, or send events in parts", what, MaxBody)
}

// check holds a JSON text against a schema: first the text itself (repeated names, invalid UTF-8, numbers without bound and
// anything after the value are refused), then everything that the schema says.
func (a *API) check(text []byte, schema *openapi3.Schema) error {
	if len(bytes.TrimSpace(text)) == 0 {
		return tarozi.Errorf(tarozi.Malformed, "there is nothing here: send one JSON object")
	}
	var value any
	if err := tarozi.Decode(text, &value); err != nil {
		return err
	}
	// A schema visits every entry, also of a list that is longer than it allows.
	if err := longest("", value); err != nil {
		return err
	}
	err := schema.VisitJSON(value, a.visit...)
	if err != nil && len(text) <= listAllBytes && entries(value) <= listAllEntries {
		err = schema.VisitJSON(value, append(slices.Clone(a.visit), openapi3.MultiErrors())...)
	}
	if err == nil {
		return nil
	}
	var f faults
	f.collect("", err)
	return f.err()
}

// Up to this size all faults of a text are looked for; of a larger one the first is named. The faults are all held, some 100 kB for
// an entry that fits none of many alternatives, before any is shown.
const (
	listAllBytes   = 64 << 10
	listAllEntries = 400 // of all lists together
)

// entries counts those of all lists in a value.
func entries(value any) int {
	n := 0
	switch v := value.(type) {
	case map[string]any:
		for _, member := range v {
			n += entries(member)
		}
	case []any:
		n = len(v)
		for _, entry := range v {
			n += entries(entry)
		}
	}
	return n
}

// longest refuses lists that are longer than any in the document.
func longest(place string, value any) error {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			if err := longest(pointer(place, []string{name}), member); err != nil {
				return err
			}
		}
	case []any:
		if len(v) > tarozi.MaxEvents {
			return &tarozi.Error{Code: tarozi.Malformed, Message: "the request has a fault: mend the field named and send it again",
				Fields: []tarozi.FieldError{{Pointer: place, Code: "too_many", Message: fmt.Sprintf(
					"%d entries: a history holds at most %d; leave out what is older than the windows need", len(v), tarozi.MaxEvents)}}}
		}
	}
	return nil
}

// visitOptions are how bodies are held against schemas.
func visitOptions() []openapi3.SchemaValidationOption {
	return []openapi3.SchemaValidationOption{
		openapi3.DisableSchemaErrorDetails(),
		openapi3.WithStringFormatValidators(map[string]openapi3.StringFormatValidator{
			"date": openapi3.NewCallbackValidator(func(text string) error {
				_, err := tarozi.ParseDate(text)
				return err
			}),
			"date-time": openapi3.NewCallbackValidator(func(text string) error {
				if _, err := time.Parse(time.RFC3339, text); err != nil {
					return fmt.Errorf("%q is not a time: write it with its zone, such as 2026-11-23T09:30:00+05:00", text)
				}
				return nil
			}),
		}),
	}
}

// digest is what a repeated request is known by: its method, path and body.
func digest(r *http.Request, body []byte) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s %s\n", r.Method, r.URL.Path)
	sum.Write(body)
	return hex.EncodeToString(sum.Sum(nil))
}

type digestKey struct{}

func withDigest(ctx context.Context, digest string) context.Context {
	return context.WithValue(ctx, digestKey{}, digest)
}

func digestFrom(ctx context.Context) string {
	text, _ := ctx.Value(digestKey{}).(string)
	return text
}
