package scoring

import (
	"context"
	"errors"
	"time"

	"github.com/tarozi/tarozi"
)

// SubjectFile is everything that the service knows of a person, and did, as the person is given it. Of protected attributes it names
// those that are kept; their values no role but the oversight reports may read.
type SubjectFile struct {
	PersonID      string              `json:"person_id"`
	MadeAt        time.Time           `json:"made_at"`
	Identity      *tarozi.Identity    `json:"identity"`
	History       *tarozi.CaseHistory `json:"history"`
	Disputes      []tarozi.Dispute    `json:"disputes"`
	Assessments   []SubjectAssessment `json:"assessments"`
	Outcomes      []tarozi.Outcome    `json:"outcomes"`
	ProtectedKept []string            `json:"protected_kept"`
	Traces        []Trace             `json:"traces"` // who looked, changed and decided, oldest first
}

// SubjectAssessment is an assessment with what people did about it. While its review is under way it has no scores: a score reaches
// nobody but its reviewers before a person has decided.
type SubjectAssessment struct {
	Assessment tarozi.Assessment  `json:"assessment"`
	Review     *tarozi.ReviewCase `json:"review"`
}

// SubjectFile gathers a person's file and records that it was given out.
func (s *Service) SubjectFile(ctx context.Context, actor tarozi.Actor, personID string) (*SubjectFile, error) {
	if err := s.Look(ctx, actor, tarozi.ReadSubject, "file", personID); err != nil {
		return nil, err
	}
	scope := actor.Scope(tarozi.ReadSubject)
	f := &SubjectFile{PersonID: personID, MadeAt: s.Now().UTC(), Assessments: []SubjectAssessment{}}
	var err error
	if f.Identity, err = s.Registry.Identity(ctx, scope, personID); err != nil {
		return nil, err
	}
	f.History, err = s.Store.History(ctx, scope, personID)
	if err != nil && tarozi.CodeOf(err) != tarozi.NotFound {
		return nil, err
	}
	stored, disputes := s.Store.Disputes(ctx, scope, personID)
	f.Disputes = make([]tarozi.Dispute, len(stored))
	for i := range stored {
		f.Disputes[i] = stored[i].Dispute
	}
	var outcomes, kept, traces error
	f.Outcomes, outcomes = s.Registry.OutcomesOf(ctx, scope, personID)
	f.ProtectedKept, kept = s.Registry.ProtectedKept(ctx, scope, personID)
	f.Traces, traces = s.Registry.Lookers(ctx, scope, personID)
	if err := errors.Join(disputes, outcomes, kept, traces); err != nil {
		return nil, err
	}
	for page := (Page{Limit: 500}); ; {
		list, err := s.Store.AssessmentsOf(ctx, scope, personID, page)
		if err != nil {
			return nil, err
		}
		for i := range list {
			a := list[i]
			a.ReviewState = s.StateOf(a.ReviewState, a.CreatedAt)
			if a.ReviewState != tarozi.ReviewDone {
				a.Scores = []tarozi.Score{}
			}
			steps, err := s.Store.Steps(ctx, scope, a.ID)
			if err != nil {
				return nil, err
			}
			review, err := s.caseOf(&a, steps)
			if err != nil {
				return nil, err
			}
			f.Assessments = append(f.Assessments, SubjectAssessment{a, review})
		}
		if len(list) < page.Limit {
			return f, nil
		}
		page.Cursor = list[len(list)-1].ID
	}
}
