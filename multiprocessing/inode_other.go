//go:build !linux

package multiprocessing

import "github.com/shmath/shmath/shm"

func inodeOf(string) (uint64, error) { return 0, shm.ErrUnsupported }
