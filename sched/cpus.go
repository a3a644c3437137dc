package sched

import (
	"fmt"
	"slices"

	"github.com/shmath/shmath/internal/spawn"
	"github.com/shmath/shmath/internal/topology"
)

// Plan says on which CPUs the workers of a pool live, and why.
type Plan struct {
	Workers []Place
	Why     []string // sentences, the most important first

	at    []where // of each worker
	nodes nodeMap
}

// Place is where a worker lives.
type Place struct {
	CPU    int  // -1: not pinned
	Shared bool // a worker of another pool was there first
}

// CPUs returns the CPU of each worker.
func (p *Plan) CPUs() []int {
	cpus := make([]int, len(p.Workers))
	for i, w := range p.Workers {
		cpus[i] = w.CPU
	}
	return cpus
}

// Shared returns the CPUs that are shared with workers of other pools, ascending.
func (p *Plan) Shared() []int {
	var s topology.Set
	for _, w := range p.Workers {
		if w.Shared {
			s.Add(w.CPU)
		}
	}
	return s.List()
}

// NewPlan says what Start would do with these options now, and starts nothing. With root it does so for another machine,
// whose sys and proc lie in that folder and on which nobody else works; the empty string is this machine.
//
// Errors: [ErrCPU]; an option that is out of bounds; a folder that holds no machine.
func NewPlan(opts *Options, root string) (*Plan, error) {
	o, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	if root != "" {
		t, err := topology.LoadDir(root)
		if err != nil {
			return nil, err
		}
		return o.choose(t, make([]int, cpusOf(t)))
	}
	t, err := topology.Live()
	if err != nil {
		return nil, err
	}
	c := openClaims()
	defer c.close()
	return o.choose(t, c.uses(cpusOf(t)))
}

// ClaimedCPUs returns the CPUs on which pools of this user have workers now, ascending.
func ClaimedCPUs() ([]int, error) {
	t, err := topology.Live()
	if err != nil {
		return nil, err
	}
	c := openClaims()
	defer c.close()
	var claimed []int
	for cpu, n := range c.uses(cpusOf(t)) {
		if n > 0 {
			claimed = append(claimed, cpu)
		}
	}
	return claimed, nil
}

// claimTries bounds how often Start chooses again because another program was faster: each time it has fewer CPUs to
// choose from, so it ends on any machine that has fewer CPUs.
const claimTries = 1 << 10

// place chooses the CPU of each worker and claims them, so that no other pool of this user pins to them while there are
// others. The claims end when they are closed, or with this process.
//
// The plan has a place for each worker that the pool may ever have; with so many of them it begins.
func (o Options) place() (p *Plan, begin int, c *claims, err error) {
	t, err := topology.Live()
	if err != nil {
		return nil, 0, nil, err
	}
	if o.Backend == InProcess || o.Placement == Unpinned && len(o.CPUs) == 0 {
		p, begin, err = o.chooseAll(t, make([]int, cpusOf(t)))
		return p, begin, nil, err
	}
	c = openClaims()
	for range claimTries {
		p, begin, err = o.chooseAll(t, c.uses(cpusOf(t)))
		if err != nil {
			c.close()
			return nil, 0, nil, err
		}
		if c.hold(p.Workers[:begin]) {
			return p, begin, c, nil
		}
	}
	p, begin, err = o.chooseAll(t, c.uses(cpusOf(t)))
	return p, begin, c, err
}

// chooseAll is choose with places for workers that come later behind those with which the pool begins.
func (o Options) chooseAll(t *topology.Topology, uses []int) (*Plan, int, error) {
	p, err := o.choose(t, uses)
	if err != nil {
		return nil, 0, err
	}
	if o.MaxWorkers <= len(p.Workers) {
		return p, len(p.Workers), nil
	}
	begin := len(p.Workers)
	o.Workers = o.MaxWorkers
	all, err := o.choose(t, uses)
	if err != nil {
		return nil, 0, err
	}
	later := all.Workers
	for _, w := range p.Workers {
		if i := slices.IndexFunc(later, func(l Place) bool { return l.CPU == w.CPU }); i >= 0 {
			later = slices.Delete(later, i, i+1)
		}
	}
	p.Workers, p.at = append(p.Workers, later...)[:o.MaxWorkers], nil
	return p.locate(t), begin, nil
}

// cpusOf returns how many numbers the CPUs of a machine take.
func cpusOf(t *topology.Topology) int { return slices.Max(t.Online.List()) + 1 }

// choose lays workers out over a machine. uses says how many workers of other pools each CPU has.
func (o Options) choose(t *topology.Topology, uses []int) (*Plan, error) {
	if len(o.CPUs) > 0 {
		return o.explicit(t, uses)
	}
	usable, why := usableCPUs(t)
	if o.Placement == Unpinned {
		n := o.count(t, usable.Len(), &why)
		p := &Plan{Workers: slices.Repeat([]Place{{CPU: spawn.AnyCPU}}, n), Why: append([]string{"workers are not pinned"}, why...)}
		return p.locate(t), nil
	}
	s, reason, err := seats(t, o.Placement, usable)
	if err != nil {
		return nil, err
	}
	n := o.count(t, len(s), &why)
	p := &Plan{Why: append([]string{reason}, why...)}
	load := slices.Clone(uses)
	cores := coreLoads(t, uses)
	mine := make([]int, len(s))
	for range n {
		i := best(s, mine, load, cores)
		cpu := s[i].least(load, cores)
		p.Workers = append(p.Workers, Place{CPU: cpu, Shared: uses[cpu] > 0})
		mine[i]++
		load[cpu]++
		cores[cpu]++
	}
	byNeighbourhood(t, p.Workers, func(w Place) int { return w.CPU })
	p.explain(uses, usable)
	return p.locate(t), nil
}

// count returns how many workers there are when there are so many places.
func (o Options) count(t *topology.Topology, places int, why *[]string) int {
	n := o.Workers
	if n == 0 {
		n = min(places, workersMax)
		if q := t.Quota.Workers(); q > 0 && q < n {
			n = q
			*why = append(*why, fmt.Sprintf("the quota of %.4g CPUs in %s leaves room for %d", t.Quota.CPUs, t.Quota.File, q))
		}
	}
	if o.MaxWorkers > 0 {
		n = min(n, o.MaxWorkers)
	}
	return n
}

// explicit takes the CPUs of Options.CPUs in their order; workers beyond the last begin again at the first.
func (o Options) explicit(t *topology.Topology, uses []int) (*Plan, error) {
	for _, cpu := range o.CPUs {
		if !t.Allowed.Has(cpu) {
			return nil, fmt.Errorf("%w: %d; this process may run on %s", ErrCPU, cpu, t.Allowed)
		}
	}
	n := o.Workers
	if n == 0 {
		n = min(len(o.CPUs), workersMax)
	}
	if o.MaxWorkers > 0 {
		n = min(n, o.MaxWorkers)
	}
	p := &Plan{Why: []string{"the list of CPUs that was given"}}
	for i := range n {
		cpu := o.CPUs[i%len(o.CPUs)]
		p.Workers = append(p.Workers, Place{CPU: cpu, Shared: uses[cpu] > 0})
	}
	p.explain(uses, topology.Set{})
	return p.locate(t), nil
}

// explain says what other pools had to do with it.
func (p *Plan) explain(uses []int, usable topology.Set) {
	if shared := p.Shared(); len(shared) > 0 {
		p.Why = append(p.Why, "CPUs shared with workers of other programs, since none was free: "+topology.FormatList(shared))
		return
	}
	var others topology.Set
	for cpu, n := range uses {
		if n > 0 && usable.Has(cpu) {
			others.Add(cpu)
		}
	}
	if others.Len() > 0 {
		p.Why = append(p.Why, "CPUs left to workers of other programs: "+others.String())
	}
}

// usableCPUs returns the CPUs from which policies choose: those that are allowed, without isolated ones unless there
// are no others.
func usableCPUs(t *topology.Topology) (topology.Set, []string) {
	rest := t.Allowed.Minus(t.Isolated)
	if rest.Len() == 0 || rest.Equal(t.Allowed) {
		return t.Allowed, nil
	}
	return rest, []string{"isolated CPUs are used only when they are named: " + t.Allowed.And(t.Isolated).String()}
}

// ParseCPUs reads a list of CPUs as the kernel and taskset write it: 0-3,8.
func ParseCPUs(s string) ([]int, error) {
	cpus, err := topology.ParseList(s)
	if err == nil && len(cpus) == 0 {
		err = fmt.Errorf("%q names no CPU; write a list such as 0-3,8", s)
	}
	if err != nil {
		return nil, fmt.Errorf("sched: %w", err)
	}
	return cpus, nil
}
