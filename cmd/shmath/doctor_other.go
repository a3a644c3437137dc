//go:build !linux

package main

import "github.com/shmath/shmath/shm"

func gather() (*facts, error) { return nil, shm.ErrUnsupported }
