package server_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/server"
)

// Bodies and parameters made from the document, sound ones and ones with faults, are sent to every call: no answer is 500 or one that
// the document does not have. `go test ./server -run TestEveryCall -rapid.checks=5000` looks longer.
func TestEveryCallTakesAnything(t *testing.T) {
	s := start(t, func(c *server.Config, _ string) { // much of what is made up is not there
		c.Rates = server.DefaultRates
		c.Rates.Missing = server.Rate{PerSecond: 1e6, Burst: 1e6}
	})
	created := s.call("POST", "/api/v1/assessments", request("p-1")).want(http.StatusCreated)
	id := strings.TrimPrefix(created.header.Get("Location"), "/api/v1/assessments/")
	callers := [][]string{s.as("system@" + agency), s.reviewer(tarozi.Officer), s.reviewer(tarozi.Supervisor), s.reviewer(tarozi.Oversight)}
	d, err := document()
	must(t, err)
	statuses := map[int]int{}
	for _, path := range slices.Sorted(maps.Keys(d.Paths.Map())) {
		item := d.Paths.Value(path)
		for _, method := range slices.Sorted(maps.Keys(item.Operations())) {
			operation := item.Operations()[method]
			t.Run(operation.OperationID, func(t *testing.T) {
				own := s.with(t)
				rapid.Check(t, func(r *rapid.T) {
					g := generator{r, rapid.Bool().Draw(r, "with faults")}
					address, header := path, rapid.SampledFrom(callers).Draw(r, "caller")
					query := url.Values{}
					for _, p := range append(slices.Clone(item.Parameters), operation.Parameters...) {
						value := ""
						switch p.Value.Name {
						case "assessment_id":
							value = rapid.SampledFrom([]string{id, "019aac00-0000-7000-8000-00000000ffff", "x y/é"}).Draw(r, "assessment")
						case "person_id":
							value = rapid.SampledFrom([]string{"p-1", "p-2", "nobody", strings.Repeat("я", 64)}).Draw(r, "person")
						default:
							value = fmt.Sprint(g.value(p.Value.Schema.Value, 0))
						}
						switch p.Value.In {
						case "path":
							if value == "" || value == "." || value == ".." {
								value = "x"
							}
							address = strings.Replace(address, "{"+p.Value.Name+"}", url.PathEscape(value), 1)
						case "query":
							if p.Value.Required || rapid.Bool().Draw(r, "query "+p.Value.Name) {
								query.Set(p.Value.Name, value)
							}
						}
					}
					if len(query) > 0 {
						address += "?" + query.Encode()
					}
					body := ""
					if operation.RequestBody != nil {
						for media, content := range operation.RequestBody.Value.Content {
							header = append(slices.Clone(header), "Content-Type", media)
							text, err := json.Marshal(g.value(content.Schema.Value, 0))
							must(t, err)
							body = string(text)
						}
						if g.faulty && rapid.IntRange(0, 9).Draw(r, "cut") == 0 {
							body = body[:rapid.IntRange(0, len(body)).Draw(r, "length")]
						}
					}
					a := own.call(method, "/api/v1"+address, body, header...)
					statuses[a.status]++
					if a.status >= 500 && a.status != http.StatusServiceUnavailable || t.Failed() {
						r.Fatalf("%s %s answers %d: %.500s\nto %.2000s", method, address, a.status, a.body, body)
					}
				})
			})
		}
	}
	t.Logf("answers by status: %v", statuses)
	s.call("GET", "/readyz", "").want(http.StatusOK)
}

// generator makes values of a schema; one with faults puts something else in the place of some of them.
type generator struct {
	*rapid.T
	faulty bool
}

func (g generator) odds(of int) bool { return rapid.IntRange(0, of-1).Draw(g.T, "odds") == 0 }

var oddValues = []any{nil, true, -1, 0, 1e300, math.MaxInt64, "", "\u0000", "ʻ", "2026-13-45", "9999-12-31", "0001-01-01", []any{}, []any{nil}, map[string]any{},
	map[string]any{"a": map[string]any{"b": 1}}, strings.Repeat("я", 5000)}

func (g generator) value(s *openapi3.Schema, depth int) any {
	if g.faulty && g.odds(12) {
		return rapid.SampledFrom(oddValues).Draw(g.T, "odd")
	}
	if s.Nullable && g.odds(4) {
		return nil
	}
	if len(s.Enum) > 0 {
		return rapid.SampledFrom(s.Enum).Draw(g.T, "one of")
	}
	for _, choices := range []openapi3.SchemaRefs{s.OneOf, s.AnyOf} {
		if len(choices) > 0 {
			return g.value(rapid.SampledFrom(choices).Draw(g.T, "choice").Value, depth+1)
		}
	}
	if len(s.AllOf) > 0 {
		whole := map[string]any{}
		for _, part := range s.AllOf {
			if object, ok := g.value(part.Value, depth+1).(map[string]any); ok {
				maps.Copy(whole, object)
			}
		}
		return whole
	}
	switch {
	case s.Type.Is("object"):
		return g.object(s, depth)
	case s.Type.Is("array"):
		list := []any{}
		for range rapid.IntRange(int(min(s.MinItems, 3)), max(int(min(s.MinItems, 3)), 3-depth/2)).Draw(g.T, "items") {
			list = append(list, g.value(s.Items.Value, depth+1))
		}
		return list
	case s.Type.Is("boolean"):
		return rapid.Bool().Draw(g.T, "flag")
	case s.Type.Is("integer"), s.Type.Is("number"):
		low, high := -10.0, 1000.0
		if s.Min != nil {
			low = *s.Min
			high = max(high, low)
		}
		if s.Max != nil {
			high = *s.Max
		}
		if s.Type.Is("integer") {
			return rapid.Int64Range(int64(low), int64(high)).Draw(g.T, "count")
		}
		return rapid.Float64Range(low, high).Draw(g.T, "number")
	case s.Type.Is("string"):
		return g.text(s)
	default:
		return rapid.SampledFrom(oddValues).Draw(g.T, "anything")
	}
}

// known are values that lead deeper than made-up ones do.
var known = map[string][]any{
	"agency_id": {agency}, "person_id": {"p-1", "p-2"}, "birth_year": {1950, 1991, 2005}, "as_of": {"2026-11-01", "2026-06-30"},
	"feature": {"prior_arrests_felony", "education", "prior_arrest_weapon", "dependents"}, "value": {0, 1, 3, true, false, "secondary"},
	"followed_until": {"2026-11-01", "2026-12-31"}, "received_at": {"2026-10-01T10:00:00Z", "2026-11-01T10:00:00Z"},
}

func (g generator) object(s *openapi3.Schema, depth int) map[string]any {
	object := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if slices.Contains(s.Required, name) && !(g.faulty && g.odds(20)) || g.odds(2+depth) {
			if hint := known[name]; hint != nil && !g.odds(8) {
				object[name] = rapid.SampledFrom(hint).Draw(g.T, name)
				continue
			}
			object[name] = g.value(s.Properties[name].Value, depth+1)
		}
	}
	if more := s.AdditionalProperties.Schema; more != nil {
		for range rapid.IntRange(0, 3).Draw(g.T, "more") {
			object[rapid.StringN(1, 20, -1).Draw(g.T, "name")] = g.value(more.Value, depth+1)
		}
	}
	if g.faulty && g.odds(15) {
		object[rapid.SampledFrom([]string{"sex", "name", "id", "", "a/b~c"}).Draw(g.T, "unknown")] = 1
	}
	return object
}

func (g generator) text(s *openapi3.Schema) string {
	moment := time.Date(2026, time.January, 1, 9, 0, 0, 0, time.UTC).Add(-time.Duration(rapid.IntRange(0, 40*365*24).Draw(g.T, "hours before")) * time.Hour)
	switch s.Format {
	case "date":
		return moment.Format(time.DateOnly)
	case "date-time":
		return moment.Format(time.RFC3339)
	case "uuid":
		return "019aac00-0000-7000-8000-0000000000ff"
	}
	longest := 40
	if s.MaxLength != nil {
		longest = int(min(*s.MaxLength, 40))
	}
	return rapid.StringN(min(int(s.MinLength), longest), longest, -1).Draw(g.T, "text")
}
