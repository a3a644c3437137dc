//go:build !linux

package arena

import "os"

// allocateFile takes size bytes of disk for f, so that no later store can fail.
func allocateFile(f *os.File, size int64) error { return writeZeros(f, size) }
