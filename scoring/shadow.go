package scoring

import (
	"context"
	"fmt"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/features"
)

// shadows scores the request of a record with each shadow bundle, as of the same day. What a shadow cannot do never touches the
// assessment: it is written down as its reason.
func (s *Service) shadows(req *tarozi.Request, r *Record, shadows []Deployed) ([]Shadow, error) {
	var list []Shadow
	for _, d := range shadows {
		shadow := Shadow{SHA256: d.Deployment.SHA256}
		in, e, err := s.shadow(req, &r.Assessment, d.Model)
		if err != nil {
			shadow.Refused = err.Error()
		} else if shadow.Document, err = tarozi.Canonical(e); err != nil {
			return nil, fmt.Errorf("writing a shadow's scores: %w", err)
		}
		if in != nil {
			if shadow.Inputs, err = tarozi.Canonical(in); err != nil {
				return nil, fmt.Errorf("writing a shadow's inputs: %w", err)
			}
		}
		list = append(list, shadow)
	}
	return list, nil
}

func (s *Service) shadow(req *tarozi.Request, a *tarozi.Assessment, m *Model) (*Inputs, *Evaluation, error) {
	in, err := read(m.Card, &req.History, features.Moment{AsOf: a.AsOf, Zone: s.Zone, Purpose: a.Purpose})
	if err != nil {
		return nil, nil, err
	}
	in.Validity = unsigned(m.Card)
	e, err := Evaluate(m, in)
	s.Checks.count(err)
	return in, e, err
}

// ShadowScores is what a shadow bundle said beside an assessment, for those who judge whether it may be put to use.
type ShadowScores struct {
	AssessmentID string           `json:"assessment_id"`
	Model        tarozi.ModelRef  `json:"model"`
	Refused      string           `json:"refused,omitzero"` // why there is no score
	Scores       []tarozi.Score   `json:"scores"`
	Missing      []tarozi.Missing `json:"missing"`
	Warnings     []tarozi.Warning `json:"warnings"`
}

// Shadows are what shadow bundles said beside an assessment. It asks for its own permission, which no officer and no case system has.
func (s *Service) Shadows(ctx context.Context, actor tarozi.Actor, assessmentID string) ([]ShadowScores, error) {
	if err := actor.Allow(tarozi.ReadShadows); err != nil {
		return nil, err
	}
	return s.Store.ShadowScores(ctx, actor.Scope(tarozi.ReadShadows), assessmentID)
}
