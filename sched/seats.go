package sched

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/shmath/shmath/internal/topology"
)

// seat is a place for one worker: CPUs of which it takes one, the best first.
type seat []int

// least returns the CPU that fewest workers have, on the core that fewest have.
func (s seat) least(load, cores []int) int {
	return slices.MinFunc(s, func(a, b int) int {
		return cmp.Or(cmp.Compare(load[a], load[b]), cmp.Compare(cores[a], cores[b]))
	})
}

// best returns the seat that the next worker takes: one with a free CPU, where this pool has no worker yet, and others
// have none either; the first of these.
func best(seats []seat, mine, load, cores []int) int {
	rank := func(i int) [3]int {
		cpu := seats[i].least(load, cores)
		return [3]int{load[cpu], mine[i], cores[cpu]}
	}
	at, lowest := 0, rank(0)
	for i := 1; i < len(seats); i++ {
		if r := rank(i); slices.Compare(r[:], lowest[:]) < 0 {
			at, lowest = i, r
		}
	}
	return at
}

// coreLoads returns for each CPU how many workers its core has.
func coreLoads(t *topology.Topology, uses []int) []int {
	loads := slices.Clone(uses)
	for _, c := range t.Cores {
		sum := 0
		for _, cpu := range c.CPUs.List() {
			sum += uses[cpu]
		}
		for _, cpu := range c.CPUs.List() {
			loads[cpu] = sum
		}
	}
	return loads
}

// byNeighbourhood sorts by where CPUs are: neighbours in the list are neighbours in the machine.
func byNeighbourhood[T any](t *topology.Topology, list []T, cpu func(T) int) {
	slices.SortStableFunc(list, func(x, y T) int {
		a, b := t.At(cpu(x)), t.At(cpu(y))
		return cmp.Or(cmp.Compare(a.Package, b.Package), cmp.Compare(a.Node, b.Node), cmp.Compare(a.L3, b.L3),
			cmp.Compare(a.L2, b.L2), cmp.Compare(a.Core, b.Core), cmp.Compare(cpu(x), cpu(y)))
	})
}

// seats returns the places that a policy finds, in the order in which they are taken, and says what they are.
func seats(t *topology.Topology, policy Placement, usable topology.Set) ([]seat, string, error) {
	what := "core"
	if policy == PerformanceCores {
		if usable = usable.And(fastest(t)); usable.Len() == 0 {
			return nil, "", fmt.Errorf("%w: PerformanceCores: the fastest cores have CPUs %s, this process may run on %s",
				ErrCPU, fastest(t), t.Allowed)
		}
		what = "performance core"
	}
	cpus := usable.List()
	byNeighbourhood(t, cpus, func(cpu int) int { return cpu })
	thread := threadRanks(t, cpus)
	key := func(cpu int) int { return t.At(cpu).Core }
	switch policy {
	case PerThread, Compact:
		key, what = func(int) int { return -1 }, "hardware thread"
	case PerL3:
		key, what = func(cpu int) int { return t.At(cpu).L3 }, "third level cache"
	case PerNode:
		key, what = func(cpu int) int { return t.At(cpu).Node }, "NUMA node"
	}
	list := group(cpus, key)
	for _, s := range list {
		slices.SortStableFunc(s, func(a, b int) int { return cmp.Compare(thread[a], thread[b]) })
	}
	reason := fmt.Sprintf("one worker for each %s; there are %d in CPUs %s", what, len(list), usable)
	switch policy {
	case PerThread:
		slices.SortStableFunc(list, func(a, b seat) int { return cmp.Compare(thread[a[0]], thread[b[0]]) })
	case Spread:
		distant(t, list)
		reason += ", those far from each other first"
	case Compact:
		reason += ", those next to each other first"
	}
	return list, reason, nil
}

// group puts CPUs with the same key together, in the order of their first ones. Those with key -1 stand alone.
func group(cpus []int, key func(cpu int) int) []seat {
	var list []seat
	index := make(map[int]int)
	for _, cpu := range cpus {
		k := key(cpu)
		i, known := index[k]
		if !known || k < 0 {
			i = len(list)
			index[k] = i
			list = append(list, nil)
		}
		list[i] = append(list[i], cpu)
	}
	return list
}

// threadRanks returns how many threads of its core come before each CPU.
func threadRanks(t *topology.Topology, cpus []int) map[int]int {
	ranks, seen := make(map[int]int), make(map[int]int)
	for _, cpu := range cpus {
		if core := t.At(cpu).Core; core >= 0 {
			ranks[cpu] = seen[core]
			seen[core]++
		}
	}
	return ranks
}

// distant sorts seats so that any first few are as far apart as they can be: one in each package, then in each node of
// each package, each third level cache of each node, and at last each core of each cache.
func distant(t *topology.Topology, list []seat) {
	type level struct{ pkg, node, cache int }
	nodes, caches, cores := make(map[level]int), make(map[level]int), make(map[level]int)
	inPackage, inNode := make(map[int]int), make(map[level]int)
	ranks := make(map[int][3]int)
	for _, s := range list {
		at := t.At(s[0])
		node, cache := level{at.Package, at.Node, -1}, level{at.Package, at.Node, at.L3}
		if _, known := nodes[node]; !known {
			nodes[node] = inPackage[at.Package]
			inPackage[at.Package]++
		}
		if _, known := caches[cache]; !known {
			caches[cache] = inNode[node]
			inNode[node]++
		}
		ranks[s[0]] = [3]int{cores[cache], caches[cache], nodes[node]}
		cores[cache]++
	}
	slices.SortStableFunc(list, func(a, b seat) int {
		x, y := ranks[a[0]], ranks[b[0]]
		return slices.Compare(x[:], y[:])
	})
}

// fastest returns the CPUs of the fastest kind of cores: all, if cores are alike. Kinds that differ in frequency alone
// are different only where neither type nor capacity is told.
func fastest(t *topology.Topology) topology.Set {
	if len(t.Kinds) == 0 {
		return t.Online
	}
	top := t.Kinds[len(t.Kinds)-1]
	set := top.CPUs
	for _, k := range t.Kinds {
		if (k.Name != "" || k.Capacity != 0) && k.Name == top.Name && k.Capacity == top.Capacity {
			set = set.Or(k.CPUs)
		}
	}
	return set
}
