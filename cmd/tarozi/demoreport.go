package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/datasets"
	"github.com/tarozi/tarozi/scoring"
)

// People of the demonstration who were scored as their supervision began, so that reports have some whose time is over: of demoLives
// every woman and every so manieth man, because a report of a few women says nothing about women; of the men who began lately more, so
// that drift is measured on more than a hundred. Who began between the two times that a report looks at is left out.
const (
	demoLives       = 5000
	demoEveryMan    = 6
	demoEveryNewMan = 2
	demoHorizon     = 12  // months of the score that is measured
	demoNewlyScored = 3   // months of a report's period
	demoShift       = 0.8 // makes the lives about as risky as the model says
	demoScoredOnce  = 16  // at a time: the store groups their changes
)

// seedFollowed stores them with what happened later.
func seedFollowed(ctx context.Context, service *scoring.Service, officer map[string]tarozi.Actor, until tarozi.Date) error {
	people := map[string][]datasets.Person{}
	lives := datasets.Population{People: demoPeople + demoLives, Seed: demoSeed, Until: until, Agencies: demoAgencies, Shift: demoShift}
	number := 0
	for p := range lives.All() {
		number++
		if number <= demoPeople || p.Purpose != tarozi.PurposeSupervision || len(p.History.Supervision) == 0 {
			continue
		}
		began := p.History.Supervision[0].From
		over, lately := !began.After(until.AddMonths(-demoHorizon)), !began.Before(until.AddMonths(-demoNewlyScored))
		woman := p.Protected.Attributes["sex"] == "female"
		if over && (woman || number%demoEveryMan == 0) || lately && (woman || number%demoEveryNewMan == 0) {
			people[p.History.AgencyID] = append(people[p.History.AgencyID], p)
		}
	}
	for agency, list := range people {
		if err := seedScored(ctx, service, officer[agency], list, until.AddMonths(-demoHorizon)); err != nil {
			return fmt.Errorf("agency %s: %w", agency, err)
		}
		command := scoring.Command(agency)
		var identities []tarozi.Identity
		var protected []tarozi.ProtectedAttributes
		var outcomes []tarozi.Outcome
		for i := range list {
			identities, protected = append(identities, list[i].Identity), append(protected, list[i].Protected)
			outcomes = append(outcomes, list[i].Outcomes...)
		}
		_, first := service.PutIdentities(ctx, command, identities, false)
		_, second := service.PutProtected(ctx, command, protected, false)
		_, third := service.PutOutcomes(ctx, command, outcomes, false)
		if err := errors.Join(first, second, third); err != nil {
			return err
		}
	}
	return nil
}

// seedScored scores people as of the day on which their supervision began. Who began by the day over has been reviewed since, so that
// nobody finds years of them waiting.
func seedScored(ctx context.Context, s *scoring.Service, actor tarozi.Actor, people []datasets.Person, over tarozi.Date) error {
	next := make(chan *datasets.Person)
	failed := make(chan error, demoScoredOnce)
	var seeding sync.WaitGroup
	for range demoScoredOnce {
		seeding.Go(func() {
			var first error
			for p := range next {
				if first != nil {
					continue
				}
				began := p.History.Supervision[0].From
				a, err := s.Create(ctx, actor, &tarozi.Request{History: p.History, AsOf: began}, nil)
				if err == nil && !began.After(over) {
					err = seedReview(ctx, s, actor, a)
				}
				if tarozi.CodeOf(err) == tarozi.NotScorable { // it lacks what the model needs; the person is kept all the same
					err = s.PutHistory(ctx, scoring.Command(p.History.AgencyID), &p.History, nil)
				}
				if err != nil {
					first = fmt.Errorf("person %s: %w", p.History.PersonID, err)
				}
			}
			failed <- first
		})
	}
	for i := range people {
		next <- &people[i]
	}
	close(next)
	seeding.Wait()
	close(failed)
	var all error
	for err := range failed {
		all = errors.Join(all, err)
	}
	return all
}
