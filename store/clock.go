package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// clockSlack is how far the clock may go back: what setting it by the network does.
const clockSlack = 2 * time.Minute

// clock holds the machine's clock against the latest entry. A score takes ages and windows from the day of today, and the log the order
// of things from its times: with a clock that has gone back both are wrong, and nobody would see it.
type clock struct {
	now    func() time.Time
	mu     sync.Mutex
	newest time.Time
}

// GuardClock refuses changes, from now on, while the clock is behind the time of the latest entry by more than two minutes. It is over by
// itself when the clock is right again. Where the clock was ahead once, an entry made on purpose (see serve's --accept-clock) becomes
// the latest.
func (db *DB) GuardClock(ctx context.Context, now func() time.Time) error {
	c := &clock{now: now}
	err := db.read(ctx, func(t *tx) error {
		var last []byte
		err := t.get(&last, `SELECT entry FROM (SELECT entry, 1 AS waits, seq AS nth FROM audit_queue UNION ALL SELECT entry, 0, place FROM audit_log
			WHERE place = (SELECT max(place) FROM audit_log)) ORDER BY waits DESC, nth DESC LIMIT 1`)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		var entry scoring.AuditEntry
		if err := json.Unmarshal(last, &entry); err != nil {
			return fmt.Errorf("reading the latest entry: %w", err)
		}
		c.newest, err = time.Parse(time.RFC3339Nano, entry.At)
		return err
	})
	if err != nil {
		return err
	}
	db.writes.clock.Store(c)
	return nil
}

// check refuses the present moment while it lies behind the latest entry.
func (c *clock) check(at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.Before(c.newest.Add(-clockSlack)) {
		return tarozi.Errorf(tarozi.Unavailable, "the clock of this machine says %s, and the log has an entry of %s: nothing was stored. Set the clock right; the service then goes on by itself. "+
			"If the clock was ahead when that entry was made, start the service once with --accept-clock", at.UTC().Format(time.RFC3339), c.newest.UTC().Format(time.RFC3339))
	}
	return nil
}

// passed notes the time of entries that are stored.
func (c *clock) passed(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.After(c.newest) {
		c.newest = at
	}
}

// checkClock refuses a job whose entries are of a time that lies behind.
func (t *tx) checkClock() error {
	if t.clock == nil {
		return nil
	}
	for _, entry := range t.entries {
		at, err := time.Parse(time.RFC3339Nano, entry.At)
		if err != nil {
			return fmt.Errorf("the time of an entry: %w", err)
		}
		if err := t.clock.check(at); err != nil {
			return err
		}
		if at.After(t.latest) {
			t.latest = at
		}
	}
	return nil
}
