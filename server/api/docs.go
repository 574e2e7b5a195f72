package api

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi/fairness"
	"github.com/tarozi/tarozi/server/problem"
)

//go:embed docs.html
var docsTemplate string

//go:embed docs.css
var docsStyle []byte

// docs is the document in the forms that people and programs read it in, made once.
type docs struct {
	page   []byte // HTML without scripts, from the document alone
	schema []byte // JSON Schema of the request
}

// describe makes the forms.
func describe(document *openapi3.T) (*docs, error) {
	page, err := docsPage(document)
	if err != nil {
		return nil, fmt.Errorf("making the page of the document: %w", err)
	}
	schema, err := requestSchema(document)
	if err != nil {
		return nil, fmt.Errorf("making the JSON Schema of the request: %w", err)
	}
	return &docs{page, schema}, nil
}

func (a *API) registerDocs(r gin.IRouter) {
	give := func(path, media string, text []byte) {
		r.GET(path, func(c *gin.Context) { c.Data(http.StatusOK, media, text) })
	}
	give("/docs", "text/html; charset=utf-8", a.docs.page)
	give("/docs.css", "text/css; charset=utf-8", docsStyle)
	give("/openapi.yaml", "application/yaml", a.Document)
	give("/schema/assessment-request.json", "application/schema+json", a.docs.schema)
	give("/reports/schema.json", "application/schema+json", fairness.Schema())
}

// The view of the document that docs.html shows.
type (
	docsView struct {
		Title, Version string
		Description    template.HTML
		Tags           []tagView
		Schemas        []schemaView
		Problems       []problem.Kind
	}
	tagView struct {
		Name, Description string
		Calls             []callView
	}
	callView struct {
		ID, Method, Path, Summary string
		Description               template.HTML
		Parameters                []fieldView
		Body                      template.HTML
		Curl                      string
		Answers                   []answerView
	}
	answerView struct {
		Status      string
		Description template.HTML
		Type        template.HTML
	}
	fieldView struct {
		Name, In    string
		Required    bool
		Type        template.HTML
		Description template.HTML
	}
	schemaView struct {
		Name        string
		Description template.HTML
		Type        template.HTML
		Fields      []fieldView
	}
)

func docsPage(document *openapi3.T) ([]byte, error) {
	t, err := template.New("docs").Parse(docsTemplate)
	if err != nil {
		return nil, err
	}
	v := docsView{
		Title: document.Info.Title, Version: document.Info.Version, Description: prose(document.Info.Description), Problems: problem.Kinds(),
	}
	for _, tag := range document.Tags {
		calls, err := callsOf(document, tag.Name)
		if err != nil {
			return nil, err
		}
		v.Tags = append(v.Tags, tagView{Name: tag.Name, Description: tag.Description, Calls: calls})
	}
	for _, name := range sortedKeys(document.Components.Schemas) {
		s := document.Components.Schemas[name].Value
		v.Schemas = append(v.Schemas, schemaView{Name: name, Description: prose(s.Description), Type: typeOf(&openapi3.SchemaRef{Value: s}), Fields: fields(s)})
	}
	var page bytes.Buffer
	err = t.Execute(&page, v)
	return page.Bytes(), err
}

func callsOf(document *openapi3.T, tag string) ([]callView, error) {
	var calls []callView
	for _, path := range document.Paths.InMatchingOrder() {
		item := document.Paths.Value(path)
		for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodPut} {
			o := item.GetOperation(method)
			if o == nil || !slices.Contains(o.Tags, tag) {
				continue
			}
			curl, err := curl(method, path, o)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", o.OperationID, err)
			}
			call := callView{
				ID: o.OperationID, Method: method, Path: prefix + path, Summary: o.Summary, Description: prose(o.Description), Curl: curl,
			}
			for _, p := range o.Parameters {
				call.Parameters = append(call.Parameters, fieldView{
					Name: p.Value.Name, In: p.Value.In, Required: p.Value.Required, Type: typeOf(p.Value.Schema), Description: prose(p.Value.Description)})
			}
			if o.RequestBody != nil {
				for media, content := range o.RequestBody.Value.Content {
					call.Body = template.HTML(template.HTMLEscapeString(media)+": ") + typeOf(content.Schema)
				}
			}
			for _, status := range sortedKeys(o.Responses.Map()) {
				response := o.Responses.Value(status).Value
				answer := answerView{Status: status, Description: prose(*response.Description)}
				for _, content := range response.Content {
					answer.Type = typeOf(content.Schema)
				}
				call.Answers = append(call.Answers, answer)
			}
			calls = append(calls, call)
		}
	}
	slices.SortStableFunc(calls, func(a, b callView) int { return strings.Compare(a.Path, b.Path) })
	return calls, nil
}

// curl is a command that makes the call, for a server at $TAROZI_URL with a key in $TAROZI_KEY.
func curl(method, path string, o *openapi3.Operation) (string, error) {
	parts := []string{`curl --fail-with-body -H "Authorization: Bearer $TAROZI_KEY"`}
	if method == http.MethodPut || method == http.MethodPost && o.RequestBody == nil {
		parts = append(parts, "-X "+method)
	}
	if o.RequestBody != nil {
		for media, content := range o.RequestBody.Value.Content {
			parts = append(parts, fmt.Sprintf("-H 'Content-Type: %s'", media))
			switch {
			case content.Examples["one"] != nil:
				text, err := json.MarshalIndent(content.Examples["one"].Value.Value, "", "  ")
				if err != nil {
					return "", err
				}
				parts = append(parts, "--data '"+strings.ReplaceAll(string(text), "'", `'\''`)+"'")
			default:
				parts = append(parts, "--no-buffer --data-binary @requests.ndjson")
			}
		}
	}
	address := strings.NewReplacer("{person_id}", "person-1001", "{assessment_id}", "$ASSESSMENT", "{model_id}", "georgia-parole",
		"{challenge_id}", "$CHALLENGE", "{dispute_id}", "$DISPUTE", "{lever_id}", "$DECISION").Replace(path)
	separator := "?"
	for _, p := range o.Parameters {
		if p.Value.In == "query" && p.Value.Example != nil {
			address += fmt.Sprintf("%s%s=%v", separator, p.Value.Name, p.Value.Example)
			separator = "&"
		}
	}
	return strings.Join(append(parts, `"$TAROZI_URL`+prefix+address+`"`), " \\\n  "), nil
}

func fields(s *openapi3.Schema) []fieldView {
	var list []fieldView
	// Required ones first, in the document's order of them; the others by name.
	for _, name := range s.Required {
		if s.Properties[name] != nil {
			list = append(list, field(name, true, s.Properties[name]))
		}
	}
	for _, name := range sortedKeys(s.Properties) {
		if !slices.Contains(s.Required, name) {
			list = append(list, field(name, false, s.Properties[name]))
		}
	}
	return list
}

func field(name string, required bool, s *openapi3.SchemaRef) fieldView {
	return fieldView{Name: name, Required: required, Type: typeOf(s), Description: prose(s.Value.Description)}
}

// typeOf says what kind of value a schema takes, with links to the named ones.
func typeOf(ref *openapi3.SchemaRef) template.HTML {
	if name, ok := strings.CutPrefix(ref.Ref, "#/components/schemas/"); ok {
		name = template.HTMLEscapeString(name)
		return template.HTML(`<a href="#schema-` + name + `">` + name + `</a>`)
	}
	s := ref.Value
	var text template.HTML
	switch {
	case len(s.OneOf) > 0 && s.Type.Is("object"):
		text = "object"
	case len(s.OneOf)+len(s.AnyOf)+len(s.AllOf) > 0:
		var parts []string
		for _, part := range slices.Concat(s.OneOf, s.AnyOf, s.AllOf) {
			parts = append(parts, string(typeOf(part)))
		}
		text = template.HTML(strings.Join(parts, " or "))
	case s.Type.Is("array"):
		text = "list of " + typeOf(s.Items)
	case len(s.Enum) > 0:
		text = template.HTML(template.HTMLEscapeString(strings.Trim(strings.ReplaceAll(fmt.Sprint(s.Enum), " ", ", "), "[]")))
	default:
		text = template.HTML(template.HTMLEscapeString(strings.Join(s.Type.Slice(), " or ") + formatOf(s)))
	}
	if s.Nullable {
		text += " or null"
	}
	return text
}

func formatOf(s *openapi3.Schema) string {
	var notes []string
	if s.Format != "" {
		notes = append(notes, s.Format)
	}
	if s.Min != nil && s.Max != nil {
		notes = append(notes, fmt.Sprintf("%v to %v", *s.Min, *s.Max))
	}
	if s.MaxLength != nil {
		notes = append(notes, fmt.Sprintf("at most %d characters", *s.MaxLength))
	}
	if notes == nil {
		return ""
	}
	return " (" + strings.Join(notes, ", ") + ")"
}

var code = regexp.MustCompile("`([^`]+)`")

// prose is a description as HTML: paragraphs, and code between backquotes.
func prose(text string) template.HTML {
	var html strings.Builder
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if paragraph != "" {
			html.WriteString("<p>" + code.ReplaceAllString(template.HTMLEscapeString(paragraph), "<code>$1</code>") + "</p>")
		}
	}
	return template.HTML(html.String())
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
