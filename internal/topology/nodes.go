package topology

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

const nodeDir = "sys/devices/system/node/"

// nodes finds the NUMA nodes. A machine that has no word for them is one.
func (l *loader) nodes() {
	ids := l.set(nodeDir + "online").List()
	if len(ids) == 0 {
		ids = l.numbered(nodeDir, "node")
	}
	if len(ids) == 0 {
		memory := kibibytes(l.field("proc/meminfo", "MemTotal:"))
		l.t.Nodes = []Node{{CPUs: l.t.Online, Memory: memory}}
	}
	var taken Set
	devices := l.deviceNodes()
	var columns []int // of the distance files, that are nodes
	for column, id := range ids {
		dir := fmt.Sprintf("%snode%d/", nodeDir, id)
		cpus := l.mask(dir + "cpumap")
		if cpus.And(taken).Len() > 0 || devices.Has(id) {
			continue // firmware that contradicts itself; memory of a device
		}
		taken = taken.Or(cpus)
		columns = append(columns, column)
		l.t.Nodes = append(l.t.Nodes, Node{
			ID: id, CPUs: cpus, CPULess: cpus.Len() == 0, Distance: distances(l.text(dir + "distance")),
			Memory: kibibytes(l.field(dir+"meminfo", fmt.Sprintf("Node %d MemTotal:", id))),
		})
	}
	for i := range l.t.Nodes {
		n := &l.t.Nodes[i]
		n.narrow(len(ids), columns)
		for _, cpu := range n.CPUs.List() {
			l.t.at[cpu].Node = i
		}
	}
	l.adopt()
}

// deviceNodes returns the nodes that are the memory of graphics processors.
func (l *loader) deviceNodes() (nodes Set) {
	const dir = "proc/driver/nvidia/gpus"
	devices, _ := fs.ReadDir(l.root, dir)
	for _, d := range devices {
		if id, err := strconv.Atoi(l.field(dir+"/"+d.Name()+"/numa_status", "Node:")); err == nil && id >= 0 && id < CPUMax {
			nodes.Add(id)
		}
	}
	return nodes
}

// narrow leaves of the distances to all nodes those to the ones that count.
func (n *Node) narrow(all int, columns []int) {
	if len(n.Distance) != all {
		n.Distance = nil
		return
	}
	row := make([]int, len(columns))
	for i, c := range columns {
		row[i] = n.Distance[c]
	}
	n.Distance = row
}

// adopt gives nodes without CPUs those of the nodes that are nearest to them. A node that is as far from all others is
// near to none.
func (l *loader) adopt() {
	nodes := l.t.Nodes
	for i := range nodes {
		n := &nodes[i]
		if !n.CPULess || n.Distance == nil || len(nodes) < 2 {
			continue
		}
		least := slices.Min(slices.Concat(n.Distance[:i], n.Distance[i+1:]))
		near := 0
		var cpus Set
		for k := range nodes {
			if k == i || n.Distance[k] != least {
				continue
			}
			near++
			if !nodes[k].CPULess {
				cpus = cpus.Or(nodes[k].CPUs)
			}
		}
		if near < len(nodes)-1 {
			n.CPUs = cpus
		}
	}
}

// distances reads a line of numbers.
func distances(line string) []int {
	var row []int
	for word := range strings.FieldsSeq(line) {
		d, err := strconv.Atoi(word)
		if err != nil {
			return nil
		}
		row = append(row, d)
	}
	return row
}

// kibibytes reads a number with its unit, as in meminfo, and returns bytes.
func kibibytes(s string) int {
	n, _ := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(s, "kB")))
	return n << 10
}
