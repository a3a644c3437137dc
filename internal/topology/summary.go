package topology

// Summary counts what a process may use, the way hwloc does: packages with a CPU or a node that is allowed, and all
// else with an allowed CPU; nodes that are allowed. The names are those of shmath topo --json.
type Summary struct {
	Packages  int      `json:"packages"`
	NUMANodes int      `json:"numa_nodes"`
	Dies      int      `json:"dies"` // of packages that have more than one
	L3Groups  int      `json:"l3_groups"`
	L2Groups  int      `json:"l2_groups"`
	Cores     int      `json:"cores"`
	PUs       int      `json:"pus"`
	SMT       []string `json:"smt_sibling_sets"` // the allowed threads of each core
	L3        []string `json:"l3_sets"`
	L2        []string `json:"l2_sets"`
	Package   []string `json:"package_sets"`
	PUList    string   `json:"pu_list"`
}

// Summary counts what the process may use.
func (t *Topology) Summary() Summary { return t.summary(t.Allowed, t.AllowedNodes) }

func (t *Topology) summary(allowed, nodes Set) Summary {
	s := Summary{PUs: allowed.Len(), PUList: allowed.String(), SMT: []string{}, L3: []string{}, L2: []string{}, Package: []string{}}
	memory := Set{} // CPUs whose node is allowed
	for _, n := range t.Nodes {
		if nodes.Has(n.ID) {
			s.NUMANodes++
			memory = memory.Or(n.CPUs)
		}
	}
	for _, p := range t.Packages {
		if p.CPUs.And(allowed.Or(memory)).Len() > 0 {
			s.Package = append(s.Package, p.CPUs.And(allowed).String())
		}
	}
	within := func(cpus Set, sets *[]string) {
		if both := cpus.And(allowed); both.Len() > 0 {
			*sets = append(*sets, both.String())
		}
	}
	for _, c := range t.Cores {
		within(c.CPUs, &s.SMT)
	}
	for _, c := range t.L3 {
		within(c.CPUs, &s.L3)
	}
	for _, c := range t.L2 {
		within(c.CPUs, &s.L2)
	}
	var dies []string
	for _, d := range t.Dies {
		within(d.CPUs, &dies)
	}
	s.Packages, s.Cores, s.L3Groups, s.L2Groups, s.Dies = len(s.Package), len(s.SMT), len(s.L3), len(s.L2), len(dies)
	return s
}
