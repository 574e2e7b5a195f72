package store

import (
	"context"
	"fmt"

	"github.com/mattn/go-sqlite3"

	"github.com/tarozi/tarozi"
)

const (
	// probeRoom is more than any record takes that is stored at once, a batch apart.
	probeRoom = 256 << 10
	// leastRoom is how much of the disk must be free: enough for the write-ahead log to be taken into the database.
	leastRoom = 16 << 20
)

// Ping says whether the store can do its work: it looks at the clock where that is guarded, writes and reads one row, and looks for room on the disk. After a write that found no
// room it asks for that of a large record, so that a small one that still fits does not pass for health. Anything but nil is Unavailable.
func (db *DB) Ping(ctx context.Context) error {
	if c := db.writes.clock.Load(); c != nil {
		if err := c.check(c.now()); err != nil {
			return err
		}
	}
	if free, known := roomAt(db.path); known && free < leastRoom {
		return tarozi.Errorf(tarozi.Unavailable, "the disk of the database has %d MB left, and %d are needed: tell the operator to make room", free>>20, leastRoom>>20)
	}
	if db.writes.noRoom.Load() {
		for _, room := range []any{make([]byte, probeRoom), nil} {
			if err := db.probe(ctx, `UPDATE probe SET beats = beats + 1, room = ? WHERE id = 1`, room); err != nil {
				return err
			}
		}
		db.writes.noRoom.Store(false)
	}
	if err := db.probe(ctx, `UPDATE probe SET beats = beats + 1 WHERE id = 1`); err != nil {
		return err
	}
	var beats int64
	return db.read(ctx, func(t *tx) error { return t.get(&beats, `SELECT beats FROM probe WHERE id = 1`) })
}

func (db *DB) probe(ctx context.Context, statement string, args ...any) error {
	return db.write(ctx, func(t *tx) error {
		if n, err := t.exec(statement, args...); err != nil || n == 1 {
			return err
		}
		return fmt.Errorf("the row for probes is gone")
	})
}

// lacksRoom reports whether a write failed because its files could not grow or be written.
func lacksRoom(err error) bool {
	code := resultCode(err)
	return code == sqlite3.ErrFull || code == sqlite3.ErrIoErr
}
