//go:build linux

package sched

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/internal/topology"
)

// bootstrap makes a usable system when this test binary is the first process of a machine: sched/testdata/numa.sh boots
// a kernel with it. It runs the tests that -test.run names, and switches the machine off.
func bootstrap(m *testing.M) {
	if os.Getpid() != 1 || os.Getenv("SHMATH_NUMA_MACHINE") == "" {
		return
	}
	for _, fs := range [][3]string{{"proc", "/proc", "proc"}, {"sysfs", "/sys", "sysfs"}, {"devtmpfs", "/dev", "devtmpfs"},
		{"tmpfs", "/dev/shm", "tmpfs"}, {"tmpfs", "/tmp", "tmpfs"}} {
		os.MkdirAll(fs[1], 0o755)
		if err := unix.Mount(fs[0], fs[1], fs[2], 0, ""); err != nil {
			fmt.Println("mount", fs[1], err)
		}
	}
	code := m.Run()
	fmt.Printf("numa machine: exit %d\n", code)
	unix.Sync()
	unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
}

// pageNodes asks the kernel on which node each page of mem lies.
func pageNodes(t *testing.T, mem []byte) []int32 {
	t.Helper()
	start := unsafe.Add(unsafe.Pointer(unsafe.SliceData(mem)), -pagesBefore(mem))
	n := (len(mem) + pagesBefore(mem) + pageBytes - 1) / pageBytes
	pages, status := make([]uintptr, n), make([]int32, n)
	for i := range pages {
		pages[i] = uintptr(start) + uintptr(i)*pageBytes
	}
	if err := unix.Madvise(unsafe.Slice((*byte)(start), n*pageBytes), unix.MADV_POPULATE_READ); err != nil {
		t.Fatal(err)
	}
	_, _, errno := unix.Syscall6(unix.SYS_MOVE_PAGES, 0, uintptr(n), uintptr(unsafe.Pointer(&pages[0])), 0,
		uintptr(unsafe.Pointer(&status[0])), 0)
	if errno != 0 {
		t.Fatal("move_pages:", errno)
	}
	return status
}

// twoNodes starts a pool with a worker on each core of a machine of several nodes.
func twoNodes(t *testing.T) (*Pool, *topology.Topology) {
	t.Helper()
	top, err := topology.Live()
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, nil)
	if p.plan.nodes == nil {
		t.Skip("this machine has one NUMA node; make numa has two")
	}
	return p, top
}

type brandArgs struct{ X *arena.Array[float64] }

// brand stores into each element the number of the worker that came first to it.
var brand = NewLoop("test.numa.brand", func(c *Chunk, a brandArgs) error {
	x := a.X.Slice()[c.Lo:c.Hi]
	for i := range x {
		x[i] = float64(c.Worker)
	}
	return nil
})

// misplaced counts pages that lie wholly in the share of a worker on another node than theirs.
func misplaced(t *testing.T, p *Pool, mem []byte) (wrong, all int) {
	t.Helper()
	status := pageNodes(t, mem)
	head := pagesBefore(mem)
	w := len(p.plan.nodes)
	for i, node := range status {
		first, last := max(0, i*pageBytes-head), min(len(mem), (i+1)*pageBytes-head)-1
		a, b := first*w/len(mem), last*w/len(mem)
		if p.plan.nodes[a] != p.plan.nodes[b] {
			continue // on the border
		}
		all++
		if int(node) != p.plan.nodes[a] {
			wrong++
		}
	}
	return wrong, all
}

func TestNUMA_Machine(t *testing.T) {
	p, top := twoNodes(t)
	s := top.Summary()
	t.Logf("packages %d, nodes %d, cores %v, workers on %v, nodes %v", s.Packages, s.NUMANodes, s.SMT, p.CPUs(), p.plan.nodes)
	if os.Getenv("SHMATH_NUMA_MACHINE") == "" {
		return
	}
	if s.Packages != 2 || s.NUMANodes != 2 || s.Cores != 4 || s.PUs != 8 || len(p.CPUs()) != 4 {
		t.Errorf("the emulated machine has 2 packages, 2 nodes, 4 cores and 8 threads: %+v", s)
	}
	plan, err := NewPlan(&Options{Placement: PerNode}, "")
	if err != nil || len(plan.Workers) != 2 || plan.nodes[0] == plan.nodes[1] {
		t.Errorf("one worker per node: %+v, %v", plan, err)
	}
}

// What arena.New makes lies on the nodes of the workers whose shares it is, also before they touch it.
func TestNUMA_SharesLieWithTheirWorkers(t *testing.T) {
	p, _ := twoNodes(t)
	x, err := arena.New[float64](p.Arena(), 4<<20)
	if err != nil {
		t.Fatal(err)
	}
	if err := brand.Run(context.Background(), p, x.Len(), brandArgs{x}); err != nil {
		t.Fatal(err)
	}
	wrong, all := misplaced(t, p, x.Bytes())
	t.Logf("%d of %d pages lie on the node of another worker", wrong, all)
	if all < 8000 || wrong > 0 {
		t.Errorf("%d of %d pages lie on the node of another worker", wrong, all)
	}
	own, w := 0, p.Workers()
	for i, v := range x.Slice() {
		if p.plan.nodes[int(v)] == p.plan.nodes[i*w/x.Len()] {
			own++
		}
	}
	t.Logf("%.1f %% of the elements were written on their own node", 100*float64(own)/float64(x.Len()))
}

func TestNUMA_Distribute(t *testing.T) {
	p, _ := twoNodes(t)
	x, err := arena.New[float64](p.Arena(), 2<<20)
	if err != nil {
		t.Fatal(err)
	}
	last := p.plan.nodes[len(p.plan.nodes)-1]
	if err := preferNode(x.Bytes(), last, true); err != nil {
		t.Fatal(err)
	}
	if wrong, all := misplaced(t, p, x.Bytes()); wrong < all/3 {
		t.Fatalf("%d of %d pages are misplaced, half of them were to be", wrong, all)
	}
	if err := p.Distribute(x); err != nil {
		t.Fatal(err)
	}
	if wrong, all := misplaced(t, p, x.Bytes()); wrong > 0 {
		t.Errorf("%d of %d pages lie on the node of another worker", wrong, all)
	}
}

// Workers 0 to 2 live on node 4, 3 on node 7: three quarters of the pages and one quarter.
func TestNodeMap_Shares(t *testing.T) {
	m := nodeMap{4, 4, 4, 7}
	mem := layout.Aligned(8<<20+3*pageBytes, pageBytes)[100 : 8<<20+2*pageBytes]
	var said []string
	end := 0
	err := m.shares(mem, func(part []byte, node int) error {
		at := int(uintptr(unsafe.Pointer(&part[0])) - uintptr(unsafe.Pointer(&mem[0])))
		if at != end || at > 0 && pagesBefore(part) != 0 {
			t.Errorf("a part begins at %d, %d behind the beginning of a page", at, pagesBefore(part))
		}
		end = at + len(part)
		said = append(said, fmt.Sprintf("%d%%:%d", (len(part)*100+len(mem)/2)/len(mem), node))
		return nil
	})
	if err != nil || !slices.Equal(said, []string{"75%:4", "25%:7"}) || end != len(mem) {
		t.Errorf("%s, %v", strings.Join(said, " "), err)
	}
	if err := m.shares(mem[:1<<20], func([]byte, int) error { t.Error("a small array was bound"); return nil }); err != nil {
		t.Error(err)
	}
}

// The map of nodes has the kernel's numbers, and there is none with one node.
func TestNodesOf(t *testing.T) {
	root := twoSockets(t, map[string]string{"sys/devices/system/node/online": "0-1"})
	plan, err := NewPlan(nil, root)
	if err != nil || !slices.Equal(plan.nodes, nodeMap{0, 0, 0, 0, 1, 1, 1, 1}) {
		t.Errorf("%v, %v", plan.nodes, err)
	}
	root = twoSockets(t, map[string]string{"sys/devices/system/node/online": "0"})
	if plan, err = NewPlan(nil, root); err != nil || plan.nodes != nil {
		t.Errorf("%v, %v", plan.nodes, err)
	}
}

// On a machine with one node nothing happens, but mistakes are mistakes.
func TestPool_Distribute(t *testing.T) {
	p := start(t, nil)
	x, err := arena.New[float64](p.Arena(), 100, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Distribute(x); err != nil {
		t.Error(err)
	}
}
