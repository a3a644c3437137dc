package sched

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

var threads = NewFunc("threads", func(context.Context, int) (int, error) { return runtime.GOMAXPROCS(0), nil })

// 17: N workers on N CPUs do not run more threads than there are CPUs, and neither do the libraries of foreign programs.
func Test17_NoOversubscription(t *testing.T) {
	out := &lines{}
	p, err := Start(within(t), &Options{Workers: 1, Stdout: out})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := threads.Call(within(t), p, 0); n != 1 || err != nil {
		t.Errorf("GOMAXPROCS of a worker: %d, %v", n, err)
	}
	t.Setenv("MKL_NUM_THREADS", "5")
	f, err := p.StartProgram(Program{Path: "sh", Env: []string{"OMP_NUM_THREADS=3"},
		Args: []string{"-c", "tr '\\0' '\\n' </proc/$$/environ | grep -cE '^(OMP|OPENBLAS|MKL)_NUM_THREADS'; echo $OMP_NUM_THREADS $OPENBLAS_NUM_THREADS $MKL_NUM_THREADS"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Wait(within(t)), p.Close()); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != "3\n3 1 5\n" {
		t.Errorf("a foreign program has OMP, OpenBLAS, MKL threads %q", got)
	}
}

// 26: submits go on while nobody takes anything, or wait; none is lost.
func Test26_SubmitsWhileNobodyTakes(t *testing.T) {
	p := start(t, &Options{Workers: 1})
	n := 100_000
	if os.Getenv("SHMATH_STRESS") != "" {
		n = 1_000_000
	}
	pid := p.PIDs()[0]
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(200*time.Millisecond, func() { _ = syscall.Kill(pid, syscall.SIGCONT) })
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	fs := make([]*Future[float64], n)
	for i := range fs {
		var err error
		if fs[i], err = square.Submit(ctx, p, float64(i)); err != nil {
			t.Fatalf("submit %d: %v", i, err)
		}
	}
	for i, f := range fs {
		if y, err := f.Wait(ctx); err != nil || y != float64(i)*float64(i) {
			t.Fatalf("%d: %v, %v", i, y, err)
		}
	}
}

// 27: workers start from a program with a thousand busy goroutines.
func Test27_StartBesideBusyGoroutines(t *testing.T) {
	var over atomic.Bool
	defer over.Store(true)
	for range 1000 {
		go func() {
			for !over.Load() {
				for begin := time.Now(); time.Since(begin) < 10*time.Microsecond; {
				}
				runtime.Gosched()
			}
		}()
	}
	for range 5 {
		p, err := Start(within(t), &Options{Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		if y, err := square.Call(within(t), p, 3); y != 9 || err != nil {
			t.Errorf("%v, %v", y, err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}

// 49: a worker of another build, or with other functions, is refused with an error that says so.
func Test49_Handshake(t *testing.T) {
	for _, row := range []struct {
		differ func(h *control)
		want   string
	}{
		{func(h *control) { h.build++ }, "another build"},
		{func(h *control) { h.functions++ }, "other functions"},
	} {
		p, err := Start(within(t), &Options{Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		row.differ(p.c)
		if err := syscall.Kill(p.PIDs()[0], syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		ctx := within(t)
		for err = nil; !errors.Is(err, ErrBroken) && ctx.Err() == nil; {
			_, err = square.Call(ctx, p, 3)
		}
		if !errors.Is(err, ErrBroken) || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%q is wanted: %v", row.want, err)
		}
		_ = p.Close() // says once more that it is broken
	}
}
