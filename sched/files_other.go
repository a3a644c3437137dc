//go:build !linux

package sched

import (
	"os"

	"github.com/shmath/shmath/shm"
)

func fileIdentity(f *os.File) (identity, error) { return identity{}, shm.ErrUnsupported }

func executableIdentity() uint64 { return 0 }
