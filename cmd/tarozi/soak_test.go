package main

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestSoak is `make soak`: a real server under load is killed with kill -9 at random moments. After each, the log verifies against the
// database and against the checkpoints kept in their file, and every assessment that was ever acknowledged is there; at the end each is
// read through the API. A few kills belong to every run of the tests; TAROZI_SOAK_KILLS asks for more.
func TestSoak(t *testing.T) {
	kills := 3
	if text := os.Getenv("TAROZI_SOAK_KILLS"); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil || kills < 1 {
			t.Fatalf("TAROZI_SOAK_KILLS=%q is no number of kills", text)
		}
	}
	database, key := institution(t)
	checkpoints := filepath.Join(filepath.Dir(database), checkpointsFile)
	began := time.Now()
	seed := uint64(began.UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	acknowledged := map[string]string{} // person by assessment
	idle := 0                           // kills before the first answer
	for round := range kills {
		s := serving(t, database)
		var mu sync.Mutex
		before := len(acknowledged)
		var clients sync.WaitGroup
		for client := range 4 {
			clients.Go(func() {
				for n := 0; ; n++ {
					person := fmt.Sprintf("p-%d-%d-%d", round, client, n)
					id, err := s.assess(t.Context(), key, person)
					if err != nil {
						return // the server is dead
					}
					mu.Lock()
					acknowledged[id] = person
					mu.Unlock()
				}
			})
		}
		// Up to a second and a half: the sequencer runs once a second, and must be caught at its work as well.
		time.Sleep(time.Duration(random.IntN(1500)) * time.Millisecond)
		s.kill()
		clients.Wait()
		if len(acknowledged) == before {
			idle++
		}
		if said, status := tell(t, "", "audit", "verify", "--db", database, "--checkpoints", checkpoints); status != exitDone {
			t.Fatalf("after kill %d (seed %d) the log does not verify: %s", round+1, seed, said)
		}
		stored := column(t, database, `SELECT id FROM assessments ORDER BY id`)
		for id, person := range acknowledged {
			if _, there := slices.BinarySearch(stored, id); !there {
				t.Fatalf("after kill %d (seed %d): assessment %s of %s was acknowledged and is lost", round+1, seed, id, person)
			}
		}
		if n := count(t, database, `SELECT count(*) FROM (
			SELECT json_extract(CAST(entry AS TEXT), '$.subject_id') AS id FROM (SELECT entry FROM audit_log UNION ALL SELECT entry FROM audit_queue)
			WHERE json_extract(CAST(entry AS TEXT), '$.action') = 'assessment.created' GROUP BY id HAVING count(*) = 1)`); n != len(stored) {
			t.Fatalf("after kill %d (seed %d): %d assessments and %d entries that speak of one each", round+1, seed, len(stored), n)
		}
	}
	if len(acknowledged) == 0 {
		t.Fatal("nothing was ever acknowledged: nothing was tested")
	}
	s := serving(t, database)
	for id, person := range acknowledged {
		if status, body := s.get(t, key, "/api/v1/assessments/"+id); status != 200 || !strings.Contains(body, `"`+person+`"`) {
			t.Errorf("assessment %s of %s: status %d, %.200s", id, person, status, body)
		}
	}
	s.end(t)
	t.Logf("%d kills (%d before a first answer), %d assessments acknowledged, all there; the log verified each time: %s; %.0f s, seed %d",
		kills, idle, len(acknowledged), strings.TrimSpace(mustTell(t, "", "audit", "verify", "--db", database, "--checkpoints", checkpoints)),
		time.Since(began).Seconds(), seed)
}

func column(t testing.TB, database, query string) []string {
	t.Helper()
	db := open(t, database)
	defer db.Close()
	return columnOf(t, db, query)
}

// columnOf is the first column of what a query finds.
func columnOf(t testing.TB, db *sql.DB, query string, args ...any) (list []string) {
	t.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			t.Fatal(err)
		}
		list = append(list, one)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}
