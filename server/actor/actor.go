// Package actor carries who asks through a request's context.
package actor

import (
	"context"

	"github.com/tarozi/tarozi"
)

type key struct{}

// With returns a context that carries the actor.
func With(ctx context.Context, a tarozi.Actor) context.Context {
	return context.WithValue(ctx, key{}, a)
}

// From is the actor that the context carries; false where nobody is signed in. The zero Actor may do nothing.
func From(ctx context.Context) (tarozi.Actor, bool) {
	a, ok := ctx.Value(key{}).(tarozi.Actor)
	return a, ok
}
