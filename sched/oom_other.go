//go:build !linux

package sched

func volunteer() {}
