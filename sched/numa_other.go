//go:build !linux

package sched

const pageBytes = 4096

func pagesBefore([]byte) int { return 0 }

func preferNode([]byte, int, bool) error { return nil }
