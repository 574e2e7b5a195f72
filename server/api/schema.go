package api

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// requestSchema is the JSON Schema (2020-12) of the request for an assessment, with everything that it refers to.
func requestSchema(document *openapi3.T) ([]byte, error) {
	const root = "AssessmentRequest"
	definitions := map[string]any{}
	waiting := []string{root}
	for len(waiting) > 0 {
		name := waiting[0]
		waiting = waiting[1:]
		if definitions[name] != nil {
			continue
		}
		component := document.Components.Schemas[name]
		if component == nil {
			return nil, fmt.Errorf("there is no schema %s", name)
		}
		text, err := json.Marshal(component)
		if err != nil {
			return nil, err
		}
		var schema map[string]any
		if err := json.Unmarshal(text, &schema); err != nil {
			return nil, err
		}
		definitions[name] = standard(schema, func(named string) { waiting = append(waiting, named) })
	}
	whole := definitions[root].(map[string]any)
	delete(definitions, root)
	whole["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	whole["title"] = "Request for an assessment"
	whole["$defs"] = definitions
	return json.MarshalIndent(whole, "", "  ")
}

// standard turns a schema of OpenAPI 3.0 into one of JSON Schema, in place, and tells of each schema that it names.
func standard(schema map[string]any, names func(string)) map[string]any {
	for keyword, value := range schema {
		switch v := value.(type) {
		case map[string]any:
			if keyword == "properties" {
				for _, property := range v {
					standard(property.(map[string]any), names)
				}
			} else {
				standard(v, names)
			}
		case []any:
			for _, part := range v {
				if sub, ok := part.(map[string]any); ok {
					standard(sub, names)
				}
			}
		}
		if keyword == "discriminator" || strings.HasPrefix(keyword, "x-") {
			delete(schema, keyword)
		}
	}
	if example, ok := schema["example"]; ok {
		delete(schema, "example")
		schema["examples"] = []any{example}
	}
	if schema["nullable"] == true {
		delete(schema, "nullable")
		if one, ok := schema["type"].(string); ok {
			schema["type"] = []any{one, "null"}
		}
	}
	if ref, ok := schema["$ref"].(string); ok {
		name := strings.TrimPrefix(ref, "#/components/schemas/")
		schema["$ref"] = "#/$defs/" + name
		names(name)
	}
	return schema
}
