package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/shmath/shmath/batch"
	"github.com/shmath/shmath/internal/topology"
)

// grade says how bad a finding is.
type grade string

const (
	fine    grade = "ok"
	advice  grade = "advice"  // it works, and would work better
	problem grade = "problem" // pools do not start, or stop working when memory runs out
)

// finding is one thing that doctor looked at.
type finding struct {
	Name   string `json:"name"`
	Grade  grade  `json:"grade"`
	Found  string `json:"found"`
	Remedy string `json:"remedy,omitempty"` // a command, or what to change
}

// facts are what doctor knows of a machine. Sizes are in bytes.
type facts struct {
	topo           *topology.Topology
	memory, swap   int64
	shm            int64  // size of /dev/shm; 0: not mounted
	shmFree        int64  // of it
	shmWritable    bool   // a file without a name can be made there
	hugeShm        string // the choice of transparent_hugepage/shmem_enabled; empty: the kernel has none
	governor       string // of the first allowed CPU; empty: the machine does not say
	driver         string // of its frequency
	locked         int64  // limit of locked memory; -1: none
	load           float64
	pidfd, waitAny bool
	ofd            bool
	neighbours     []int // CPUs claimed by other pools of this user
}

func newDoctor(flags *batch.Flags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "report what holds this machine back, and how to mend it",
		Args:  count(0, 0, "shmath doctor"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := gather()
			if err != nil {
				return err
			}
			return tell(cmd.OutOrStdout(), f.examine(), flags.JSON)
		},
	}
	cmd.Flags().BoolVar(&flags.JSON, "json", false, "print the findings as JSON")
	return cmd
}

// tell prints the findings. Problems are an error as well, advice is none.
func tell(w io.Writer, findings []finding, asJSON bool) error {
	problems := 0
	var b strings.Builder
	for _, f := range findings {
		if f.Grade == problem {
			problems++
		}
		fmt.Fprintf(&b, "%-8s %s: %s\n", f.Grade, f.Name, f.Found)
		if f.Remedy != "" {
			fmt.Fprintf(&b, "%-8s -> %s\n", "", f.Remedy)
		}
	}
	if asJSON {
		b.Reset()
		e := json.NewEncoder(&b)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(findings); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	if problems > 0 {
		return fmt.Errorf("doctor: problems: %d; each has its remedy beside it", problems)
	}
	return nil
}

// examine judges the facts.
func (f *facts) examine() []finding {
	return []finding{
		f.sharedMemory(), f.hugePages(), f.quota(), f.frequency(), f.memoryLocks(), f.oversubscription(),
		f.ofdLocks(), f.processDescriptors(), f.waitForMany(),
	}
}

func (f *facts) sharedMemory() finding {
	r := finding{Name: "shared memory", Grade: fine}
	resize := "mount -o remount,size=50% /dev/shm; in Docker: docker run --shm-size=" + fmt.Sprintf("%dm", max(64, f.memory/2>>20)) +
		"; in Kubernetes: an emptyDir with medium: Memory at /dev/shm"
	switch {
	case f.shm == 0:
		r.Grade, r.Found, r.Remedy = problem, "/dev/shm is no tmpfs", "mount -t tmpfs -o size=50%,mode=1777 tmpfs /dev/shm"
	case !f.shmWritable:
		r.Grade, r.Found, r.Remedy = problem, "no file can be made in /dev/shm", "chmod 1777 /dev/shm; mount -o remount,rw /dev/shm"
	case f.shmFree < f.shm/20:
		r.Grade, r.Found = problem, fmt.Sprintf("/dev/shm is full: %s left of %s", sizeText(f.shmFree), sizeText(f.shm))
		r.Remedy = "shmath gc removes what dead processes left, shmath ls shows the rest; " + resize
	case f.shm < f.memory/4:
		r.Grade = advice
		r.Found = fmt.Sprintf("/dev/shm has %s, the machine has %s of memory", sizeText(f.shm), sizeText(f.memory))
		r.Remedy = resize
	default:
		r.Found = fmt.Sprintf("%s free in /dev/shm", sizeText(f.shmFree))
	}
	return r
}

func (f *facts) hugePages() finding {
	const file = "/sys/kernel/mm/transparent_hugepage/shmem_enabled"
	r := finding{Name: "huge pages", Grade: fine, Found: "shared memory may have them (" + f.hugeShm + ")"}
	switch f.hugeShm {
	case "":
		r.Found = "this kernel has none for shared memory"
	case "never", "deny":
		r.Grade = advice
		r.Found = file + " is " + f.hugeShm + ": large arrays take 512 times the page faults and address translations"
		r.Remedy = "echo within_size > " + file
	}
	return r
}

func (f *facts) quota() finding {
	q, cpus := f.topo.Quota, f.topo.Allowed.Len()
	r := finding{Name: "CPU quota", Grade: fine, Found: "none"}
	if q.CPUs == 0 {
		return r
	}
	r.Found = fmt.Sprintf("%.4g CPUs by %s, for %d CPUs that are allowed: %d workers by default", q.CPUs, q.File, cpus, min(q.Workers(), cpus))
	if q.CPUs >= float64(cpus) {
		return r
	}
	r.Grade = advice
	whole := max(1, q.Workers())
	if float64(whole) != q.CPUs {
		whole++
	}
	r.Remedy = fmt.Sprintf("a quota of %d CPUs uses the fraction: echo '%d 100000' > cpu.max, or docker run --cpus=%d; "+
		"CPUs of one's own are better than a quota: docker run --cpuset-cpus", whole, whole*100000, whole)
	return r
}

func (f *facts) frequency() finding {
	r := finding{Name: "frequency", Grade: fine, Found: "left to the hardware or the host"}
	if f.governor == "" {
		return r
	}
	r.Found = fmt.Sprintf("governor %s, driver %s", f.governor, f.driver)
	if f.governor == "performance" {
		return r
	}
	r.Grade = advice
	r.Remedy = "cpupower frequency-set -g performance; or echo performance | tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor"
	return r
}

// lockable is the least limit of locked memory that is worth having: the kernel's default is 8 MiB.
const lockable = 64 << 20

func (f *facts) memoryLocks() finding {
	r := finding{Name: "memory locks", Grade: fine}
	limit := "no limit"
	if f.locked >= 0 {
		limit = "limit " + sizeText(f.locked)
	}
	switch {
	case f.locked < 0 || f.locked >= lockable:
		r.Found = limit
	case f.swap == 0:
		r.Found = limit + ", and no swap to keep memory out of"
	default:
		r.Grade = advice
		r.Found = fmt.Sprintf("%s with %s of swap: arrays may be written to disk", limit, sizeText(f.swap))
		r.Remedy = "swapoff -a; or ulimit -l unlimited (limits.conf: memlock, systemd: LimitMEMLOCK=infinity) and vmtouch -l of the segments"
	}
	return r
}

func (f *facts) oversubscription() finding {
	cpus := f.topo.Allowed.Len()
	r := finding{Name: "other load", Grade: fine, Found: fmt.Sprintf("load %.1f on %d CPUs", f.load, cpus)}
	switch {
	case len(f.neighbours) > 0:
		r.Grade = advice
		r.Found += "; pools of other programs have workers on CPUs " + topology.FormatList(f.neighbours)
		r.Remedy = "give each program its CPUs: --cpus or --workers; shmath topo shows which are free"
	case f.load > float64(cpus):
		r.Grade = advice
		r.Found += ": more threads want to run than there are CPUs"
		r.Remedy = "end or renice what else runs (top shows it); or fewer workers: --workers"
	}
	return r
}

func (f *facts) ofdLocks() finding {
	r := finding{Name: "open-file-description locks", Grade: fine, Found: "the kernel has them"}
	if !f.ofd {
		r.Grade, r.Found = problem, "missing: nothing can tell who is alive"
		r.Remedy = "Linux 3.15 or newer; in a sandbox (gVisor, seccomp): allow fcntl F_OFD_SETLK"
	}
	return r
}

func (f *facts) processDescriptors() finding {
	r := finding{Name: "pidfd", Grade: fine, Found: "the kernel has them"}
	if !f.pidfd {
		r.Grade, r.Found = advice, "missing: children are signalled by number"
		r.Remedy = "Linux 5.4 or newer; in a sandbox: allow pidfd_open (Docker 20.10, libseccomp 2.5)"
	}
	return r
}

func (f *facts) waitForMany() finding {
	r := finding{Name: "futex_waitv", Grade: fine, Found: "the kernel has it"}
	if !f.waitAny {
		r.Grade, r.Found = advice, "missing: waiting for several words polls, and a death is noticed when its memory is torn down"
		r.Remedy = "Linux 5.16 or newer; in a sandbox: allow futex_waitv (system call 449)"
	}
	return r
}
