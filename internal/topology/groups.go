package topology

import (
	"fmt"
	"strconv"
	"strings"
)

// groups finds cores, packages and dies. The files of a CPU that is in a group already are not read: on large machines
// that is most of the time.
func (l *loader) groups() {
	for _, cpu := range l.t.Online.List() {
		at, dir := &l.t.at[cpu], fmt.Sprintf("%scpu%d/topology/", cpuDir, cpu)
		if at.Core < 0 {
			l.core(cpu, dir)
		}
		if at.Package < 0 {
			l.gather(&l.t.Packages, cpu, l.mask(dir+"package_cpus", dir+"core_siblings"), dir+"physical_package_id",
				func(at *Location) *int { return &at.Package })
		}
		if at.Die < 0 {
			l.die(cpu, dir)
		}
	}
}

// core finds the core whose first thread cpu is.
func (l *loader) core(cpu int, dir string) {
	threads := l.mask(dir+"core_cpus", dir+"thread_siblings")
	if threads.Len() > 1 && !l.oneCore(threads.List()) {
		threads = SetOf(cpu)
	}
	l.gather(&l.t.Cores, cpu, threads, dir+"core_id", func(at *Location) *int { return &at.Core })
}

// oneCore reports whether siblings are threads of one core, and not cores that share units.
func (l *loader) oneCore(threads []int) bool {
	id := func(cpu int) string { return l.text(fmt.Sprintf("%scpu%d/topology/core_id", cpuDir, cpu)) }
	return id(threads[0]) == id(threads[1])
}

// die finds the die whose first CPU is cpu, if its package has others.
func (l *loader) die(cpu int, dir string) {
	cpus := l.mask(dir + "die_cpus")
	if p := l.t.at[cpu].Package; p >= 0 && l.t.Packages[p].CPUs.Equal(cpus) || l.number(dir+"die_id", -1) < 0 {
		return
	}
	l.gather(&l.t.Dies, cpu, cpus, dir+"die_id", func(at *Location) *int { return &at.Die })
}

// gather adds a group of which cpu is the first member, and notes it in the location of all its members.
func (l *loader) gather(groups *[]Group, cpu int, cpus Set, idFile string, index func(at *Location) *int) {
	if cpus.First() != cpu {
		return
	}
	for _, c := range cpus.List() {
		*index(&l.t.at[c]) = len(*groups)
	}
	*groups = append(*groups, Group{ID: l.number(idFile, -1), CPUs: cpus})
}

// caches finds second and third level caches, from the first thread of each core.
func (l *loader) caches() {
	for _, cpu := range l.t.Online.List() {
		at := l.t.at[cpu]
		if at.Core >= 0 && l.t.Cores[at.Core].CPUs.First() != cpu || at.L2 >= 0 && at.L3 >= 0 {
			continue
		}
		dir := fmt.Sprintf("%scpu%d/cache/", cpuDir, cpu)
		for _, i := range l.numbered(dir, "index") {
			index := dir + "index" + strconv.Itoa(i) + "/"
			switch level := l.text(index + "level"); {
			case level == "2" && at.L2 < 0:
				l.cache(&l.t.L2, cpu, index, func(at *Location) *int { return &at.L2 })
			case level == "3" && at.L3 < 0:
				l.cache(&l.t.L3, cpu, index, func(at *Location) *int { return &at.L3 })
			}
		}
	}
}

func (l *loader) cache(caches *[]Cache, cpu int, dir string, index func(at *Location) *int) {
	cpus := l.mask(dir + "shared_cpu_map")
	if c := l.t.at[cpu].Core; c >= 0 && cpus.Len() == 0 && l.text(dir+"shared_cpu_map") != "" {
		cpus = l.t.Cores[c].CPUs // Itanium kernels write an empty mask
	}
	if cpus.First() != cpu || l.text(dir+"type") == "Instruction" {
		return
	}
	for _, c := range cpus.List() {
		*index(&l.t.at[c]) = len(*caches)
	}
	kib, _ := strconv.Atoi(strings.TrimSuffix(l.text(dir+"size"), "K"))
	*caches = append(*caches, Cache{CPUs: cpus, Bytes: kib << 10})
}
