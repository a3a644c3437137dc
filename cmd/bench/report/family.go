package report

import (
	"slices"
	"strconv"
	"strings"

	"github.com/shmath/shmath/cmd/bench/result"
)

// part is key=value of a name.
type part struct{ key, value string }

// parts splits a name; what is no key=value has an empty key.
func parts(name string) []part {
	var list []part
	for p := range strings.SplitSeq(name, "/") {
		key, value, ok := strings.Cut(p, "=")
		if !ok {
			key, value = "", p
		}
		list = append(list, part{key, value})
	}
	return list
}

// without is the name without one of its keys.
func without(name, key string) string {
	var kept []string
	for p := range strings.SplitSeq(name, "/") {
		if !strings.HasPrefix(p, key+"=") {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "/")
}

// label is a name as a reader likes it: values, and keys where the value is a number.
func label(name string) string {
	var words []string
	for _, p := range parts(name) {
		if _, numeric := number(p.value); numeric && p.key != "" {
			words = append(words, p.key+" "+p.value)
		} else {
			words = append(words, p.value)
		}
	}
	return strings.Join(words, ", ")
}

var suffixes = []struct {
	name   string
	factor float64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}, {"k", 1e3}, {"M", 1e6}}

// number reads 4096, 4KiB and the like.
func number(s string) (float64, bool) {
	for _, u := range suffixes {
		if text, ok := strings.CutSuffix(s, u.name); ok {
			v, err := strconv.ParseFloat(text, 64)
			return v * u.factor, err == nil
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}

// levels are where data may lie; they are an axis too.
var levels = []string{"L1", "L2", "L3", "memory"}

// coordinate is a value on an axis: a number, or the rank of a level.
func coordinate(key, value string) (float64, bool) {
	if key == "level" {
		i := slices.Index(levels, value)
		return float64(i), i >= 0
	}
	return number(value)
}

// common is what the names of all contests of a suite begin with, as Kernel/; empty where they differ.
func common(d *result.Document, suite string) string {
	first, n := "", 0
	for i := range d.Contests {
		if c := &d.Contests[i]; c.Suite == suite {
			work, _, more := strings.Cut(c.Name, "/")
			if n++; !more || n > 1 && work+"/" != first {
				return ""
			}
			first = work + "/"
		}
	}
	if n == 1 {
		return ""
	}
	return first
}

// family is contests that differ in one numeric value, ascending; or a single one.
type family struct {
	suite, name string
	title       string // of a figure: the name without what all of the suite begin with
	axis        string // the key of that value; empty for a single contest
	at          []float64
	contests    []*result.Contest
}

// families groups the contests of a document, in its order.
func families(d *result.Document) []*family {
	type group struct{ suite, rest, key string }
	count := map[group]int{}
	each := func(k *result.Contest, f func(g group, at float64)) {
		for _, p := range parts(k.Name) {
			if v, ok := coordinate(p.key, p.value); ok && p.key != "" {
				f(group{k.Suite, without(k.Name, p.key), p.key}, v)
			}
		}
	}
	for i := range d.Contests {
		each(&d.Contests[i], func(g group, _ float64) { count[g]++ })
	}
	var all []*family
	known := map[group]*family{}
	for i := range d.Contests {
		k := &d.Contests[i]
		best, at := group{}, 0.0
		each(k, func(g group, v float64) {
			if count[g] > 1 && count[g] > count[best] {
				best, at = g, v
			}
		})
		if best.key == "" {
			all = append(all, &family{suite: k.Suite, name: k.Name, contests: []*result.Contest{k}})
			continue
		}
		f := known[best]
		if f == nil {
			f = &family{suite: k.Suite, name: best.rest, axis: best.key}
			known[best], all = f, append(all, f)
		}
		where, _ := slices.BinarySearch(f.at, at)
		f.at, f.contests = slices.Insert(f.at, where, at), slices.Insert(f.contests, where, k)
	}
	for _, g := range all {
		g.title = label(strings.TrimPrefix(g.name, common(d, g.suite)))
	}
	return all
}

// suitesOf lists the suites of a document, in its order.
func suitesOf(d *result.Document) []string {
	var all []string
	for i := range d.Contests {
		if s := d.Contests[i].Suite; !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// peerName is a peer without its version: gonum v0.17.0 is gonum, go1.26.1 is Go.
func peerName(peer string) string {
	if strings.HasPrefix(peer, "go1.") || strings.HasPrefix(peer, "devel go") {
		return "Go"
	}
	words := strings.Fields(peer)
	if len(words) > 0 && strings.EqualFold(words[0], "NumPy") {
		return "NumPy" // as package managers write it, too
	}
	for i, w := range words {
		if i > 0 && strings.ContainsAny(strings.TrimPrefix(w, "v")[:1], "0123456789") {
			return strings.Join(words[:i], " ")
		}
	}
	return peer
}
