package sched

import (
	"errors"
	"fmt"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/internal/topology"
)

// nodeMap says on which NUMA node each worker lives, by the kernel's numbers. It is nil where there is one node only.
type nodeMap []int

// nodesOf makes the map of a plan.
func nodesOf(t *topology.Topology, plan *Plan) nodeMap {
	with := 0
	for _, n := range t.Nodes {
		if n.CPUs.Len() > 0 && !n.CPULess {
			with++
		}
	}
	if with < 2 {
		return nil
	}
	m := make(nodeMap, len(plan.Workers))
	for i, w := range plan.Workers {
		at := t.At(w.CPU)
		if at.Node < 0 {
			return nil // not pinned, or nobody knows
		}
		m[i] = t.Nodes[at.Node].ID
	}
	return m
}

// minimumShare is the size in bytes of a worker's share from which binding it pays: less stays in caches, and each
// binding costs the kernel a mapping.
const minimumShare = 1 << 20

// shares calls yield for each run of pages of mem that belongs to workers of one node: worker i of w has the i-th part
// of w; see border.
func (m nodeMap) shares(mem []byte, yield func(part []byte, node int) error) error {
	if len(m) == 0 || len(mem)/len(m) < minimumShare {
		return nil
	}
	for i := 0; i < len(m); {
		k := i + 1
		for k < len(m) && m[k] == m[i] {
			k++
		}
		lo, hi := border(mem, i, len(m)), border(mem, k, len(m))
		if err := yield(mem[lo:hi], m[i]); err != nil {
			return err
		}
		i = k
	}
	return nil
}

// border returns where in mem the pages of worker i of w begin, which are those of its part as loops deal it. A page that
// two share is the first's.
func border(mem []byte, i, w int) int {
	if i == 0 {
		return 0 // in the middle of a page, maybe
	}
	head := pagesBefore(mem)
	return min(len(mem), (head+i*len(mem)/w+pageBytes-1)/pageBytes*pageBytes-head)
}

// nodes is the map of the workers that the pool has now.
func (p *Pool) nodes() nodeMap { return p.plan.nodes[:min(p.Workers(), len(p.plan.nodes))] }

// bind returns what makes the kernel take memory for a block of the arena from the nodes of the workers that will use it. It is a
// wish: a full node is not an error, and neither is a kernel that refuses.
func (p *Pool) bind() func(off, n, backed int) {
	if p.plan.nodes == nil {
		return nil
	}
	return func(off, n, backed int) {
		mem := p.mem.Bytes()[off : off+n]
		_ = p.nodes().shares(mem, func(part []byte, node int) error {
			there := min(max(0, backed-off), len(part)) // reserved together with what lies before
			off += len(part)
			return errors.Join(preferNode(part[:there], node, true), preferNode(part[there:], node, false))
		})
	}
}

// Distribute moves the memory of arrays to the NUMA nodes of the workers that get it in a loop over the first axis:
// worker i of w has the i-th part of w. It is for arrays that somebody else filled; what arena.New makes in Pool.Arena()
// lies there already, unless it takes the place of an array that was freed. With one node, or less than a MiB for each
// worker, it does nothing. Pages that other processes have touched as well stay where they are. The caller must not free
// the arrays meanwhile.
//
// Errors: an array that is not contiguous; what the kernel says.
func (p *Pool) Distribute(arrays ...arena.AnyArray) error {
	if err := p.enter(); err != nil {
		return err
	}
	defer p.users.Done()
	for _, x := range arrays {
		if !x.Contiguous() {
			return errors.New("sched: Distribute: the array is not contiguous; pass the one that it is a view of")
		}
		err := p.nodes().shares(x.Bytes(), func(part []byte, node int) error { return preferNode(part, node, true) })
		if err != nil {
			return fmt.Errorf("sched: Distribute: %w", err)
		}
	}
	return nil
}
