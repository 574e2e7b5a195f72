package scoring

import (
	"context"
	"slices"

	"github.com/tarozi/tarozi"
)

// shows is the rule of who sees a score. Once the review is done everybody does who may read assessments. Before, a reviewer sees
// it after locking an own view (or going without, on record); a person who may countersign, once a decision waits for that; a
// case system, where its permissions say so. A score that has expired is nobody's but theirs who had opened it, and of case
// systems that may see unreviewed ones.
func shows(actor tarozi.Actor, state tarozi.ReviewState, opened bool) bool {
	switch {
	case state == tarozi.ReviewDone:
		return true
	case !actor.May(tarozi.Decide):
		return actor.May(tarozi.ReadUnreviewed)
	case state == tarozi.ReviewAwaiting && actor.May(tarozi.CountersignOther):
		return true
	default:
		return opened
	}
}

// opened reports whether the account has locked a view, gone without, or signed a decision that it read.
func opened(c *tarozi.ReviewCase, accountID string) bool {
	return c.View(accountID) != nil || c.Bypass(accountID) != nil ||
		slices.ContainsFunc(c.Countersignatures, func(s tarozi.Countersignature) bool { return s.By == accountID })
}

// MayShow reports whether the actor may see an assessment's scores now.
func (s *Service) MayShow(ctx context.Context, actor tarozi.Actor, a *tarozi.Assessment) (bool, error) {
	shown, err := s.Shown(ctx, actor, map[string]tarozi.ReviewState{a.ID: a.ReviewState})
	return shown[a.ID], err
}

// Shown is MayShow for many assessments, given by id and state.
func (s *Service) Shown(ctx context.Context, actor tarozi.Actor, states map[string]tarozi.ReviewState) (map[string]bool, error) {
	shown := make(map[string]bool, len(states))
	var ask []string
	for id, state := range states {
		shown[id] = shows(actor, state, false)
		if !shown[id] && shows(actor, state, true) {
			ask = append(ask, id)
		}
	}
	if len(ask) == 0 {
		return shown, nil
	}
	opened, err := s.Store.OpenedBy(ctx, actor.Scope(tarozi.ReadAssessments), ask)
	if err != nil {
		return nil, err
	}
	for _, id := range opened {
		shown[id] = true
	}
	return shown, nil
}
