package result

import (
	"os/exec"
	"testing"
	"time"
)

// What this program and its children use is not others'; what a stranger uses is. Both burn CPU here, so that a meter that
// mixes them up is found out on a busy machine too.
func TestMeter_KnowsItsOwn(t *testing.T) {
	m := NewMeter()
	before := own()
	cmd := exec.Command("/bin/sh", "-c", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done")
	if err := cmd.Run(); err != nil {
		t.Skip(err)
	}
	used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	n := m.Lap()
	if !n.Known {
		t.Skip("no /proc/stat")
	}
	if got := time.Duration(own()-before) * time.Second / ticksPerSecond; got < used-50*time.Millisecond {
		t.Errorf("a child used %v, the meter saw %v", used, got)
	}
	if n.Share() < 0 || n.Share() > 1 || n.Wall <= 0 || n.CPUs < 1 {
		t.Errorf("%+v", n)
	}
}
