package result

import (
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/shmath/shmath/internal/topology"
)

// ticksPerSecond is USER_HZ, in which /proc counts: 100 on all architectures that Go runs on.
const ticksPerSecond = 100

// Meter tells what other programs did between two looks. Its figures are good to a hundredth of a second.
type Meter struct {
	allowed topology.Set
	at      time.Time
	last    ticks
}

type ticks struct{ busy, steal, own int64 }

// NewMeter returns a Meter that looks now. It is made before any thread is pinned.
func NewMeter() *Meter {
	m := new(Meter)
	m.allowed, _ = topology.Affinity()
	m.Lap()
	return m
}

// Lap says what happened since the last look.
func (m *Meter) Lap() Noise {
	now, t, ok := time.Now(), ticks{}, false
	t.busy, t.steal, ok = m.busy()
	t.own = own()
	n := Noise{Wall: now.Sub(m.at).Seconds(), CPUs: m.allowed.Len(), Known: ok,
		Steal:  float64(max(0, t.steal-m.last.steal)) / ticksPerSecond,
		Others: float64(max(0, t.busy-m.last.busy-(t.own-m.last.own))) / ticksPerSecond}
	m.at, m.last = now, t
	return n
}

// busy adds up what the CPUs that we may use did: user, nice, system, irq, softirq; and steal.
func (m *Meter) busy() (busy, steal int64, ok bool) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, false
	}
	for line := range strings.Lines(string(text)) {
		name, rest, _ := strings.Cut(line, " ")
		number, isCPU := strings.CutPrefix(name, "cpu")
		cpu, err := strconv.Atoi(number)
		f := strings.Fields(rest)
		if !isCPU || err != nil || !m.allowed.Has(cpu) || len(f) < 8 {
			continue
		}
		for _, i := range []int{0, 1, 2, 5, 6} {
			busy += parse(f[i])
		}
		steal += parse(f[7])
	}
	return busy, steal, busy > 0
}

// own adds up the CPU time of this process and all that descend from it, the dead that were waited for included.
func own() int64 {
	type process struct{ parent, ticks int64 }
	all := map[int64]process{}
	folders, err := os.ReadDir("/proc")
	if err != nil {
		return 0
	}
	for _, d := range folders {
		pid := parse(d.Name())
		if pid == 0 {
			continue
		}
		text, err := os.ReadFile("/proc/" + d.Name() + "/stat")
		if err != nil {
			continue // it ended
		}
		// proc_pid_stat(5): the name, in brackets, may hold blanks; state is the field behind it.
		f := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(f) < 15 {
			continue
		}
		p := process{parent: parse(f[1])}
		for _, i := range []int{11, 12, 13, 14} { // utime, stime, cutime, cstime
			p.ticks += parse(f[i])
		}
		all[pid] = p
	}
	sum, self := int64(0), int64(os.Getpid())
	for pid, p := range all {
		for up := pid; up > 1; up = all[up].parent {
			if up == self {
				sum += p.ticks
				break
			}
		}
	}
	return sum
}

// parse returns a number, 0 for what is none.
func parse(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}
