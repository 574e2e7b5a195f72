package scoring

import (
	"errors"
	"sync/atomic"

	"github.com/tarozi/tarozi/explain"
)

// Checks counts the contribution checks of the assessments and shadow scores that a process made. Where one fails there is no score.
// A nil one counts nothing. It is safe for concurrent use.
type Checks struct{ passed, failed atomic.Uint64 }

// Passed is the number of evaluations whose every score its contributions sum to.
func (c *Checks) Passed() uint64 {
	if c == nil {
		return 0
	}
	return c.passed.Load()
}

// Failed is the number of evaluations that gave no score because contributions did not sum to it.
func (c *Checks) Failed() uint64 {
	if c == nil {
		return 0
	}
	return c.failed.Load()
}

// count notes what came of an evaluation; one that was refused for another reason had no check.
func (c *Checks) count(err error) {
	switch {
	case c == nil:
	case err == nil:
		c.passed.Add(1)
	case errors.Is(err, explain.ErrOff):
		c.failed.Add(1)
	}
}
