package scoring

import (
	"context"
	"errors"

	"github.com/tarozi/tarozi"
)

// Refusal is a request to which no score was given; it does not say about whom.
type Refusal struct {
	AgencyID    string
	ModelSHA256 string
	AsOf        tarozi.Date
	Reason      string // one of RefusalReasons
}

// RefusalReasons are the codes under which [Evaluate] gives no score. A request that lacks several things is counted under the code
// that its answer names first.
func RefusalReasons() []string {
	return []string{"required_input_missing", "no_supervision", "outside_model"}
}

// refused gives err back, and has it counted for the committee's report where it says that no score can be given. Each request is
// counted, a repeated one again.
func (s *Service) refused(ctx context.Context, actor tarozi.Actor, req *tarozi.Request, m *Model, err error) error {
	var why *tarozi.Error
	if !errors.As(err, &why) || why.Code != tarozi.NotScorable || len(why.Fields) == 0 {
		return err
	}
	r := Refusal{AgencyID: req.History.AgencyID, ModelSHA256: m.SHA256, AsOf: req.AsOf, Reason: why.Fields[0].Code}
	if r.AsOf.IsZero() {
		r.AsOf = tarozi.DateOf(s.Now().In(s.Zone))
	}
	text, failed := tarozi.Canonical(r)
	if failed != nil {
		return failed
	}
	w, failed := s.write(actor, actor.Scope(tarozi.Assess), "assessment.refused", "", text)
	if failed != nil {
		return failed
	}
	w.Audit.AgencyID = r.AgencyID
	if failed := s.Store.CountRefusal(ctx, w, r); failed != nil {
		return failed
	}
	return err
}
