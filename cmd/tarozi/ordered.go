package main

import (
	"context"
	"fmt"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// linesInFlight bounds, for each core, how many lines are read ahead of the one being written.
const linesInFlight = 64

// orderedLines computes fn of every line on all cores and hands the results to write in the order of the lines, one at a time. A line
// that fn refuses is named on warn by its number, from 1, and left out; refused counts them. The error is one of reading, of
// writing or of a cancelled context.
func orderedLines[T any](ctx context.Context, in io.Reader, warn io.Writer, fn func(line []byte) (T, error), write func(T) error) (refused int, err error) {
	type task struct {
		line  []byte
		value T
		fault error
		done  chan struct{}
	}
	cores := runtime.GOMAXPROCS(0)
	work := make(chan *task, linesInFlight*cores)
	ordered := make(chan *task, linesInFlight*cores)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(ordered)
		defer close(work)
		return eachLine(in, func(_ int, line []byte) error {
			next := &task{line: line, done: make(chan struct{})}
			for _, to := range []chan<- *task{ordered, work} {
				select {
				case to <- next:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	})
	for range cores {
		group.Go(func() error {
			for next := range work {
				next.value, next.fault = fn(next.line)
				close(next.done)
			}
			return nil
		})
	}
	group.Go(func() error {
		number := 0
		for next := range ordered {
			select {
			case <-next.done:
			case <-ctx.Done():
				return ctx.Err()
			}
			number++
			if next.fault == nil {
				if err := write(next.value); err != nil {
					return err
				}
				continue
			}
			refused++
			if _, err := fmt.Fprintf(warn, "line %d: %v\n", number, next.fault); err != nil {
				return fmt.Errorf("naming a refused line: %w", err)
			}
		}
		return nil
	})
	err = group.Wait()
	return refused, err
}
