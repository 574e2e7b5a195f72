// Package api serves the HTTP API that openapi.yaml describes. api.gen.go is generated from that document; what stands inside
// bodies is the root package's, read strictly by its own rules.
package api

import (
	"time"

	"github.com/go-json-experiment/json"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/fairness"
	"github.com/tarozi/tarozi/scoring"
)

// Document is a body. The generated code reads and writes bodies by encoding/json, which takes unknown, repeated and wrongly
// cased names in silence; a Document hands its text to the root package's reader and writer instead.
type Document[T any] struct{ Value T }

// MarshalJSON writes the value.
func (d Document[T]) MarshalJSON() ([]byte, error) { return json.Marshal(&d.Value) }

// UnmarshalJSON reads the value strictly; the error is a *tarozi.Error.
func (d *Document[T]) UnmarshalJSON(text []byte) error { return tarozi.Decode(text, &d.Value) }

// Request asks for an assessment of a history that comes with it, or of a person whose history is stored.
type Request struct {
	History  *tarozi.CaseHistory `json:"history,omitzero"`
	PersonID string              `json:"person_id,omitzero"`
	AsOf     tarozi.Date         `json:"as_of,omitzero"`
	Purpose  tarozi.Purpose      `json:"purpose,omitzero"`
	Model    string              `json:"model,omitzero"`
}

// Events are events to add.
type Events struct {
	Events []tarozi.Event `json:"events"`
}

// Outcomes are outcomes to store.
type Outcomes struct {
	Outcomes []tarozi.Outcome `json:"outcomes"`
}

// Attributes are protected attributes to state.
type Attributes struct {
	Attributes map[string]string `json:"attributes"`
}

// AttributesOfPeople are protected attributes of many people to state.
type AttributesOfPeople struct {
	People []tarozi.ProtectedAttributes `json:"people"`
}

// View is what a caller may see of an assessment.
type View struct{ shown any }

// pending is all that a caller learns who may not see the score yet.
type pending struct {
	ID          string             `json:"id"`
	ReviewState tarozi.ReviewState `json:"review_state"`
}

func viewOf(a *tarozi.Assessment, shown bool) View {
	if shown {
		return View{a}
	}
	return View{pending{a.ID, a.ReviewState}}
}

// MarshalJSON writes what is shown.
func (v View) MarshalJSON() ([]byte, error) { return json.Marshal(v.shown) }

// AssessmentPage is one page of a person's assessments.
type AssessmentPage struct {
	Assessments []View `json:"assessments"`
	Next        string `json:"next"`
}

// DuePeople are people to be assessed anew.
type DuePeople struct {
	People []scoring.Due `json:"people"`
}

// Outlooks say what could change each score.
type Outlooks struct {
	Outlooks []scoring.Outlook `json:"outlooks"`
}

// DisputesOf are what is and was disputed about a person.
type DisputesOf struct {
	Disputes []tarozi.Dispute `json:"disputes"`
}

// DecisionsOf are what committees have decided about a model, and what holds of it.
type DecisionsOf struct {
	InForce   scoring.Levers `json:"in_force"`
	Decisions []tarozi.Lever `json:"decisions"`
}

// JudgementRows say what review does.
type JudgementRows struct {
	Rows []fairness.JudgementRow `json:"rows"`
}

// ChangePage is one page of changes.
type ChangePage struct {
	Changes []scoring.Change `json:"changes"`
	Next    string           `json:"next"`
}

// Models lists what can score.
type Models struct {
	Default string       `json:"default"` // empty where no model is in use
	Models  []ModelInUse `json:"models"`
}

// ModelInUse is a model that an assessment may be asked of.
type ModelInUse struct {
	tarozi.ModelRef `json:",inline"`

	State tarozi.ModelState `json:"state"`
	Since time.Time         `json:"since"`
}
