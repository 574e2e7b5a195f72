package scoring

import (
	"context"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain"
)

// Comparison says what moved the scores of an assessment since the one before it.
type Comparison struct {
	Earlier     *EarlierAssessment   `json:"earlier"` // null: the reader may see no earlier one
	Differences []explain.Difference `json:"differences"`
}

// EarlierAssessment names the assessment that another one is compared with.
type EarlierAssessment struct {
	ID        string          `json:"id"`
	AsOf      tarozi.Date     `json:"as_of"`
	CreatedAt time.Time       `json:"created_at"`
	Model     tarozi.ModelRef `json:"model"`
}

// mostEarlier is how many earlier assessments are looked through for one that the reader may see.
const mostEarlier = 50

// Outlooks say, for each score of a stored assessment, what could bring it into the next band down.
func (s *Service) Outlooks(ctx context.Context, actor tarozi.Actor, id string) ([]Outlook, error) {
	record, in, err := s.seen(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	return s.WhatCouldChange(record.Assessment.Model.SHA256, in)
}

// SinceLast compares an assessment with the latest one before it whose scores the actor may see.
func (s *Service) SinceLast(ctx context.Context, actor tarozi.Actor, id string) (*Comparison, error) {
	later, _, err := s.seen(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	list, err := s.AssessmentsOf(ctx, actor, later.Assessment.PersonID, Page{Cursor: id, Limit: mostEarlier})
	if err != nil {
		return nil, err
	}
	states := make(map[string]tarozi.ReviewState, len(list))
	for i := range list {
		states[list[i].ID] = list[i].ReviewState
	}
	shown, err := s.Shown(ctx, actor, states)
	if err != nil {
		return nil, err
	}
	c := &Comparison{Differences: []explain.Difference{}}
	for i := range list {
		before := &list[i]
		if !shown[before.ID] || before.Purpose != later.Assessment.Purpose {
			continue
		}
		in, err := s.Inputs(ctx, actor, before.ID)
		if err != nil {
			return nil, err
		}
		c.Earlier = &EarlierAssessment{ID: before.ID, AsOf: before.AsOf, CreatedAt: before.CreatedAt, Model: before.Model}
		c.Differences, err = s.Differences(before, &later.Assessment, in)
		return c, err
	}
	return c, nil
}

// seen is a stored assessment with its inputs, for an actor who may see its scores.
func (s *Service) seen(ctx context.Context, actor tarozi.Actor, id string) (*Record, *Inputs, error) {
	if err := actor.Allow(tarozi.ReadAssessments); err != nil {
		return nil, nil, err
	}
	record, err := s.Store.Assessment(ctx, actor.Scope(tarozi.ReadAssessments), id)
	if err != nil {
		return nil, nil, s.noted(ctx, actor, "", id, err)
	}
	a := &record.Assessment
	a.ReviewState = s.StateOf(a.ReviewState, a.CreatedAt)
	shown, err := s.MayShow(ctx, actor, a)
	if err != nil {
		return nil, nil, err
	}
	if !shown {
		return nil, nil, tarozi.Errorf(tarozi.Forbidden, "this score is not open to you yet: lock your own view first, or wait for its review")
	}
	in := new(Inputs)
	if err := tarozi.Decode(record.Inputs, in); err != nil {
		return nil, nil, tarozi.Wrap(tarozi.Internal, err, "the stored inputs cannot be read")
	}
	return record, in, nil
}
