//go:build linux

package sched

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/arena"
)

// A13: a program of another language is a member of the pool: it finds the arrays, and ends with the pool.
func TestA13_ForeignProgram(t *testing.T) {
	out := &lines{}
	p, err := Start(within(t), &Options{Workers: 1, Stdout: out, Stderr: out})
	if err != nil {
		t.Fatal(err)
	}
	x, err := arena.New[int64](p.Arena(), 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	copy(x.Slice(), []int64{1, 2, 3, 4, 5, 6})
	// The shell finds the bytes of the array with dd: no program needs this package.
	script := `IFS=: read file offset dtype shape <<EOF2
$SHMATH_ARRAY_X
EOF2
echo "$dtype $shape" $(dd if=$file bs=1 skip=$offset count=48 2>/dev/null | od -An -v -td8)
printf '\052' | dd of=$file bs=1 seek=$offset conv=notrunc 2>/dev/null
ls /dev/shm/$SHMATH_ARENA /dev/shm/$SHMATH_CONTROL | wc -l`
	f, err := p.StartProgram(Program{Path: "sh", Args: []string{"-c", script}, Arrays: map[string]arena.AnyArray{"x": x}})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Wait(within(t)); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != "<i8 2,3 1 2 3 4 5 6\n2\n" {
		t.Fatalf("it said %q", got)
	}
	if x.Slice()[0] != 42 {
		t.Fatalf("it wrote %v", x.Slice())
	}
	f, err = p.StartProgram(Program{Path: "sh", Args: []string{"-c", "echo sorry >&2; exit 7"}})
	if err != nil {
		t.Fatal(err)
	}
	var failed *ForeignError
	if err := f.Wait(within(t)); !errors.As(err, &failed) || failed.Exit.Code != 7 || !strings.HasSuffix(err.Error(), "sorry") {
		t.Fatal(err)
	}
	if _, err := p.StartProgram(Program{Path: "no-such-program"}); !errors.Is(err, exec.ErrNotFound) {
		t.Fatal(err)
	}
	polite, err1 := p.StartProgram(Program{Path: "sleep", Args: []string{"1000"}})
	deaf, err2 := p.StartProgram(Program{Path: "sh", Args: []string{"-c", "trap '' TERM; echo deaf; while :; do sleep 0.01; done"}})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(out.String(), "deaf"); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the deaf program does not begin")
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	for want, f := range map[syscall.Signal]*Foreign{syscall.SIGTERM: polite, syscall.SIGKILL: deaf} {
		if err := f.Wait(within(t)); !errors.As(err, &failed) || failed.Exit.Signal != want {
			t.Errorf("%v: %v", want, err)
		}
	}
	if _, err := p.StartProgram(Program{Path: "true"}); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

func TestA13_ForeignNumPy(t *testing.T) {
	python := os.Getenv("SHMATH_PYTHON")
	if python == "" {
		python = "python3"
	}
	if exec.Command(python, "-c", "import numpy").Run() != nil {
		t.Skipf("%s has no NumPy", python)
	}
	p := start(t, &Options{Workers: 1})
	x, err := arena.New[float64](p.Arena(), 3, 4)
	if err != nil {
		t.Fatal(err)
	}
	f, err := p.StartProgram(Program{Path: python, Args: []string{"-c", `
import os, numpy
file, offset, dtype, shape = os.environ["SHMATH_ARRAY_X"].split(":")
x = numpy.memmap(file, dtype, "r+", int(offset), tuple(map(int, shape.split(","))))
x[:] = numpy.arange(12).reshape(3, 4)
`}, Arrays: map[string]arena.AnyArray{"x": x}})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Wait(within(t)); err != nil {
		t.Fatal(err)
	}
	if x.At(2, 3) != 11 {
		t.Fatalf("%v", x.Slice())
	}
}

// 51: planned faults happen where they are planned, once.
func Test51_FaultPlan(t *testing.T) {
	p := start(t, &Options{Workers: 1, Faults: []Fault{
		{At: 3, Kind: FaultKill}, {At: 5, Kind: FaultNoSpace}, {At: 6, Kind: FaultDelay, Delay: 30 * time.Millisecond}, {At: 8, Kind: FaultKill},
	}})
	for n := 1; n <= 6; n++ {
		begin := time.Now()
		y, err := square.Call(within(t), p, 2)
		var death *DeathError
		switch n {
		case 3:
			if !errors.As(err, &death) || death.Cause != CauseKilled {
				t.Fatalf("call %d: %v", n, err)
			}
		case 5:
			if !errors.Is(err, arena.ErrNoSpace) {
				t.Fatalf("call %d: %v", n, err)
			}
		default:
			if err != nil || y != 4 {
				t.Fatalf("call %d: %v, %v", n, y, err)
			}
			if n == 6 && time.Since(begin) < 30*time.Millisecond {
				t.Fatalf("call %d was not delayed", n)
			}
		}
	}
	// Step 7 is the first block, 8 the second, whose worker dies; 9 is that block again.
	if err := filled(t, p, 40, LoopOptions{Block: 10, Idempotent: true}); err != nil {
		t.Fatal(err)
	}
	if n := p.c.crew[0].steps.Load(); n != 11 {
		t.Errorf("%d blocks and calls were begun, not 11", n)
	}
}

func Test51_FaultPlanRefuses(t *testing.T) {
	for i, o := range []Options{
		{Workers: 1, Faults: []Fault{{Worker: 1, At: 1}}},
		{Workers: 1, Faults: []Fault{{At: 0}}},
		{Workers: 1, Faults: []Fault{{At: 1, Kind: 9}}},
		{Workers: 1, Backend: InProcess, Faults: []Fault{{At: 1, Kind: FaultKill}}},
	} {
		if p, err := Start(within(t), &o); err == nil || !strings.Contains(err.Error(), "Faults[0]") {
			t.Errorf("%d: %v", i, err)
			if err == nil {
				p.Close()
			}
		}
	}
	p := start(t, &Options{Workers: 1, Backend: InProcess, Faults: []Fault{{At: 1, Kind: FaultNoSpace}}})
	if err := filled(t, p, 10, LoopOptions{Block: 10}); !errors.Is(err, arena.ErrNoSpace) {
		t.Error(fmt.Errorf("in-process: %w", err))
	}
}
