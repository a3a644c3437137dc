package topology

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// ErrNoCPU says that a tree has no processors in it.
var ErrNoCPU = errors.New("topology: no processor under sys/devices/system/cpu; the folder must hold the sys and proc of a Linux machine")

// Topology is a machine. Groups list online CPUs only, and are in the order of their first CPU.
type Topology struct {
	Online, Offline Set
	Isolated        Set // taken from the kernel's load balancer by isolcpus or a cpuset partition
	Allowed         Set // online, in the process's cpuset and in its affinity mask
	AllowedNodes    Set // nodes from which the process may have memory

	Packages []Group
	Dies     []Group // of packages that have more than one
	Nodes    []Node  // in the order of their numbers
	L2, L3   []Cache // data and unified caches
	Cores    []Group // empty when the machine does not say which threads share one
	Kinds    []Kind  // the slowest first; one or none when all cores are alike

	Quota Quota
	Model string // as /proc/cpuinfo has it, may be empty

	at []Location // by CPU
}

// Group is a set of CPUs with a number that the kernel gave it.
type Group struct {
	ID   int
	CPUs Set
}

// Cache is a cache and the CPUs that share it.
type Cache struct {
	CPUs  Set
	Bytes int // 0 if unknown
}

// Node is a NUMA node. One without CPUs of its own has those that are nearest to it.
type Node struct {
	ID       int
	CPUs     Set
	CPULess  bool
	Memory   int   // bytes
	Distance []int // to each of Topology.Nodes, 10 is itself; nil if unknown
}

// Location says in which group of each slice of a Topology a CPU is, -1 for none.
type Location struct {
	Package, Die, Node, L3, L2, Core, Kind int
}

// nowhere is the location of a CPU that is not online.
var nowhere = Location{-1, -1, -1, -1, -1, -1, -1}

// At returns where a CPU is.
func (t *Topology) At(cpu int) Location {
	if cpu < 0 || cpu >= len(t.at) {
		return nowhere
	}
	return t.at[cpu]
}

// Distance tells how far two CPUs are apart: 0 the same core, 1 the same L2, 2 the same L3, 3 the same node, 4 the same
// package, 5 neither.
func (t *Topology) Distance(a, b int) int {
	x, y := t.At(a), t.At(b)
	levels := [...][2]int{{x.Core, y.Core}, {x.L2, y.L2}, {x.L3, y.L3}, {x.Node, y.Node}, {x.Package, y.Package}}
	if a == b {
		return 0
	}
	for d, l := range levels {
		if l[0] >= 0 && l[0] == l[1] {
			return d
		}
	}
	return len(levels)
}

// Load reads the machine whose sys and proc lie in root. The affinity mask is that of /proc/self/status, if it is there.
// Files that are missing or make no sense are passed over.
//
// Errors: [ErrNoCPU].
func Load(root fs.FS) (*Topology, error) {
	l := &loader{root: root}
	if err := l.machine(); err != nil {
		return nil, err
	}
	l.share()
	l.cpuset()
	l.limit(l.statusSet("Cpus_allowed_list:"), l.statusSet("Mems_allowed_list:"))
	return l.t, nil
}

// LoadDir is [Load] of a folder of the file system.
func LoadDir(dir string) (*Topology, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("topology: %w", err)
	}
	return Load(os.DirFS(dir))
}

// loader reads the files of one machine.
type loader struct {
	root   fs.FS
	t      *Topology
	mounts []mount // hierarchies of control groups that the process sees
	cgroup string  // its /proc/self/cgroup
}

// machine reads what there is.
func (l *loader) machine() error {
	t := &Topology{}
	l.t = t
	l.processors()
	if t.Online.Len() == 0 {
		return ErrNoCPU
	}
	t.at = make([]Location, t.Online.List()[t.Online.Len()-1]+1)
	for i := range t.at {
		t.at[i] = nowhere
	}
	l.groups()
	l.caches()
	l.nodes()
	l.kinds()
	t.Model = l.model()
	l.mounts = l.hierarchies()
	return nil
}

// share reads what of it a process may use, but for what is known of this process alone.
func (l *loader) share() {
	t := l.t
	t.Isolated = l.set(cpuDir + "isolated").And(t.Online)
	l.cgroup = l.text("proc/self/cgroup")
	t.Quota = l.quota()
	t.Allowed = t.Online
	for i := range t.Nodes {
		t.AllowedNodes.Add(t.Nodes[i].ID)
	}
}

const cpuDir = "sys/devices/system/cpu/"

// processors finds out which CPUs there are.
func (l *loader) processors() {
	present := l.set(cpuDir + "present")
	if online := l.set(cpuDir + "online"); online.Len() > 0 {
		l.t.Online, l.t.Offline = online, present.Minus(online)
		return
	}
	for _, cpu := range l.numbered(cpuDir, "cpu") {
		if l.text(fmt.Sprintf("%scpu%d/online", cpuDir, cpu)) == "0" {
			l.t.Offline.Add(cpu)
		} else {
			l.t.Online.Add(cpu)
		}
	}
}

// text returns a file's content without white space around it, empty if it cannot be read.
func (l *loader) text(path string) string {
	b, err := fs.ReadFile(l.root, path)
	if err != nil {
		return ""
	}
	return strings.Trim(string(b), " \t\n\x00") // dumps may be padded with zero bytes
}

// number returns a file's number, or absent.
func (l *loader) number(path string, absent int) int {
	n, err := strconv.Atoi(l.text(path))
	if err != nil {
		return absent
	}
	return n
}

// set returns the set in a file of the list format.
func (l *loader) set(path string) Set {
	s, _ := parseSet(l.text(path))
	return s
}

// mask returns the online CPUs in the first of the files that can be read, in mask format.
func (l *loader) mask(paths ...string) Set {
	for _, p := range paths {
		text := l.text(p)
		if text == "" {
			continue
		}
		if s, err := parseMask(text); err == nil {
			return s.And(l.t.Online)
		}
	}
	return Set{}
}

// numbered returns the numbers of the entries of a folder that are called prefix and a number, ascending.
func (l *loader) numbered(dir, prefix string) []int {
	entries, _ := fs.ReadDir(l.root, strings.TrimSuffix(dir, "/"))
	var s Set
	for _, e := range entries {
		digits, ok := strings.CutPrefix(e.Name(), prefix)
		if n, err := strconv.Atoi(digits); ok && err == nil && n >= 0 && n < CPUMax {
			s.Add(n)
		}
	}
	return s.List()
}

// statusSet returns a set in a field of /proc/self/status, empty if it is not there.
func (l *loader) statusSet(field string) Set {
	s, _ := parseSet(l.field("proc/self/status", field))
	return s
}

// field returns what follows a word at the beginning of a line.
func (l *loader) field(path, word string) string {
	for line := range strings.Lines(l.text(path)) {
		if rest, ok := strings.CutPrefix(line, word); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

// model returns the name of the first processor.
func (l *loader) model() string {
	f, err := l.root.Open("proc/cpuinfo")
	if err != nil {
		return ""
	}
	defer f.Close()
	first := make([]byte, 2048) // the kernel makes the rest up as it is read, at a cost for each CPU
	n, _ := f.Read(first)
	for line := range strings.Lines(string(first[:n])) {
		if key, name, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.Join(strings.Fields(name), " ")
		}
	}
	return ""
}
