package fairness

import (
	_ "embed"
	"slices"
)

//go:embed report.schema.json
var reportSchema []byte

// Schema returns the JSON Schema (draft 2020-12) of the report's JSON.
func Schema() []byte { return slices.Clone(reportSchema) }
