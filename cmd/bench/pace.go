package main

import "time"

// The whole takes a known time: each suite has a share of it, and a suite that is late takes fewer rounds from there on.
// What that costs is seen: intervals are wider, and their level is stated.

const (
	timeFull  = 9 * time.Minute
	timeQuick = 50 * time.Second
)

// shares are parts of the time, for suites with more contests than most.
var shares = map[string]int{"kernels": 8, "ring": 6, "blas": 6, "scaling": 6, "multiprocessing": 4, "sync": 3, "limits": 3, "faults": 2, "fft": 2, "parallel": 3, "expr": 2}

func shareOf(suite string) int { return max(1, shares[suite]) }

// pace is how long the suite that runs may take.
type pace struct {
	began time.Time
	share time.Duration
}

// newPace divides what is left of the whole between a suite and those that follow it.
func newPace(left time.Duration, suite string, following []string) pace {
	sum := shareOf(suite)
	for _, s := range following {
		sum += shareOf(s)
	}
	return pace{time.Now(), max(0, left) * time.Duration(shareOf(suite)) / time.Duration(sum)}
}

// rounds is how many a contest may take now, from least to most.
func (p *pace) rounds(most, least int) int {
	switch late := time.Since(p.began); {
	case p.share == 0 || late < p.share*3/4:
		return most
	case late < p.share:
		return min(most, roundsSure)
	}
	return min(most, least)
}
