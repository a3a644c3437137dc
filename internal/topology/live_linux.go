package topology

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// Live reads this machine. What it is made of is read once, what the process may use of it each time; the slices of what is
// returned must not be written to. The affinity mask is that of the calling thread: on a thread that was pinned to start a
// child, the answer would be wrong.
func Live() (*Topology, error) {
	affinity, err := Affinity()
	if err != nil {
		return nil, err
	}
	l := &loader{root: system{}}
	if err := l.remembered(); err != nil {
		return nil, err
	}
	l.share()
	var nodes Set // none: all
	if len(l.t.Nodes) > 1 {
		nodes = l.statusSet("Mems_allowed_list:")
	}
	l.limit(affinity, nodes)
	return l.t, nil
}

// known is this machine as it was read last, and where control groups are mounted. Processors and nodes can come and go: all
// is read again when other ones are online.
var known struct {
	sync.Mutex
	online string
	t      *Topology
	mounts []mount
}

// remembered is machine, or a copy of what it found before.
func (l *loader) remembered() error {
	known.Lock()
	defer known.Unlock()
	online := l.text(cpuDir+"online") + " " + l.text(nodeDir+"online")
	if known.t == nil || online == " " || online != known.online {
		if err := l.machine(); err != nil {
			return err
		}
		known.online, known.t, known.mounts = online, l.t, l.mounts
	}
	t := *known.t
	l.t, l.mounts = &t, known.mounts
	return nil
}

// system is the root of this machine's file system. Its ReadFile makes three system calls for each small file, where
// that of os makes eight.
type system struct{}

func (system) Open(name string) (fs.File, error) { return os.Open("/" + name) }

func (system) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir("/" + name) }

func (system) ReadFile(name string) ([]byte, error) {
	fd, err := unix.Open("/"+name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	var all []byte
	page := make([]byte, 4096) // what an attribute of sysfs has at most
	for {
		n, err := unix.Read(fd, page)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, page[:n]...)
		if n == 0 || n < len(page) && strings.HasPrefix(name, "sys/") {
			return all, nil
		}
	}
}

// Affinity returns the CPUs on which the calling thread may run: the kernel keeps the mask inside the cpuset and what is
// online.
func Affinity() (Set, error) {
	var mask unix.CPUSet
	if err := unix.SchedGetaffinity(0, &mask); err != nil {
		return Set{}, fmt.Errorf("topology: reading the affinity mask: %w", err)
	}
	var s Set
	for cpu := range len(mask) * 64 {
		if mask.IsSet(cpu) {
			s.Add(cpu)
		}
	}
	return s, nil
}
