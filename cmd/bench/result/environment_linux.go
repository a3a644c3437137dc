package result

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/internal/topology"
)

func (e *Environment) look() {
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		e.Kernel = unix.ByteSliceToString(name.Release[:])
	}
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) == nil {
		e.Memory = int64(info.Totalram) * int64(info.Unit)
		e.Load = float64(info.Loads[0]) / (1 << 16)
	}
	if m := strings.TrimSpace(line("/sys/class/dmi/id/sys_vendor") + " " + line("/sys/class/dmi/id/product_name")); m != "" {
		e.Machine = m
	} else if flags, _ := os.ReadFile("/proc/cpuinfo"); strings.Contains(string(flags), " hypervisor") {
		e.Machine = "virtual machine"
	}
	t, err := topology.Live()
	if err != nil {
		return
	}
	e.CPUs, e.Cores = t.Allowed.Len(), t.Summary().Cores
	if t.Model != "" {
		e.CPU = t.Model
	}
	cpu := fmt.Sprintf("/sys/devices/system/cpu/cpu%d/", t.Allowed.First())
	if g := line(cpu + "cpufreq/scaling_governor"); g != "" {
		e.Governor = g
	} else {
		e.Governor = "none: the machine does not let the system choose frequencies"
	}
	if c := caches(cpu + "cache"); c != "" {
		e.Caches = c
	}
}

// caches says what lies between a CPU and memory.
func caches(folder string) string {
	var list []string
	all, _ := filepath.Glob(folder + "/index*")
	slices.Sort(all)
	for _, c := range all {
		kind := map[string]string{"Data": "d", "Instruction": "i"}[line(c+"/type")]
		if size := line(c + "/size"); size != "" {
			list = append(list, fmt.Sprintf("L%s%s %s (CPUs %s)", line(c+"/level"), kind, size, line(c+"/shared_cpu_list")))
		}
	}
	return strings.Join(list, ", ")
}

func line(path string) string {
	b, _ := os.ReadFile(path)
	return strings.TrimSpace(string(b))
}
