package topology

import (
	"cmp"
	"fmt"
	"slices"
)

// Kind is one sort of cores of a hybrid machine.
type Kind struct {
	Name     string // the kernel's word for it, as cpu_core; may be empty
	Capacity int    // relative computing power, 1024 is the fastest (cpu_capacity); 0 if unknown
	MHz      int    // base frequency, or the highest when there is no base; 0 if unknown
	CPUs     Set
}

// coreTypes are the performance monitoring units by which x86 kernels tell cores of a hybrid processor apart, the
// slowest first.
var coreTypes = [...]string{"cpu_lowpower", "cpu_atom", "cpu_core"}

// boost is the ratio of highest frequencies up to which cores are taken for the same kind: cores of one kind differ by
// a few hundred MHz, because the maker lets the best of them run faster.
const boost = 1.2

// kinds sorts the cores. They are of one kind if core type, capacity and base frequency agree; the highest frequency is
// asked for only where none of these is told.
func (l *loader) kinds() {
	type mark struct{ coreType, capacity, base, most int }
	types := make([]Set, len(coreTypes))
	for i, name := range coreTypes {
		types[i] = l.set("sys/devices/" + name + "/cpus").And(l.t.Online)
	}
	marks := make(map[mark]Set)
	var order []mark
	for _, cpu := range l.t.Online.List() {
		threads := SetOf(cpu)
		if c := l.t.at[cpu].Core; c >= 0 {
			if threads = l.t.Cores[c].CPUs; threads.First() != cpu {
				continue
			}
		}
		dir := fmt.Sprintf("%scpu%d/", cpuDir, cpu)
		m := mark{coreType: slices.IndexFunc(types, func(s Set) bool { return s.Has(cpu) })}
		m.capacity = l.number(dir+"cpu_capacity", 0)
		if m.base = l.number(dir+"cpufreq/base_frequency", 0) / 1000; m.base == 0 && m.capacity == 0 && m.coreType < 0 {
			m.most = l.number(dir+"cpufreq/cpuinfo_max_freq", 0) / 1000
		}
		if m == (mark{coreType: -1}) {
			continue // nothing is told
		}
		if _, known := marks[m]; !known {
			order = append(order, m)
		}
		marks[m] = marks[m].Or(threads)
	}
	slices.SortFunc(order, func(a, b mark) int {
		return cmp.Or(cmp.Compare(a.coreType, b.coreType), cmp.Compare(a.capacity, b.capacity),
			cmp.Compare(a.base, b.base), cmp.Compare(a.most, b.most))
	})
	var slowest int // highest frequency of the slowest cores of the kind
	for i, m := range order {
		if i > 0 && m.most > 0 && slowest > 0 && float64(m.most) < boost*float64(slowest) {
			last := &l.t.Kinds[len(l.t.Kinds)-1]
			last.CPUs, last.MHz = last.CPUs.Or(marks[m]), m.most
			continue
		}
		slowest = m.most
		k := Kind{Capacity: m.capacity, MHz: max(m.base, m.most), CPUs: marks[m]}
		if m.coreType >= 0 {
			k.Name = coreTypes[m.coreType]
		}
		l.t.Kinds = append(l.t.Kinds, k)
	}
	for i, k := range l.t.Kinds {
		for _, cpu := range k.CPUs.List() {
			l.t.at[cpu].Kind = i
		}
	}
}
