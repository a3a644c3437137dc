package main

import (
	"strings"
	"testing"

	"github.com/shmath/shmath/cmd/bench/result"
)

func TestTargets_AreHeldAgainstTheBest(t *testing.T) {
	at := func(name string, median float64) result.Contender {
		return result.Contender{Name: "impl=" + name, Summary: result.Summary{Median: median}}
	}
	d := &result.Document{Contests: []result.Contest{
		{Suite: "ring", Name: "Stream/size=64", Contenders: []result.Contender{
			at("memcpy", 1), at("spsc", 10), at("c-lamport", 40), at("c-slot", 8), at("c-rigtorp-style", 60)}},
		{Suite: "other", Name: "Stream/size=8", Contenders: []result.Contender{at("spsc-span", 1), at("c-slot", 8)}},
	}}
	want := []string{
		"target missed: Stream/size=64/spsc is 0.80 times as fast as the best ring in C (impl=c-slot); at least 1.00 is wanted",
		"target met: Stream/size=64/spsc is 6.00 times as fast as Rigtorp's ring (impl=c-rigtorp-style); at least 5.00 is wanted",
	}
	if got := targets(d); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A target that names a contender which nobody has would never be told of.
func TestTargets_NameWhatTakesPart(t *testing.T) {
	ours := ringDuels()
	names := map[string]bool{}
	for _, d := range ours {
		names[d.name] = true
	}
	for _, r := range ringPrograms {
		for _, k := range r.cases {
			for _, d := range k.beside(ours, &program{}) {
				names[d.name] = true
			}
		}
	}
	for _, g := range ringTargets {
		for _, one := range append([]string{g.ours}, g.theirs...) {
			if !names[g.contest+"/impl="+one] {
				t.Errorf("%s has no contender %s", g.contest, one)
			}
		}
	}
}
