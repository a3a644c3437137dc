package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/shmath/shmath/batch"
	"github.com/shmath/shmath/internal/topology"
	"github.com/shmath/shmath/sched"
)

func newTopo(flags *batch.Flags) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "topo",
		Short: "draw the machine, and on which CPUs workers would live and why",
		Example: "  shmath topo --placement l3\n" +
			"  shmath topo --sysfs /tmp/dump     a folder with the sys and proc of another machine",
		Args: count(0, 0, "shmath topo"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			opts, err := flags.Options()
			if err != nil {
				return err
			}
			machine, err := readMachine(dir)
			if err != nil {
				return err
			}
			plan, err := sched.NewPlan(&sched.Options{Workers: opts.Workers, CPUs: opts.CPUs, Placement: opts.Placement}, dir)
			if err != nil {
				return err
			}
			if flags.JSON {
				return topoJSON(cmd.OutOrStdout(), machine, plan)
			}
			return topoText(cmd.OutOrStdout(), machine, plan)
		},
	}
	flags.AddTo(cmd.Flags())
	cmd.Flags().StringVar(&dir, "sysfs", "", "read the machine whose sys and proc lie in this folder")
	return cmd
}

// readMachine reads a dump, or this machine if there is no folder.
func readMachine(dir string) (*topology.Topology, error) {
	if dir == "" {
		return topology.Live()
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, callError("--sysfs %s: %v", dir, err)
	}
	return topology.LoadDir(dir)
}

// report is what topo --json prints: the counts of the summary, and what the scheduler makes of them.
type report struct {
	topology.Summary
	Model    string     `json:"model"`
	Nodes    []nodeJSON `json:"numa"`
	Kinds    []kindJSON `json:"kinds"`
	Offline  string     `json:"offline"`
	Isolated string     `json:"isolated"`
	Quota    float64    `json:"quota_cpus"` // 0: none
	Workers  []int      `json:"workers"`    // CPU of each
	Shared   []int      `json:"shared"`     // those of them on which workers of other programs live
	Why      []string   `json:"why"`
}

type nodeJSON struct {
	ID     int    `json:"id"`
	CPUs   string `json:"cpus"`
	Memory int    `json:"memory"` // bytes
}

type kindJSON struct {
	Name string `json:"name"`
	CPUs string `json:"cpus"`
}

func topoJSON(w io.Writer, t *topology.Topology, plan *sched.Plan) error {
	r := report{
		Summary: t.Summary(), Model: t.Model, Nodes: []nodeJSON{}, Kinds: []kindJSON{}, Offline: t.Offline.String(),
		Isolated: t.Isolated.String(), Quota: t.Quota.CPUs, Workers: plan.CPUs(), Shared: plan.Shared(), Why: plan.Why,
	}
	for _, n := range t.Nodes {
		r.Nodes = append(r.Nodes, nodeJSON{n.ID, n.CPUs.String(), n.Memory})
	}
	for _, k := range t.Kinds {
		r.Kinds = append(r.Kinds, kindJSON{k.Name, k.CPUs.String()})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

const topoWidth = 110 // columns

func topoText(w io.Writer, t *topology.Topology, plan *sched.Plan) error {
	var b strings.Builder
	for _, l := range drawMachine(t, plan).lines(topoWidth) {
		fmt.Fprintln(&b, strings.TrimRight(l, " "))
	}
	workers := topology.SetOf()
	for _, p := range plan.Workers {
		if p.CPU >= 0 {
			workers.Add(p.CPU)
		}
	}
	where := "CPUs " + workers.String()
	if workers.Len() == 0 {
		where = "no CPU of their own"
	}
	fmt.Fprintf(&b, "* a worker lives here: %d on %s\n", len(plan.Workers), where)
	for _, why := range plan.Why {
		fmt.Fprintf(&b, "  - %s\n", why)
	}
	if out := t.Online.Minus(t.Allowed); out.Len() > 0 {
		fmt.Fprintf(&b, "() this process may not run here: %s\n", out)
	}
	for _, l := range []struct {
		name string
		set  topology.Set
	}{{"i isolated", t.Isolated}, {"offline", t.Offline}} {
		if l.set.Len() > 0 {
			fmt.Fprintf(&b, "%s: %s\n", l.name, l.set)
		}
	}
	if len(t.Kinds) > 1 {
		for i, k := range t.Kinds {
			fmt.Fprintf(&b, "kind %d of cores, of %d from slow to fast: CPUs %s%s\n", i+1, len(t.Kinds), k.CPUs, kindText(k))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func kindText(k topology.Kind) string {
	s := ""
	if k.Name != "" {
		s += ", " + k.Name
	}
	if k.Capacity != 0 {
		s += fmt.Sprintf(", capacity %d", k.Capacity)
	}
	if k.MHz != 0 {
		s += fmt.Sprintf(", %d MHz", k.MHz)
	}
	return s
}

// branch is a part of the machine in which others lie: its CPUs decide in which one.
type branch struct {
	box
	cpus     topology.Set
	children []*branch
}

// drawMachine makes boxes of packages, nodes, dies, caches, cores and threads, each in the smallest one that has all its
// CPUs. A second level cache of one core is a line of that core.
func drawMachine(t *topology.Topology, plan *sched.Plan) *box {
	memory := 0
	for _, n := range t.Nodes {
		memory += n.Memory
	}
	machine := &branch{cpus: t.Online}
	machine.title = sized("machine", memory)
	if t.Model != "" {
		machine.title += ", " + t.Model
	}
	private := make(map[int]string) // core: its cache
	list := parts(t, private)
	slices.SortStableFunc(list, func(a, b *branch) int { return cmp.Compare(b.cpus.Len(), a.cpus.Len()) })
	for _, b := range list {
		machine.insert(b)
	}
	for _, n := range t.Nodes {
		if n.CPULess {
			b := &branch{}
			b.title = nodeTitle(n)
			b.text = []string{"memory without CPUs"}
			machine.children = append(machine.children, b)
		}
	}
	places := make(map[int]bool)
	for _, p := range plan.Workers {
		places[p.CPU] = true
	}
	machine.finish(func(cpu int) string {
		s := fmt.Sprint(cpu)
		switch {
		case !t.Allowed.Has(cpu):
			return "(" + s + ")"
		case places[cpu]:
			s += "*"
		}
		if t.Isolated.Has(cpu) {
			s += "i"
		}
		return s
	})
	return &machine.box
}

// parts lists everything in a machine, the kinds of parts that contain others first.
func parts(t *topology.Topology, private map[int]string) (list []*branch) {
	add := func(title string, cpus topology.Set, text ...string) {
		list = append(list, &branch{box: box{title: title, text: text}, cpus: cpus})
	}
	for _, p := range t.Packages {
		add(fmt.Sprintf("package %d", p.ID), p.CPUs)
	}
	for _, n := range t.Nodes {
		if !n.CPULess {
			add(nodeTitle(n), n.CPUs)
		}
	}
	for _, d := range t.Dies {
		add(fmt.Sprintf("die %d", d.ID), d.CPUs)
	}
	for _, c := range t.L3 {
		add(sized("L3", c.Bytes), c.CPUs)
	}
	for _, c := range t.L2 {
		core := t.At(c.CPUs.First()).Core
		if core >= 0 && t.Cores[core].CPUs.Equal(c.CPUs) {
			private[core] = sized("L2", c.Bytes)
		} else {
			add(sized("L2", c.Bytes), c.CPUs)
		}
	}
	var cores topology.Set
	for i, c := range t.Cores {
		if cache := private[i]; cache != "" {
			add(fmt.Sprintf("core %d", c.ID), c.CPUs, cache)
		} else {
			add(fmt.Sprintf("core %d", c.ID), c.CPUs)
		}
		cores = cores.Or(c.CPUs)
	}
	for _, cpu := range t.Online.Minus(cores).List() {
		add("CPU", topology.SetOf(cpu))
	}
	return list
}

func nodeTitle(n topology.Node) string {
	return sized(fmt.Sprintf("NUMA node %d", n.ID), n.Memory)
}

// sized adds a size, if it is known.
func sized(name string, bytes int) string {
	if bytes == 0 {
		return name
	}
	return name + ", " + sizeText(int64(bytes))
}

// insert puts b into the smallest branch that has all its CPUs. Larger ones have been inserted before.
func (m *branch) insert(b *branch) {
	for _, c := range m.children {
		if b.cpus.Minus(c.cpus).Len() == 0 {
			c.insert(b)
			return
		}
	}
	m.children = append(m.children, b)
}

// finish turns branches into boxes, and names the threads of those that have nothing else in them.
func (m *branch) finish(name func(cpu int) string) {
	if len(m.children) == 0 && m.cpus.Len() > 0 {
		var threads []string
		for _, cpu := range m.cpus.List() {
			threads = append(threads, name(cpu))
		}
		m.text = append(m.text, strings.Join(threads, " "))
	}
	slices.SortStableFunc(m.children, func(a, b *branch) int { return cmp.Compare(uint(a.cpus.First()), uint(b.cpus.First())) })
	for _, c := range m.children {
		c.finish(name)
		m.parts = append(m.parts, &c.box)
	}
}
