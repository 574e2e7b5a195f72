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

// Duty is what somebody signed in must do before anything else; their actor may do nothing until then.
type Duty string

// The duties.
const (
	ChangePassword  Duty = "change_password"
	SetSecondFactor Duty = "set_second_factor"
)

type dutyKey struct{}

// WithDuty returns a context that carries a duty.
func WithDuty(ctx context.Context, d Duty) context.Context {
	return context.WithValue(ctx, dutyKey{}, d)
}

// DutyOf is the duty that the context carries; empty where there is none.
func DutyOf(ctx context.Context) Duty {
	d, _ := ctx.Value(dutyKey{}).(Duty)
	return d
}
