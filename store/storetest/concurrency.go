package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

func testManyWriters(t *testing.T, s Store) {
	ctx, m := t.Context(), NewMaker("north", "n")
	m.AddAgency(t, s)
	const writers, each = 16, 20
	refused := make([]int, writers)
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			own := NewMaker("north", fmt.Sprint("w", i))
			for j := range each {
				r := own.Record(fmt.Sprintf("p%d", j), 200)
				r.History = own.History(r.Assessment.PersonID)
				if j%5 == 4 {
					r.Assessment.PersonID = "nobody" // refused, beside others that are not
				}
				_, err := s.SaveAssessment(ctx, own.Write("assessment.created", r.Assessment.ID), r)
				switch {
				case err == nil:
				case tarozi.CodeOf(err) == tarozi.NotFound && j%5 == 4:
					refused[i]++
				default:
					t.Errorf("writer %d, record %d: %v", i, j, err)
				}
			}
		})
	}
	all.Wait()
	for i, n := range refused {
		same(t, fmt.Sprintf("refused of writer %d", i), n, each/5)
	}
	stored := 0
	for j := range each {
		if j%5 == 4 {
			continue
		}
		list, err := s.AssessmentsOf(ctx, tarozi.InAgency("north"), fmt.Sprintf("p%d", j), scoring.Page{Limit: 100})
		must(t, "listing", err)
		stored += len(list)
	}
	same(t, "stored", stored, writers*each*4/5)
	same(t, "audit entries", len(Entries(t, s)), 1+stored)
}

func testCancelled(t *testing.T, s Store) {
	m := NewMaker("north", "n")
	m.AddAgency(t, s)
	known(t, s, m, "p1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := m.Record("p1", 10)
	_, err := s.SaveAssessment(ctx, m.Write("assessment.created", r.Assessment.ID), r)
	_, absent := s.Assessment(t.Context(), tarozi.InAgency("north"), r.Assessment.ID)
	switch {
	case err == nil && absent == nil: // it had been written before the caller gave up
	case tarozi.CodeOf(err) == tarozi.Unavailable && errors.Is(err, context.Canceled) && tarozi.CodeOf(absent) == tarozi.NotFound:
	default:
		t.Errorf("saving gave %v and reading then %v", err, absent)
	}
	_, err = s.History(ctx, tarozi.InAgency("north"), "p1")
	wantCode(t, "reading after giving up", err, tarozi.Unavailable)
}
