package result

import (
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/klauspost/cpuid/v2"
)

// Environment is what the figures of a run depend on.
type Environment struct {
	Date     time.Time `json:"date"`
	Command  string    `json:"command"`
	Commit   string    `json:"commit"` // of shmath; with + when files had changed
	Go       string    `json:"go"`
	OS       string    `json:"os"`
	Arch     string    `json:"arch"`
	ISA      string    `json:"isa"`     // the instruction set of the kernels
	Machine  string    `json:"machine"` // maker and model, or the hypervisor
	CPU      string    `json:"cpu"`
	CPUs     int       `json:"cpus"` // on which the run may be
	Cores    int       `json:"cores"`
	Caches   string    `json:"caches"`
	Memory   int64     `json:"memory_bytes"`
	Kernel   string    `json:"kernel"`
	Governor string    `json:"governor"` // of the frequency
	Load     float64   `json:"load"`     // runnable processes, average of the minute before
	// Versions of the Go modules that take part as peers, and of what they are built from.
	Modules map[string]string `json:"modules,omitempty"`
}

const unknown = "unknown"

// NewEnvironment looks at this machine and this program.
func NewEnvironment(command []string, isa string) Environment {
	e := Environment{
		Date: time.Now().UTC().Truncate(time.Second), Command: strings.Join(command, " "), Commit: unknown,
		Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, ISA: isa,
		Machine: unknown, CPU: cpuid.CPU.BrandName, CPUs: runtime.NumCPU(), Cores: runtime.NumCPU(),
		Kernel: unknown, Governor: unknown, Caches: unknown,
	}
	if b, ok := debug.ReadBuildInfo(); ok {
		for _, m := range b.Deps {
			if e.Modules == nil {
				e.Modules = map[string]string{}
			}
			e.Modules[m.Path] = m.Version
		}
		e.Commit = commit(b)
	}
	if e.CPU == "" {
		e.CPU = unknown
	}
	e.look()
	return e
}

// commit is the revision that the program was built from. Built as a dependency, it has a version instead.
func commit(b *debug.BuildInfo) string {
	at, changed := b.Main.Version, ""
	for _, s := range b.Settings {
		switch {
		case s.Key == "vcs.revision":
			at = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+"
		}
	}
	if at == "" {
		return unknown
	}
	return at + changed
}

// Module returns the name and version of a module, as a peer is called.
func (e *Environment) Module(name, path string) string {
	return strings.TrimSpace(name + " " + e.Modules[path])
}
