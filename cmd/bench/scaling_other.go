//go:build !linux

package main

import "github.com/shmath/shmath/shm"

func sharedRoom() int { return shm.MachineMemory() / 4 }

func segmentRoom() (most int, limit string) { return 0, "shared memory is for Linux" }
