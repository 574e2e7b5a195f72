package tarozi

import "time"

// ModelState says where a bundle stands in its life, for an agency and those below it.
type ModelState string

// The states. A bundle enters as candidate; only demonstration, pilot and live give scores that anybody decides by.
const (
	ModelCandidate     ModelState = "candidate"     // installed; scores nobody
	ModelShadow        ModelState = "shadow"        // scored beside the model in use and kept from everybody who decides
	ModelDemonstration ModelState = "demonstration" // in use in a database of made-up people alone
	ModelPilot         ModelState = "pilot"         // in use under a signed validation, on trial
	ModelLive          ModelState = "live"          // in use under a signed validation
	ModelRetired       ModelState = "retired"       // no longer in use; kept, because assessments refer to it
)

// ModelStates lists every ModelState.
var ModelStates = []ModelState{ModelCandidate, ModelShadow, ModelDemonstration, ModelPilot, ModelLive, ModelRetired}

// InUse reports whether a bundle in this state gives scores that people decide by.
func (s ModelState) InUse() bool {
	return s == ModelDemonstration || s == ModelPilot || s == ModelLive
}

// Signed reports whether a bundle in this state needs a signed validation in force.
func (s ModelState) Signed() bool { return s == ModelPilot || s == ModelLive }

// Deployment says in which state a bundle is for an agency and all agencies below it.
type Deployment struct {
	AgencyID string     `json:"agency_id"` // empty: every agency of the database
	ModelID  string     `json:"model_id"`
	Version  string     `json:"version"`
	SHA256   string     `json:"sha256"`
	State    ModelState `json:"state"`
	Since    time.Time  `json:"since"`
	By       string     `json:"by"` // account that brought it about
}
