//go:build linux || darwin

package store

import (
	"path/filepath"
	"syscall"
)

// roomAt is how many bytes of the file's disk its owner may still use.
func roomAt(file string) (free uint64, known bool) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(file), &disk); err != nil {
		return 0, false
	}
	return disk.Bavail * uint64(disk.Bsize), true
}
