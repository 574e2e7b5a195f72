package server_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/fairness"
	"github.com/tarozi/tarozi/scoring"
)

var document = sync.OnceValues(func() (*openapi3.T, error) { return openapi3.NewLoader().LoadFromFile("openapi.yaml") })

var router = sync.OnceValues(func() (routers.Router, error) {
	d, err := document()
	if err != nil {
		return nil, err
	}
	return legacy.NewRouter(d)
})

// fitsDocument holds an answer of the API against what the document says of it.
func (a answer) fitsDocument(r *http.Request) {
	a.Helper()
	find, err := router()
	must(a, err)
	relative := *r.URL
	relative.Scheme, relative.Host = "", ""
	lookup := &http.Request{Method: r.Method, URL: &relative}
	route, _, err := find.FindRoute(lookup)
	var unknown *routers.RouteError
	if errors.As(err, &unknown) {
		return // no call of the API
	}
	must(a, err)
	response := route.Operation.Responses.Value(fmt.Sprint(a.status))
	if response == nil {
		response = route.Operation.Responses.Default()
	}
	if response == nil {
		a.Errorf("%s %s answers %d, which the document does not say", r.Method, r.URL.Path, a.status)
		return
	}
	media := a.header.Get("Content-Type")
	if len(response.Value.Content) == 0 && len(a.body) == 0 {
		return
	}
	content := response.Value.Content.Get(media)
	if content == nil {
		a.Errorf("%s %s answers %d with %q, which the document does not say", r.Method, r.URL.Path, a.status, media)
		return
	}
	if media != "application/x-ndjson" {
		a.fitsSchema(content.Schema.Value, a.body)
		return
	}
	d, err := document()
	must(a, err)
	for line := range bytes.Lines(a.body) {
		a.fitsSchema(d.Components.Schemas["BatchLine"].Value, line)
	}
}

func (a answer) fitsSchema(schema *openapi3.Schema, text []byte) {
	a.Helper()
	var value any
	must(a, json.Unmarshal(text, &value))
	if err := schema.VisitJSON(value, openapi3.MultiErrors()); err != nil {
		a.Errorf("the document has it otherwise: %v", err)
	}
}

// The document says of events what the root package says.
func TestDocumentHasTheEventsOfTheVocabulary(t *testing.T) {
	d, err := document()
	must(t, err)
	event := d.Components.Schemas["Event"].Value
	common := []string{"id", "type", "at", "received_at", "status"}
	for _, kind := range tarozi.EventTypes {
		name := strings.TrimPrefix(event.Discriminator.Mapping[string(kind)].Ref, "#/components/schemas/")
		schema := d.Components.Schemas[name]
		if schema == nil {
			t.Errorf("%s has no schema", kind)
			continue
		}
		required, all := slices.Clone(common), append(slices.Clone(common), "source", "source_id", "note")
		for field, needed := range tarozi.EventFields[kind] {
			all = append(all, field)
			if needed {
				required = append(required, field)
			}
		}
		got := slices.Sorted(maps.Keys(schema.Value.Properties))
		slices.Sort(all)
		slices.Sort(required)
		if diff := cmp.Diff(all, got); diff != "" {
			t.Errorf("%s: fields (-vocabulary +document):\n%s", kind, diff)
		}
		if diff := cmp.Diff(required, slices.Sorted(slices.Values(schema.Value.Required))); diff != "" {
			t.Errorf("%s: required fields (-vocabulary +document):\n%s", kind, diff)
		}
	}
	if len(event.Discriminator.Mapping) != len(tarozi.EventTypes) || len(event.OneOf) != len(tarozi.EventTypes) {
		t.Errorf("%d types and %d schemas of events instead of %d", len(event.Discriminator.Mapping), len(event.OneOf), len(tarozi.EventTypes))
	}
}

func names[T ~string](list []T) []string {
	var texts []string
	for _, one := range list {
		texts = append(texts, string(one))
	}
	return texts
}

func TestDocumentHasTheListsOfTheVocabulary(t *testing.T) {
	d, err := document()
	must(t, err)
	for _, c := range []struct {
		place string // schema, or schema and property
		want  []string
	}{
		{"Status", names(tarozi.Statuses)}, {"Offence", names(tarozi.Offences)}, {"Severity", names(tarozi.Severities)},
		{"Attendance", names(tarozi.Attendances)}, {"Purpose", names(tarozi.Purposes)}, {"OutcomeKind", names(tarozi.OutcomeKinds)},
		{"Band", names(tarozi.Bands)}, {"Sentence type", names(tarozi.SentenceTypes)}, {"Supervision kind", names(tarozi.SupervisionKinds)},
		{"Supervision level", names(tarozi.SupervisionLevels)}, {"Supervision conditions", names(tarozi.Conditions)},
		{"ArrestEvent involves", names(tarozi.Involvements)}, {"ChargeEvent involves", names(tarozi.Involvements)},
		{"ConvictionEvent involves", names(tarozi.Involvements)}, {"ContactEvent method", names(tarozi.ContactMethods)},
		{"EmploymentEvent work", names(tarozi.Works)}, {"DrugTestEvent result", names(tarozi.TestResults)},
		{"DrugTestEvent substances", names(tarozi.Substances)}, {"ViolationEvent violation", names(tarozi.ViolationKinds)},
		{"AlertEvent alert", names(tarozi.AlertKinds)}, {"AlertEvent finding", names(tarozi.Findings)},
		{"CheckInEvent match", names(tarozi.BiometricMatches)}, {"CheckInEvent liveness", names(tarozi.Livenesses)},
		{"CheckInEvent verdict", names(tarozi.Verdicts)}, {"IncidentEvent category", names(tarozi.IncidentCategories)},
		{"IncidentEvent detected_by", names(tarozi.Detectors)}, {"ReviewState", names(tarozi.ReviewStates)},
		{"ViewReason", names(tarozi.ViewReasons)}, {"OverrideReason", names(tarozi.OverrideReasons)}, {"DecisionKind", names(tarozi.Decisions)},
		{"Verdict", names(tarozi.CountersignVerdicts)}, {"RaisedBy", names(tarozi.RaisedBys)},
		{"ChallengeResult", names(tarozi.ChallengeResults)}, {"Consequence", names(tarozi.Consequences)},
		{"DueReason reason", names(scoring.ReassessReasons)},
	} {
		name, property, _ := strings.Cut(c.place, " ")
		schema := d.Components.Schemas[name].Value
		if property != "" {
			schema = schema.Properties[property].Value
		}
		if schema.Items != nil {
			schema = schema.Items.Value
		}
		var got []string
		for _, one := range schema.Enum {
			got = append(got, fmt.Sprint(one))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-vocabulary +document):\n%s", c.place, diff)
		}
	}
	texts, err := words.Load()
	must(t, err)
	offered := d.Components.Parameters["Lang"].Value.Schema.Value.Enum
	for _, one := range offered {
		if code := texts.In(fmt.Sprint(one)).Code(); code != one {
			t.Errorf("the document offers the language %v, which the texts give as %s", one, code)
		}
	}
	for _, code := range texts.Locales() {
		if !slices.Contains(offered, any(code)) {
			t.Errorf("the texts are there in %s, which the document does not offer", code)
		}
	}
	protected := d.Components.Schemas["ProtectedAttributes"].Value.Properties["attributes"].Value.Properties
	if diff := cmp.Diff(slices.Sorted(slices.Values(tarozi.ProtectedNames)), slices.Sorted(maps.Keys(protected))); diff != "" {
		t.Errorf("protected attributes (-vocabulary +document):\n%s", diff)
	}
	if most := *d.Components.Schemas["CaseHistory"].Value.Properties["events"].Value.MaxItems; most != tarozi.MaxEvents {
		t.Errorf("the document allows %d events, the vocabulary %d", most, tarozi.MaxEvents)
	}
}

// The forms of the document that the service gives out are for callers, and fit what it does.
func TestFormsOfTheDocument(t *testing.T) {
	s := start(t)
	own, err := os.ReadFile("openapi.yaml")
	must(t, err)
	if got := s.call("GET", "/openapi.yaml", "").want(http.StatusOK); !bytes.Equal(got.body, own) {
		t.Error("another document is given out")
	}

	page := string(s.call("GET", "/docs", "").want(http.StatusOK).body)
	d, err := document()
	must(t, err)
	calls := 0
	for path, item := range d.Paths.Map() {
		for method, o := range item.Operations() {
			calls++
			for _, want := range []string{`id="` + o.OperationID + `"`, "<b>" + method + "</b> /api/v1" + path} {
				if !strings.Contains(page, want) {
					t.Errorf("the page lacks %s", want)
				}
			}
		}
	}
	for _, unwanted := range []string{"<script", "http://", "https://", "style=", "ZgotmplZ"} {
		if strings.Contains(page, unwanted) {
			t.Errorf("the page has %s", unwanted)
		}
	}
	if n := strings.Count(page, "curl "); n != calls {
		t.Errorf("%d curl examples of %d calls", n, calls)
	}
	s.call("GET", "/docs.css", "").want(http.StatusOK)
}

func TestJSONSchemaOfTheReport(t *testing.T) {
	s := start(t)
	text := s.call("GET", "/reports/schema.json", "").want(http.StatusOK).body
	if !bytes.Equal(text, fairness.Schema()) {
		t.Error("the schema that is served is not the report's")
	}
}

func TestJSONSchemaOfTheRequest(t *testing.T) {
	s := start(t)
	text := s.call("GET", "/schema/assessment-request.json", "").want(http.StatusOK).body
	loaded, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	must(t, err)
	compiler := jsonschema.NewCompiler()
	must(t, compiler.AddResource("request.json", loaded))
	schema, err := compiler.Compile("request.json")
	must(t, err)
	for _, c := range []struct {
		name, request string
		fits          bool
	}{
		{"history", request("p-1"), true},
		{"stored person", `{"person_id":"p-1","as_of":"2026-11-01"}`, true},
		{"both", request("p-1", `"as_of"`, `"person_id":"p-1","as_of"`), false},
		{"unknown field", request("p-1", `"purpose"`, `"porpose"`), false},
		{"unknown event type", request("p-1", `"type":"contact"`, `"type":"contract"`), false},
		{"field of another type of event", request("p-1", `"method"`, `"offence":"drug","method"`), false},
		{"a name", request("p-1", `"birth_date"`, `"last_name":"Karimov","birth_date"`), false},
	} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(c.request))
		must(t, err)
		if err := schema.Validate(value); (err == nil) != c.fits {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
