package api

import (
	"context"
	"time"

	"github.com/tarozi/tarozi"
)

// A body, or a line of a batch, takes some twenty times its size while it is read, checked and stored. Large ones are worked on
// few at a time; small ones never wait for them.
const (
	largeBody = 1 << 20         // bytes above which a body is large
	maxLarge  = 3               // worked on at once
	largeWait = 5 * time.Second // until one that finds no place is refused
)

// places bounds how many large bodies are worked on at once.
type places struct {
	taken chan struct{}
	wait  time.Duration
}

func newPlaces(n int, wait time.Duration) places { return places{make(chan struct{}, n), wait} }

// take waits for a place for a body of so many bytes; release gives it back, once. The error, Unavailable, is for one that found
// none in time. A body takes its place once it is read, so that whoever sends slowly keeps none.
func (p places) take(ctx context.Context, size int) (release func(), err error) {
	if size <= largeBody {
		return func() {}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, p.wait)
	defer cancel()
	select {
	case p.taken <- struct{}{}:
		return func() { <-p.taken }, nil
	case <-ctx.Done():
		return nil, tarozi.Wrap(tarozi.Unavailable, ctx.Err(), "many large requests are under way and this one was not stored: send it again shortly, or in parts")
	}
}
