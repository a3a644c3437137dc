package sched

import (
	"slices"

	"github.com/shmath/shmath/internal/topology"
)

// where is a worker's place in the machine, from the smallest group to the largest: core, second and third level cache,
// NUMA node, package. A group is a number of topology.Location plus 1; 0 is none.
type where [5]uint16

func whereOf(at topology.Location) where {
	return where{uint16(at.Core + 1), uint16(at.L2 + 1), uint16(at.L3 + 1), uint16(at.Node + 1), uint16(at.Package + 1)}
}

// locate notes where the workers of a plan are.
func (p *Plan) locate(t *topology.Topology) *Plan {
	for _, w := range p.Workers {
		p.at = append(p.at, whereOf(t.At(w.CPU)))
	}
	p.nodes = nodesOf(t, p)
	return p
}

// distance is the first group that both share: 0 is the same core, 5 no group at all.
func (a where) distance(b where) int {
	for i := range a {
		if a[i] != 0 && a[i] == b[i] {
			return i
		}
	}
	return len(a)
}

// nearest lists the other workers, those first from which work and its data come cheapest. Of those that are as near, each
// worker has another one first, so that thieves do not meet.
func nearest(crew []workerSlot, index int) []int {
	victims := make([]int, 0, len(crew))
	for i := 1; i < len(crew); i++ {
		victims = append(victims, (index+i)%len(crew))
	}
	slices.SortStableFunc(victims, func(a, b int) int {
		return crew[index].where.distance(crew[a].where) - crew[index].where.distance(crew[b].where)
	})
	return victims
}
