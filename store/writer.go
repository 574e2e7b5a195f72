package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/seal"
)

// groupSize is the largest number of writes in one transaction.
const groupSize = 64

// gatherFor is how long a group waits for more writes where the one before it had several: callers who were just answered come
// back with their next write, and a sync of the disk that they share takes far longer than this. With 32 writers it makes
// groups of 20 where they would be of 15.
const gatherFor = 100 * time.Microsecond

// writer is the one goroutine that writes. It takes the writes that wait, up to groupSize, into one transaction with a
// savepoint each, so that they share one sync of the disk while one that fails takes nothing of the others with it.
type writer struct {
	db      *sqlx.DB
	seal    *seal.Sealer
	watch   *rowWatch
	queue   chan *job
	stopped chan struct{} // closed when the goroutine has ended
	noRoom  atomic.Bool   // a write found no room, and no probe has found any since
	clock   atomic.Pointer[clock]

	mu     sync.RWMutex // held for reading while a job is put in the queue
	closed bool
}

// job is one write that waits.
type job struct {
	do    func(*tx) error
	state atomic.Int32
	done  chan error // of capacity 1
}

// A job is taken by the writer or abandoned by its caller, never both.
const (
	waiting int32 = iota
	taken
	abandoned
)

func startWriter(db *sqlx.DB, sealer *seal.Sealer, watch *rowWatch) *writer {
	w := &writer{db: db, seal: sealer, watch: watch, queue: make(chan *job, 4*groupSize), stopped: make(chan struct{})}
	go w.run()
	return w
}

// submit waits until do is committed or has failed. A caller whose context ends while its write still waits gets the context's
// error and nothing is written; a write that has begun is waited for, so that the answer is always the truth.
func (w *writer) submit(ctx context.Context, do func(*tx) error) error {
	j := &job{do: do, done: make(chan error, 1)}
	if err := w.enqueue(ctx, j); err != nil {
		return err
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		if j.state.CompareAndSwap(waiting, abandoned) {
			return ctx.Err()
		}
		return <-j.done
	}
}

func (w *writer) enqueue(ctx context.Context, j *job) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return stopping()
	}
	select {
	case w.queue <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stop finishes the writes that wait and ends the goroutine; it reports false where that had been done before.
func (w *writer) stop() bool {
	w.mu.Lock()
	again := w.closed
	if !again {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.stopped
	return !again
}

func (w *writer) isClosed() bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.closed
}

func (w *writer) run() {
	defer close(w.stopped)
	group := make([]*job, 0, groupSize)
	for first := range w.queue {
		busy := len(group) > 1
		group = w.drain(take(group[:0], first))
		if busy && len(group) < groupSize {
			time.Sleep(gatherFor)
			group = w.drain(group)
		}
		if len(group) > 0 {
			w.commit(group)
		}
	}
}

// drain adds what waits in the queue, as far as the group holds it.
func (w *writer) drain(group []*job) []*job {
	for len(group) < groupSize {
		select {
		case next, open := <-w.queue:
			if !open {
				return group
			}
			group = take(group, next)
		default:
			return group
		}
	}
	return group
}

func take(group []*job, j *job) []*job {
	if j.state.CompareAndSwap(waiting, taken) {
		return append(group, j)
	}
	return group
}

// commit stores a group and answers each of its jobs. Where the transaction is lost as a whole (SQLite rolls it back by itself
// when the disk is full, and a commit can fail), each job is run again in a transaction of its own: one that is too large for
// the disk must not refuse the others.
func (w *writer) commit(group []*job) {
	answers, lost := w.transaction(group)
	for i, j := range group {
		switch {
		case lost == nil:
			w.answer(j, answers[i])
		case lost.begun && len(group) > 1:
			w.commit(group[i : i+1])
		default:
			w.answer(j, lost.cause)
		}
	}
}

func (w *writer) answer(j *job, err error) {
	if lacksRoom(err) {
		w.noRoom.Store(true)
	}
	j.done <- err
}

// lostError says that nothing of a transaction was stored.
type lostError struct {
	begun bool // it had begun, so that another try could do better
	cause error
}

func (w *writer) transaction(group []*job) (answers []error, lost *lostError) {
	// The transaction belongs to many callers: none of their contexts may end it.
	ctx := context.Background()
	inner, err := w.db.BeginTxx(ctx, nil)
	if err != nil {
		return nil, &lostError{cause: fmt.Errorf("beginning a transaction: %w", err)}
	}
	t := &tx{ctx: ctx, sql: inner, seal: w.seal, watch: w.watch, clock: w.clock.Load()}
	answers = make([]error, len(group))
	for i, j := range group {
		var fatal error
		if answers[i], fatal = within(t, j.do); fatal != nil {
			// The rollback fails where SQLite has rolled back by itself.
			return nil, &lostError{begun: true, cause: errors.Join(answers[i], fatal, inner.Rollback())}
		}
	}
	if err := inner.Commit(); err != nil {
		return nil, &lostError{begun: true, cause: fmt.Errorf("committing: %w", err)}
	}
	if t.clock != nil {
		t.clock.passed(t.latest)
	}
	return answers, nil
}

// within runs do inside a savepoint and takes back what it did where it fails. A fatal error means that the whole transaction
// is gone.
func within(t *tx, do func(*tx) error) (answer, fatal error) {
	if _, err := t.exec(`SAVEPOINT job`); err != nil {
		return nil, fmt.Errorf("making a savepoint: %w", err)
	}
	if _, err := t.exec(`SAVEPOINT work`); err != nil {
		return nil, fmt.Errorf("making a savepoint: %w", err)
	}
	t.watch.reset()
	t.entries, t.people = nil, nil
	if answer = guarded(t, do); answer == nil {
		// Where SQLite has rolled back under us this fails: the entries of work that is gone must not be stored by themselves.
		if _, err := t.exec(`RELEASE SAVEPOINT work`); err != nil {
			return nil, fmt.Errorf("releasing a savepoint: %w", err)
		}
		answer = guarded(t, (*tx).finish)
	}
	if answer != nil {
		if _, err := t.exec(`ROLLBACK TO SAVEPOINT job`); err != nil {
			return answer, fmt.Errorf("rolling back to a savepoint: %w", err)
		}
	}
	if _, err := t.exec(`RELEASE SAVEPOINT job`); err != nil {
		return answer, fmt.Errorf("releasing a savepoint: %w", err)
	}
	return answer, nil
}

// guarded turns a panic into an error: the goroutine serves everybody, and one fault of ours must not end it.
func guarded(t *tx, do func(*tx) error) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			cause := fmt.Errorf("panic in a write: %v\n%s", fault, debug.Stack())
			err = tarozi.Wrap(tarozi.Internal, cause, "something went wrong in the service; nothing was stored: tell the operator")
		}
	}()
	return do(t)
}
