//go:build linux || darwin

package main

import (
	"errors"
	"os"
	"syscall"
)

// exclusive holds a lock file until end is called or the process dies, whichever comes first. Whoever holds it already is an error.
func exclusive(name string) (end func() error, err error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() error { return errors.Join(os.Remove(name), file.Close()) }, nil
}
