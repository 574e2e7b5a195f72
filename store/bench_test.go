package store_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
	"github.com/tarozi/tarozi/store/storetest"
)

// BenchmarkSave stores records of 12 KB (assessment, input and inputs together) with their audit entries from 32 writers; each
// operation is one record on disk. With history it also stores the person's, which grows by an event each time, as the API does.
func BenchmarkSave(b *testing.B) {
	for _, withHistory := range []bool{false, true} {
		b.Run(fmt.Sprintf("32writers/history=%v", withHistory), func(b *testing.B) {
			db, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "b.db"), store.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			m := storetest.NewMaker("north", "n")
			m.AddAgency(b, db)
			for person := range 1000 {
				if err := db.PutHistory(b.Context(), m.Write("history.put", "w"), m.History(fmt.Sprint("p", person))); err != nil {
					b.Fatal(err)
				}
			}
			var next atomic.Int64
			var all sync.WaitGroup
			b.ResetTimer()
			for writer := range 32 {
				all.Go(func() {
					own := storetest.NewMaker("north", fmt.Sprint("w", writer))
					for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
						r := own.Record(fmt.Sprint("p", i%1000), 11_000)
						if withHistory {
							r.History = own.History(r.Assessment.PersonID)
							for more := range i / 1000 {
								r.History.Events = append(r.History.Events, storetest.Event(fmt.Sprint("m", more), storetest.Start))
							}
						}
						if err := save(b, db, own, r); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func save(b *testing.B, db *store.DB, m *storetest.Maker, r *scoring.Record) error {
	_, err := db.SaveAssessment(b.Context(), m.Write("assessment.created", r.Assessment.ID), r)
	return err
}

// BenchmarkCaseload reads the first page of a caseload of 5,000 people with sealed names, each assessed once.
func BenchmarkCaseload(b *testing.B) {
	db, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "b.db"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	m := storetest.NewMaker("north", "n")
	m.AddAgency(b, db)
	var all sync.WaitGroup
	for writer := range 32 {
		all.Go(func() {
			own := storetest.NewMaker("north", fmt.Sprint("w", writer))
			for i := writer; i < 5000; i += 32 {
				r := own.Record(fmt.Sprint("p", i), 11_000)
				r.History = own.History(r.Assessment.PersonID)
				if err := save(b, db, own, r); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	named := make([]tarozi.Identity, 5000)
	for i := range named {
		named[i] = tarozi.Identity{PersonID: fmt.Sprint("p", i), Name: fmt.Sprintf("Oʻtkir Xudoyberdiyev %d", i*7919%5000)}
	}
	if _, err := db.PutIdentities(b.Context(), m.Write("identities.imported", "b"), named, false); err != nil {
		b.Fatal(err)
	}
	for name, q := range map[string]store.CaseloadQuery{
		"name": {}, "needs review, new events first": {Filter: store.NeedsReview, Sort: store.ByNewEvents}, "search": {Search: "p499"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := db.Caseload(b.Context(), tarozi.InAgency("north"), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
