package result

import (
	"slices"

	"golang.org/x/perf/benchmath"
)

// Change is one contender in two documents.
type Change struct {
	Suite, Contest, Contender, Unit string
	Ours                            bool
	Old, New                        float64 // medians
	Factor                          float64 // New over Old
	P                               float64 // that both are alike, by the U test of Mann and Whitney
	Sure                            bool    // P is below 0.05
}

// Compared is what two documents have in common, and what not.
type Compared struct {
	Changes          []Change
	OldOnly, NewOnly []string // suite, contest and contender
	Mean             float64  // of the factors of ours: geometric
}

// key names a contender in a document.
func key(c *Contest, k *Contender) string { return c.Suite + " " + c.Name + "/" + k.Name }

// Compare compares each contender with itself in another document, as benchstat does.
func Compare(before, after *Document) *Compared {
	type figure struct {
		contest   *Contest
		contender *Contender
	}
	find := func(d *Document) (all map[string]figure, order []string) {
		all = map[string]figure{}
		for i := range d.Contests {
			for j := range d.Contests[i].Contenders {
				f := figure{&d.Contests[i], &d.Contests[i].Contenders[j]}
				name := key(f.contest, f.contender)
				if _, twice := all[name]; !twice {
					order = append(order, name)
				}
				all[name] = f
			}
		}
		return all, order
	}
	olds, order := find(before)
	news, newOrder := find(after)
	out := &Compared{}
	var ours []float64
	for _, name := range order {
		a := olds[name]
		b, both := news[name]
		if !both {
			out.OldOnly = append(out.OldOnly, name)
			continue
		}
		c := change(a.contest, a.contender, b.contender)
		out.Changes = append(out.Changes, c)
		if c.Ours && c.Factor > 0 {
			ours = append(ours, c.Factor)
		}
	}
	for _, name := range newOrder {
		if _, both := olds[name]; !both {
			out.NewOnly = append(out.NewOnly, name)
		}
	}
	out.Mean = GeometricMean(ours)
	return out
}

func change(k *Contest, before, after *Contender) Change {
	sample := func(of *Contender) *benchmath.Sample {
		return benchmath.NewSample(slices.Clone(of.Rounds), &benchmath.DefaultThresholds)
	}
	test := benchmath.AssumeNothing.Compare(sample(before), sample(after))
	return Change{Suite: k.Suite, Contest: k.Name, Contender: before.Name, Unit: k.Unit, Ours: before.Ours(), Old: before.Median, New: after.Median,
		Factor: ratio(after.Median, before.Median), P: test.P, Sure: test.P < test.Alpha}
}

// Worse are the changes of ours for the worse that are no chance and more than a threshold: 0.05 is 5 %.
func (c *Compared) Worse(threshold float64) []Change {
	var all []Change
	for _, k := range c.Changes {
		if k.Ours && k.Sure && k.Factor > 1+threshold {
			all = append(all, k)
		}
	}
	return all
}
