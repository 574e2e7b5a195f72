package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
)

// File is a file of checkpoints: one JSON object with a signed note a line. *os.File is one.
type File interface {
	io.ReaderAt
	io.WriterAt
	// Seek gives the file's length: it is called for its end alone.
	io.Seeker
	Truncate(size int64) error
	Sync() error
	Close() error
}

// Keeper sequences a log's queue again and again and adds each new checkpoint to a file, and the latest one again before Every has
// passed, so that whoever reads the file elsewhere sees that the service lives. A round that fails, or panics, is made good by the next.
type Keeper struct {
	Sequencer *Sequencer
	Open      func() (File, error) // the file of checkpoints, made where there is none
	Now       func() time.Time
	Every     time.Duration

	written []byte // what was added last; nil: nothing by this keeper
	at      time.Time

	mu     sync.Mutex
	failed error // of the last round
}

// Round takes everything from the queue, and writes the checkpoint that then holds.
func (k *Keeper) Round(ctx context.Context) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("panic in the sequencer: %v\n%s", fault, debug.Stack())
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		k.failed = err
	}()
	for {
		taken, checkpoint, err := k.Sequencer.Sequence(ctx)
		if err != nil {
			return fmt.Errorf("the audit log could not be sequenced; its entries wait in the queue: %w", err)
		}
		if now := k.Now(); !bytes.Equal(checkpoint, k.written) || now.Sub(k.at) >= k.Every || now.Before(k.at) {
			if err := k.write(checkpoint); err != nil {
				return fmt.Errorf("the audit log's checkpoint could not be written to its file: %w", err)
			}
			k.written, k.at = checkpoint, now
		}
		if taken < k.Sequencer.Limit {
			return nil
		}
	}
}

// Healthy is what the last round failed of.
func (k *Keeper) Healthy() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.failed
}

func (k *Keeper) write(signed []byte) (err error) {
	file, err := k.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return AppendCheckpoint(file, signed)
}

// checkpointLine is a line of a file of checkpoints.
type checkpointLine struct {
	Checkpoint string `json:"checkpoint"` // a signed note
}

// CheckpointLine is a signed checkpoint as a line of a file of them, with its end.
func CheckpointLine(signed []byte) ([]byte, error) {
	line, err := json.Marshal(checkpointLine{string(signed)})
	if err != nil {
		return nil, fmt.Errorf("writing a checkpoint as a line: %w", err)
	}
	return append(line, '\n'), nil
}

// AppendCheckpoint adds a line and returns when it is on disk. A last line that was cut off when the machine stopped makes room.
func AppendCheckpoint(file File, signed []byte) error {
	line, err := CheckpointLine(signed)
	if err != nil {
		return err
	}
	end, err := endOfLines(file)
	if err != nil {
		return err
	}
	if err := file.Truncate(end); err != nil {
		return err
	}
	if _, err := file.WriteAt(line, end); err != nil {
		return err
	}
	return file.Sync()
}

// endOfLines is the length of a file up to its last whole line. Where the machine stopped before a line was on disk, some file systems
// leave zeroes of its length in its place: they are no line.
func endOfLines(file File) (int64, error) {
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	tail := make([]byte, min(size, 16<<10)) // a checkpoint is a few hundred bytes
	if n, err := file.ReadAt(tail, size-int64(len(tail))); err != nil && (n < len(tail) || !errors.Is(err, io.EOF)) {
		return 0, err
	}
	return size - int64(len(tail)) + int64(whole(tail)), nil
}

// whole is the length of the whole lines that text begins with: those that end, and have no byte that was never written.
func whole(text []byte) int {
	end := bytes.LastIndexByte(text, '\n') + 1
	for end > 0 {
		begin := bytes.LastIndexByte(text[:end-1], '\n') + 1
		if bytes.IndexByte(text[begin:end], 0) < 0 {
			return end
		}
		end = begin
	}
	return 0
}

// ReadCheckpoints reads the content of a file of checkpoints. A last line that was cut off as it was written is left out; any other that
// is no checkpoint's is an error with its number.
func ReadCheckpoints(content []byte) ([][]byte, error) {
	var signed [][]byte
	rest := content[:whole(content)]
	for number := 1; len(rest) > 0; number++ {
		line, after, _ := bytes.Cut(rest, []byte{'\n'})
		rest = after
		var c checkpointLine
		if err := json.Unmarshal(line, &c, json.RejectUnknownMembers(true)); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		signed = append(signed, []byte(c.Checkpoint))
	}
	return signed, nil
}
