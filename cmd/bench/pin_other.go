//go:build !linux

package main

import "github.com/shmath/shmath/internal/spawn"

func pair() (home, away int, err error) { return 0, 0, spawn.ErrUnsupported }

func pin(int) (release func() error, err error) { return nil, spawn.ErrUnsupported }

func onCPU(_ int, f func(err error)) { go f(spawn.ErrUnsupported) }
