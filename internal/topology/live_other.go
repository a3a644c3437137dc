//go:build !linux

package topology

import "runtime"

// Live returns as many cores as the runtime counts, in one package: other systems are not read.
func Live() (*Topology, error) {
	all, _ := Affinity()
	t := &Topology{Online: all, Allowed: all, AllowedNodes: SetOf(0), Packages: []Group{{CPUs: all}}, Nodes: []Node{{CPUs: all}}}
	for _, cpu := range all.List() {
		t.Cores = append(t.Cores, Group{ID: cpu, CPUs: SetOf(cpu)})
		t.at = append(t.at, Location{Die: -1, L3: -1, L2: -1, Core: cpu, Kind: -1})
	}
	return t, nil
}

// Affinity returns the CPUs that the runtime counts.
func Affinity() (Set, error) {
	var s Set
	for cpu := range runtime.NumCPU() {
		s.Add(cpu)
	}
	return s, nil
}
