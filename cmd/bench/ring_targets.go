package main

import (
	"fmt"
	"slices"

	"github.com/shmath/shmath/cmd/bench/result"
)

// target is how many times as fast as the best of some contenders one of ours shall be, in the same run.
type target struct {
	contest, ours string
	what          string
	theirs        []string
	least         float64
}

var (
	oneAtATime = []string{"c-lamport", "c-lamport-backoff", "c-slot"}
	inPlace    = []string{"c-claim", "c-claim-batch"}
)

var ringTargets = []target{
	{"Stream/size=64", "spsc", "the best ring in C", append([]string{"c-lamport-batch"}, oneAtATime...), 1},
	{"Stream/size=64", "spsc", "Rigtorp's ring", []string{"c-rigtorp-style"}, 5},
	{"Stream/size=8", "spsc-span", "C, one message at a time", oneAtATime, 1.3},
	{"Stream/size=64", "record", "C in place", inPlace, 0.85},
	{"Stream/size=1024", "record", "C in place", inPlace, 0.9},
	{"Stream/size=65536", "record", "C in place", inPlace, 0.8},
	{"RoundTrip/size=8/wait=spin", "spsc", "two bare lines in C", []string{"c-two-lines"}, 1 / 1.05},
	{"RoundTrip/size=8/wait=sleep", "spsc", "a bare futex", []string{"futex"}, 1},
}

// sentence says how far the target is met; nothing where one of the sides did not take part.
func (t *target) sentence(d *result.Document) string {
	for i := range d.Contests {
		k := &d.Contests[i]
		if k.Suite != "ring" || k.Name != t.contest {
			continue
		}
		ours := k.Best(func(c *result.Contender) bool { return c.Name == "impl="+t.ours })
		theirs := k.Best(func(c *result.Contender) bool {
			return slices.ContainsFunc(t.theirs, func(name string) bool { return c.Name == "impl="+name })
		})
		if ours == nil || theirs == nil || ours.Median == 0 {
			return ""
		}
		ratio, verdict := theirs.Median/ours.Median, "met"
		if ratio < t.least {
			verdict = "missed"
		}
		return fmt.Sprintf("target %s: %s/%s is %.2f times as fast as %s (%s); at least %.2f is wanted",
			verdict, t.contest, t.ours, ratio, t.what, theirs.Name, t.least)
	}
	return ""
}

// targets are the sentences of all targets that this run can tell of.
func targets(d *result.Document) (all []string) {
	for i := range ringTargets {
		if s := ringTargets[i].sentence(d); s != "" {
			all = append(all, s)
		}
	}
	return all
}
