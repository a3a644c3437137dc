package sched

import (
	"slices"
	"testing"

	"github.com/shmath/shmath/internal/topology"
)

// Workers on every thread of twoSockets: 0 and 1 are a core, 0 to 3 a cache, 0 to 7 a node.
func TestNearest(t *testing.T) {
	root := twoSockets(t, nil)
	top, err := topology.LoadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := NewPlan(&Options{Placement: PerThread}, root)
	if err != nil {
		t.Fatal(err)
	}
	crew := make([]workerSlot, len(plan.Workers))
	for i, cpu := range plan.CPUs() {
		crew[i].where = whereOf(top.At(cpu))
	}
	for index, want := range map[int][]int{
		0: {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
		5: {4, 6, 7, 0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15},
		9: {8, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7},
	} {
		got := nearest(crew, index)
		if !slices.Equal(got, want) {
			t.Errorf("worker %d steals from %v, want %v", index, got, want)
		}
	}
	// Of places that nothing is known of, the ring decides.
	if got := nearest(make([]workerSlot, 4), 2); !slices.Equal(got, []int{3, 0, 1}) {
		t.Errorf("got %v", got)
	}
}

// A thief takes from the nearest worker that has work, however much others have.
func TestSteal_NearestFirst(t *testing.T) {
	cells := make([]cell, 4)
	cells[1].span.Store(packSpan(0, 1000))
	cells[3].span.Store(packSpan(1000, 1002))
	if !steal(cells, 0, []int{2, 3, 1}) {
		t.Fatal("nothing was stolen")
	}
	if lo, hi := unpackSpan(cells[0].span.Load()); lo != 1001 || hi != 1002 {
		t.Errorf("stole [%d, %d)", lo, hi)
	}
}
