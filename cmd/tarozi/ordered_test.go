package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func TestOrderedLinesKeepsOrderWhateverTakesLong(t *testing.T) {
	var in strings.Builder
	for i := range 500 {
		fmt.Fprintln(&in, i)
	}
	want := 0
	refused, err := orderedLines(t.Context(), strings.NewReader(in.String()), io.Discard, func(line []byte) (int, error) {
		n, err := strconv.Atoi(string(line))
		time.Sleep(time.Duration(n%7) * 100 * time.Microsecond)
		return n, err
	}, func(n int) error {
		if n != want {
			return fmt.Errorf("got %d, want %d", n, want)
		}
		want++
		return nil
	})
	if err != nil || refused != 0 || want != 500 {
		t.Errorf("%v after %d lines, %d refused", err, want, refused)
	}
}

func TestOrderedLinesStops(t *testing.T) {
	broken := errors.New("broken")
	endless := func() io.Reader { return iotest.DataErrReader(endlessLines{}) }
	pass := func(line []byte) (string, error) { return string(line), nil }
	t.Run("when writing fails", func(t *testing.T) {
		_, err := orderedLines(t.Context(), endless(), io.Discard, pass, func(string) error { return broken })
		if !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("when reading fails", func(t *testing.T) {
		in := io.MultiReader(strings.NewReader("one\ntwo\n"), iotest.ErrReader(broken))
		var got []string
		_, err := orderedLines(t.Context(), in, io.Discard, pass, func(s string) error { got = append(got, s); return nil })
		if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "line 3: ") {
			t.Errorf("got %v after %v", err, got)
		}
	})
	t.Run("when the command is interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := orderedLines(ctx, endless(), io.Discard, pass, func(string) error { cancel(); return nil })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

// endlessLines is an input without an end.
type endlessLines struct{}

func (endlessLines) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '\n'
	}
	return len(p), nil
}
