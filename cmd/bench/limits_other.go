//go:build !linux

package main

import "github.com/shmath/shmath/internal/topology"

// What the operating system does is measured on Linux alone.

func wakes(*config, *topology.Topology) error        { return nil }
func firstTouches(*config, *topology.Topology) error { return nil }
func execs(*config, *topology.Topology) error        { return nil }
