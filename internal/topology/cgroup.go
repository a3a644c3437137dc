package topology

import (
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Quota is how much CPU time a process may use per time.
type Quota struct {
	CPUs float64 // 0: no limit
	File string  // where the limit stands, from the root
}

// Workers returns how many pinned workers fit into the quota: 0 means any number.
func (q Quota) Workers() int {
	if q.CPUs == 0 {
		return 0
	}
	return max(1, int(q.CPUs))
}

// mount is a mounted hierarchy of control groups.
type mount struct {
	root, dir string   // the group that is mounted, and where
	kind      string   // cgroup, cgroup2 or cpuset
	options   []string // of the file system: controllers, noprefix
}

// hierarchies lists what is mounted of control groups.
func (l *loader) hierarchies() (list []mount) {
	for line := range strings.Lines(l.text("proc/self/mountinfo")) {
		before, after, ok := strings.Cut(line, " - ")
		f, g := strings.Fields(before), strings.Fields(after)
		if ok && len(f) >= 5 && len(g) >= 3 {
			list = append(list, mount{f[3], f[4], g[0], strings.Split(g[2], ",")})
		}
	}
	if list == nil {
		for line := range strings.Lines(l.text("proc/mounts")) {
			if f := strings.Fields(line); len(f) >= 4 {
				list = append(list, mount{"/", f[1], f[2], strings.Split(f[3], ",")})
			}
		}
	}
	return slices.DeleteFunc(list, func(m mount) bool {
		return m.kind != "cgroup" && m.kind != "cgroup2" && m.kind != "cpuset"
	})
}

// folders returns the folders of a group and of all its ancestors that can be seen, the group's own first. A group
// outside of what is mounted, as in a container that kept the host's names, is taken for the one that is mounted.
func (m mount) folders(group string) []string {
	below, inside := strings.CutPrefix(path.Clean("/"+group), strings.TrimSuffix(m.root, "/"))
	if !inside || strings.HasPrefix(group, "/..") {
		below = ""
	}
	var list []string
	for p := path.Join("/", below); ; p = path.Dir(p) {
		list = append(list, strings.TrimPrefix(path.Join(m.dir, p), "/"))
		if p == "/" {
			return list
		}
	}
}

// group returns the process's control group in the hierarchy with a controller of version 1, or that of version 2 for
// the empty name.
func (l *loader) group(controller string) (string, bool) {
	for line := range strings.Lines(l.cgroup) {
		f := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(f) != 3 {
			continue
		}
		if f[1] == controller || controller != "" && slices.Contains(strings.Split(f[1], ","), controller) {
			return f[2], true
		}
	}
	return "", false
}

// limit leaves of what the process may use what both sets have. An empty set says nothing.
func (l *loader) limit(cpus, nodes Set) {
	if both := l.t.Allowed.And(cpus); both.Len() > 0 {
		l.t.Allowed = both
	}
	if both := l.t.AllowedNodes.And(nodes); both.Len() > 0 {
		l.t.AllowedNodes = both
	}
}

// cpuset finds the CPUs and the nodes to which the process's control group is bound.
func (l *loader) cpuset() {
	group := l.text("proc/self/cpuset")
	if group == "" {
		group, _ = l.group("cpuset")
	}
	if group == "" {
		return
	}
	for _, m := range l.mounts {
		folder := m.folders(group)[0] + "/"
		switch {
		case m.kind == "cgroup2":
			l.limit(l.set(folder+"cpuset.cpus.effective"), l.set(folder+"cpuset.mems.effective"))
		case m.kind == "cpuset" || slices.Contains(m.options, "noprefix"):
			l.limit(l.set(folder+"cpus"), l.set(folder+"mems"))
		case slices.Contains(m.options, "cpuset"):
			l.limit(l.set(folder+"cpuset.cpus"), l.set(folder+"cpuset.mems"))
		}
	}
}

// quota finds the smallest limit of the process's group and its ancestors, in each hierarchy.
func (l *loader) quota() (least Quota) {
	least.CPUs = math.Inf(1)
	for _, m := range l.mounts {
		var group, file string
		var in bool
		switch {
		case m.kind == "cgroup2":
			group, in = l.group("")
			file = "cpu.max"
		case m.kind == "cgroup" && slices.Contains(m.options, "cpu"):
			group, in = l.group("cpu")
			file = "cpu.cfs_quota_us"
		}
		if !in {
			continue
		}
		for _, folder := range m.folders(group) {
			if cpus := l.groupQuota(folder, file); cpus < least.CPUs {
				least = Quota{cpus, "/" + folder + "/" + file}
			}
		}
	}
	if math.IsInf(least.CPUs, 1) {
		return Quota{}
	}
	return least
}

// groupQuota reads one group's quota in CPUs, infinite if there is none.
func (l *loader) groupQuota(folder, file string) float64 {
	words := strings.Fields(l.text(folder + "/" + file))
	if file != "cpu.max" {
		words = append(words, l.text(folder+"/cpu.cfs_period_us"))
	}
	if len(words) != 2 {
		return math.Inf(1)
	}
	quota, err := strconv.ParseFloat(words[0], 64)
	period, err2 := strconv.ParseFloat(words[1], 64)
	if err != nil || err2 != nil || quota <= 0 || period <= 0 { // "max", -1
		return math.Inf(1)
	}
	return quota / period
}
