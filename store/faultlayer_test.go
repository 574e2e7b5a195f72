package store_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/mattn/go-sqlite3"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tarozi/tarozi/audit"
)

// What breaks a step, and when.
type fault struct {
	what      string // "error" or "panic"
	persisted bool   // the step is done first
}

var errBroken = errors.New("broken on purpose")

// layer is what every step of a change passes: the statements to SQLite, and the sequencer's calls, signature and file. It breaks one
// step, or notes each and keeps what the disk holds before and after it, which is what a power cut at that moment leaves.
type layer struct {
	mu     sync.Mutex
	armed  bool
	names  []string
	target int // the step to break; -1: none
	fault  fault
	images bool
	look   func(name string) // keeps an image
}

func (l *layer) arm(target int, f fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.armed, l.names, l.target, l.fault = true, nil, target, f
}

func (l *layer) disarm() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.armed = false
	return l.names
}

// next numbers a step and says what breaks it.
func (l *layer) next(name string) (broken *fault, look func(string)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.armed {
		return nil, nil
	}
	at := len(l.names)
	l.names = append(l.names, name)
	if at == l.target {
		broken = &l.fault
	}
	if l.images {
		look = l.look
	}
	return broken, look
}

func (f *fault) strike(name string) error {
	if f.what == "panic" {
		panic("broken on purpose: " + name)
	}
	return fmt.Errorf("%s: %w", name, errBroken)
}

// pass does a step, unless it is the one to break.
func pass[T any](l *layer, name string, do func() (T, error)) (result T, err error) {
	broken, look := l.next(name)
	if look != nil {
		look("before " + name)
		defer look("after " + name)
	}
	if broken == nil {
		return do()
	}
	if !broken.persisted {
		return result, broken.strike(name)
	}
	if result, err = do(); err != nil {
		return result, err
	}
	if rows, open := any(result).(driver.Rows); open {
		err = rows.Close()
	}
	return result, errors.Join(err, broken.strike(name))
}

func (l *layer) do(name string, do func() error) error {
	_, err := pass(l, name, func() (struct{}, error) { return struct{}{}, do() })
	return err
}

// conn is the writer's connection behind the layer.
type conn struct {
	*sqlite3.SQLiteConn
	layer *layer
}

func (l *layer) wrap(c *sqlite3.SQLiteConn) driver.Conn { return conn{c, l} }

// step names a statement by how it begins.
func step(query string) string {
	words := strings.Fields(query)
	return strings.Join(words[:min(3, len(words))], " ")
}

func (c conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return pass(c.layer, step(query), func() (driver.Result, error) { return c.SQLiteConn.ExecContext(ctx, query, args) })
}

func (c conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return pass(c.layer, step(query), func() (driver.Rows, error) { return c.SQLiteConn.QueryContext(ctx, query, args) })
}

func (c conn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	begun, err := pass(c.layer, "BEGIN", func() (driver.Tx, error) { return c.SQLiteConn.BeginTx(ctx, o) })
	if err != nil && begun != nil {
		err = errors.Join(err, begun.Rollback()) // a driver that gives an error leaves nothing open
	}
	return transaction{begun, c.layer}, err
}

type transaction struct {
	driver.Tx
	layer *layer
}

func (t transaction) Commit() error {
	err := t.layer.do("COMMIT", t.Tx.Commit)
	if errors.Is(err, errBroken) {
		_ = t.Tx.Rollback() // as the driver does; there is nothing to roll back where it was committed
	}
	return err
}

// drivers are the statements in which a panic would be the driver's own: those around a change, where it ends the process, which the
// power cuts stand for, and queries, where database/sql holds a lock meanwhile that nobody gives back. Ours strike around the others.
func drivers(name string) bool {
	switch word, _, _ := strings.Cut(name, " "); word {
	case "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SELECT", "PRAGMA", "WITH":
		return true
	}
	return false
}

// storage is the sequencer's view of a store behind the layer.
type storage struct {
	audit.Storage
	layer *layer
}

func (s storage) Queued(ctx context.Context, limit int) ([]audit.Queued, error) {
	return pass(s.layer, "read the queue", func() ([]audit.Queued, error) { return s.Storage.Queued(ctx, limit) })
}

func (s storage) Head(ctx context.Context) ([]byte, error) {
	return pass(s.layer, "read the head", func() ([]byte, error) { return s.Storage.Head(ctx) })
}

func (s storage) Hashes(ctx context.Context, at []int64) ([]tlog.Hash, error) {
	return pass(s.layer, "read hashes", func() ([]tlog.Hash, error) { return s.Storage.Hashes(ctx, at) })
}

func (s storage) Append(ctx context.Context, b audit.Batch) error {
	return s.layer.do("append the batch", func() error { return s.Storage.Append(ctx, b) })
}

// signs is a signer behind the layer.
type signs struct {
	note.Signer
	layer *layer
}

func (s signs) Sign(text []byte) ([]byte, error) {
	return pass(s.layer, "sign the checkpoint", func() ([]byte, error) { return s.Signer.Sign(text) })
}

// disk is a file that keeps what was synced apart from what was only written.
type disk struct {
	layer           *layer
	synced, written []byte
}

func (d *disk) open() (audit.File, error) {
	return pass(d.layer, "open the file", func() (audit.File, error) { return handle{d}, nil })
}

type handle struct{ *disk }

func (h handle) Seek(int64, int) (int64, error) {
	return pass(h.layer, "find the file's end", func() (int64, error) { return int64(len(h.written)), nil })
}

func (h handle) ReadAt(p []byte, at int64) (int, error) {
	return pass(h.layer, "read the last line", func() (int, error) {
		n := copy(p, h.written[at:])
		if n < len(p) {
			return n, io.EOF
		}
		return n, nil
	})
}

func (h handle) Truncate(size int64) error {
	return h.layer.do("cut off what is no line", func() error { h.written = append([]byte{}, h.written[:size]...); return nil })
}

func (h handle) WriteAt(p []byte, at int64) (int, error) {
	return pass(h.layer, "write the line", func() (int, error) {
		h.written = append(append([]byte{}, h.written[:at]...), p...)
		return len(p), nil
	})
}

func (h handle) Sync() error {
	return h.layer.do("sync the file", func() error { h.synced = h.written; return nil })
}

func (h handle) Close() error { return h.layer.do("close the file", func() error { return nil }) }

// torn is what a power cut may leave of the file: nothing of what was not synced, all of it, half of it, or zeroes in its place.
func (d *disk) torn() [][]byte {
	all := [][]byte{d.synced, d.written}
	if extra := len(d.written) - len(d.synced); extra > 0 {
		all = append(all, d.written[:len(d.synced)+extra/2], append(append([]byte{}, d.synced...), make([]byte, extra)...))
	}
	return all
}

// image is what the disk of a database holds at one moment.
type image struct{ name, file, wal string }

func imageOf(name, path string) (image, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return image{}, err
	}
	wal, err := os.ReadFile(path + "-wal")
	return image{name, string(file), string(wal)}, err
}
