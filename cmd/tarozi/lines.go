package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// maxLine is the longest line of a file of histories.
const maxLine = 10 << 20

// mapLines writes fn of every line of in to out, in order, computed on all cores. A line that fn refuses is named on standard
// error and left out; refused counts them. An empty line is refused like any other.
func mapLines(ctx context.Context, in io.Reader, out io.Writer, fn func(line []byte) ([]byte, error), done func()) (refused int, err error) {
	type result struct {
		text []byte
		err  error
	}
	workers := runtime.GOMAXPROCS(0)
	order := make(chan chan result, 64*workers)
	type job struct {
		line []byte
		to   chan result
	}
	jobs := make(chan job, 64*workers)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(jobs)
		defer close(order)
		lines := bufio.NewReaderSize(in, 1<<20)
		for number := 1; ; number++ {
			line, err := readLine(lines)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("line %d: %w", number, err)
			}
			to := make(chan result, 1)
			select {
			case order <- to:
			case <-ctx.Done():
				return ctx.Err()
			}
			jobs <- job{line, to}
		}
	})
	for range workers {
		group.Go(func() error {
			for j := range jobs {
				text, err := fn(j.line)
				j.to <- result{text, err}
			}
			return nil
		})
	}
	group.Go(func() error {
		buffered := bufio.NewWriterSize(out, 1<<20)
		number := 0
		for to := range order {
			r := <-to
			number++
			done()
			if r.err != nil {
				refused++
				fmt.Fprintf(os.Stderr, "line %d: %v\n", number, r.err)
				continue
			}
			if _, err := buffered.Write(append(r.text, '\n')); err != nil {
				return fmt.Errorf("writing: %w", err)
			}
		}
		if err := buffered.Flush(); err != nil {
			return fmt.Errorf("writing: %w", err)
		}
		return nil
	})
	err = group.Wait()
	return refused, err
}

// readLine reads one line without its end; io.EOF only where nothing was left.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxLine:
			return nil, fmt.Errorf("longer than %d MB", maxLine>>20)
		case err == nil:
			return line[:len(line)-1], nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(line) > 0:
			return line, nil
		default:
			return nil, err
		}
	}
}

// openInput opens a file to read; "-" and "" are standard input. size is -1 where it is not known.
func openInput(name string) (in io.ReadCloser, size int64, err error) {
	if name == "" || name == "-" {
		return io.NopCloser(os.Stdin), -1, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, info.Size(), nil
}
