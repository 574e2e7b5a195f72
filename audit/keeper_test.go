package audit

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A log in which nothing happens has a line in its file for every minute; a changed one at once.
func TestCheckpointsAreWrittenWhenIdle(t *testing.T) {
	m := &memory{}
	s := grow(t, m, 3, 10)
	path := filepath.Join(t.TempDir(), "checkpoints.ndjson")
	now := time.Date(2026, time.November, 24, 9, 0, 0, 0, time.UTC)
	opens := func() (File, error) { return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) }
	k := &Keeper{Sequencer: s, Open: opens, Now: func() time.Time { return now }, Every: 55 * time.Second}
	lines := func() int {
		t.Helper()
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := ReadCheckpoints(content)
		if err != nil {
			t.Fatal(err)
		}
		return len(signed)
	}
	round := func() {
		t.Helper()
		if err := k.Round(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	var gaps time.Duration
	last, had := now, 0
	for range 10 * 60 { // ten idle minutes, a round each second
		round()
		if n := lines(); n > had {
			gaps, last, had = max(gaps, now.Sub(last)), now, n
		}
		now = now.Add(time.Second)
	}
	if gaps > time.Minute || had < 10 {
		t.Errorf("%d checkpoints in ten idle minutes, up to %v apart", had, gaps)
	}
	m.queue = append(m.queue, Queued{99, []byte(`{"id":"new"}`)})
	if round(); lines() != had+1 {
		t.Error("a new checkpoint is not written at once")
	}
	now = now.Add(-time.Hour) // a clock that goes back must not silence the log for an hour
	if round(); lines() != had+2 {
		t.Error("no checkpoint after the clock went back")
	}

	// The file's disk fails: health says so, and the checkpoint is written as soon as it is back.
	k.Open = func() (File, error) { return nil, errors.New("the other host is gone") }
	m.queue = append(m.queue, Queued{100, []byte(`{"id":"newer"}`)})
	if err := k.Round(context.Background()); err == nil {
		t.Error("no error where the file cannot be opened")
	}
	if err := k.Healthy(); err == nil || !strings.Contains(err.Error(), "the other host is gone") {
		t.Errorf("health says %v", err)
	}
	k.Open = opens
	if round(); lines() != had+3 || k.Healthy() != nil {
		t.Errorf("%d lines where %d are due; health says %v", lines(), had+3, k.Healthy())
	}
}

// What a stopped machine leaves of a last line makes room for the next one; nothing before it is touched.
func TestWhatIsNoLineMakesRoom(t *testing.T) {
	m := &memory{}
	s := grow(t, m, 3, 10)
	whole, err := CheckpointLine(m.checkpoints[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, tail := range map[string]string{"nothing": "", "half a line": `{"checkpoint":"taro`, "zeroes": strings.Repeat("\x00", 300),
		"zeroes with an end": strings.Repeat("\x00", 300) + "\n", "half a line and zeroes": `{"che` + strings.Repeat("\x00", 512)} {
		path := filepath.Join(t.TempDir(), "checkpoints.ndjson")
		if err := os.WriteFile(path, []byte(string(whole)+tail), 0o600); err != nil {
			t.Fatal(err)
		}
		k := &Keeper{Sequencer: s, Open: func() (File, error) { return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) }, Now: time.Now, Every: time.Minute}
		if err := k.Round(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != string(whole)+string(whole) {
			t.Errorf("%s: the file is %q (%v)", name, got, err)
		}
	}
}
