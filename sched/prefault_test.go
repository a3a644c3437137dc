//go:build linux

package sched

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/shm"
)

type strideArgs struct {
	X      *arena.Array[float64]
	Faults *arena.Array[int64] // by block
}

// stride adds 1 to an element of each page and counts the page faults of that.
var stride = NewLoop("test.prefault.stride", func(c *Chunk, a strideArgs) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	x := a.X.Slice()[c.Lo:c.Hi]
	var before, after unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &before); err != nil {
		return err
	}
	for i := 0; i < len(x); i += pageBytes / 8 {
		x[i]++
	}
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &after); err != nil {
		return err
	}
	a.Faults.Slice()[c.Index] = after.Minflt - before.Minflt
	return nil
})

// strideFaults runs stride with one block for each worker, and returns the most page faults in one.
func strideFaults(t *testing.T, p *Pool, x *arena.Array[float64]) int64 {
	t.Helper()
	faults, err := arena.New[int64](p.Arena(), p.Workers())
	if err != nil {
		t.Fatal(err)
	}
	defer faults.Free()
	opts := LoopOptions{Block: (x.Len() + p.Workers() - 1) / p.Workers()}
	if err := stride.RunWith(within(t), p, x.Len(), strideArgs{x, faults}, opts); err != nil {
		t.Fatal(err)
	}
	return slices.Max(faults.Slice())
}

const prefaultPages = 4096 // of the share of each worker

// After Prefault, a loop has no page faults to speak of. On a busy machine a worker may come too late for its own share, and
// another maps it, or runs it: then it is tried again, with memory that nobody has mapped.
func Test33_PrefaultLeavesNoPageFaults(t *testing.T) {
	for _, backend := range []Backend{Processes, InProcess} {
		t.Run(fmt.Sprint(backend), func(t *testing.T) {
			p := start(t, &Options{Workers: 2, Backend: backend})
			array := func() *arena.Array[float64] {
				x, err := arena.New[float64](p.Arena(), 2*prefaultPages*pageBytes/8)
				if err != nil {
					t.Fatal(err)
				}
				return x
			}
			lazy := strideFaults(t, p, array())
			if lazy < prefaultPages/64 { // large folios may halve and quarter them
				t.Errorf("%d page faults in %d pages that nobody has touched", lazy, prefaultPages)
			}
			for attempt := 1; ; attempt++ {
				x := array()
				for i := range x.Slice()[:10] {
					x.Slice()[i] = float64(i)
				}
				if err := p.Prefault(within(t), x); err != nil {
					t.Fatal(err)
				}
				eager := strideFaults(t, p, x)
				if eager < prefaultPages/256 {
					t.Logf("%d page faults with, %d without, in %d pages", eager, lazy, prefaultPages)
					if x.At(0) != 1 || x.At(9) != 9 || x.At(100) != 0 {
						t.Errorf("elements have changed: %v", x.Slice()[:10])
					}
					return
				}
				if attempt == 30 {
					t.Fatalf("%d page faults after Prefault, %d without", eager, lazy)
				}
			}
		})
	}
}

// Kernels before 5.14 touch the pages: nothing changes, and they are mapped.
func Test33_TouchKeepsElements(t *testing.T) {
	mem, err := unix.Mmap(-1, 0, 64*os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANON)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(mem)
	mem[0], mem[os.Getpagesize()] = 7, 9
	touchPages(mem, true)
	touchPages(mem, false)
	resident := make([]byte, 64)
	if _, _, errno := unix.Syscall(unix.SYS_MINCORE, layout.Address(mem), uintptr(len(mem)), layout.Address(resident)); errno != 0 {
		t.Fatal(errno)
	}
	for i, r := range resident {
		if r&1 == 0 {
			t.Errorf("page %d is not there", i)
		}
	}
	if mem[0] != 7 || mem[os.Getpagesize()] != 9 || mem[1] != 0 {
		t.Error("touching changed an element")
	}
}

func Test33_PrefaultRefuses(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	private := arena.Wrap(make([]float64, 4096), 4096)
	if err := p.Prefault(within(t), private); !errors.Is(err, ErrPrivate) {
		t.Errorf("private memory: %v", err)
	}
	x, err := arena.New[float64](p.Arena(), 64, 64)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Prefault(within(t), x.T()); err == nil {
		t.Error("a view that is not contiguous was taken")
	}
	if err := p.Prefault(within(t), nil); err == nil {
		t.Error("nil was taken")
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := p.Prefault(ended, x); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
	if err := p.Prefault(within(t), x, x.Rows(3, 5)); err != nil {
		t.Error(err)
	}
	if err := p.Prefault(within(t)); err != nil {
		t.Error(err)
	}
}

// A file system that is full, and a file that was cut off: errors, and the workers live.
func Test33_PrefaultWithoutRoom(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("mounting needs a privilege: %v", err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	const n = 1 << 16 // half of it
	path := filepath.Join(dir, "x.npy")
	if x, err := arena.CreateFile[float64](path, n); err != nil {
		t.Fatal(err)
	} else if err := errors.Join(x.Commit(), x.Close()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	header := info.Size() - 8*n
	if err := errors.Join(os.Truncate(path, header), os.Truncate(path, info.Size())); err != nil { // a hole for data
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(dir, "ballast"), make([]byte, 1<<20), 0o600) // as much as goes in
	x, err := arena.MapFile[float64](path, arena.ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if err := p.Prefault(within(t), x); !errors.Is(err, shm.ErrNoSpace) {
		t.Errorf("a full file system: %v", err)
	}
	if err := os.Truncate(path, header); err != nil {
		t.Fatal(err)
	}
	if err := p.Prefault(within(t), x); err == nil || errors.Is(err, shm.ErrNoSpace) || !strings.Contains(err.Error(), "truncated") {
		t.Errorf("a truncated file: %v", err)
	}
	if s, err := p.Stats(); err != nil || s.Total().Restarts != 0 {
		t.Errorf("%d workers died of it, %v", s.Total().Restarts, err)
	}
}

// BenchmarkFirstPass has the first pass over new memory beside the second, with and without Prefault, and what Prefault
// takes itself. The array has 256 MiB.
func BenchmarkFirstPass(b *testing.B) {
	const n = 256 << 20 / 8
	ctx := context.Background()
	for _, eager := range []bool{false, true} {
		b.Run(fmt.Sprintf("prefault=%t", eager), func(b *testing.B) {
			var prefaulted, first, second time.Duration
			timed := func(total *time.Duration, f func() error) {
				begin := time.Now()
				if err := f(); err != nil {
					b.Fatal(err)
				}
				*total += time.Since(begin)
			}
			for b.Loop() {
				p, err := Start(ctx, nil)
				if err != nil {
					b.Fatal(err)
				}
				x, err := arena.New[int64](p.Arena(), n)
				if err != nil {
					b.Fatal(err)
				}
				if eager {
					timed(&prefaulted, func() error { return p.Prefault(ctx, x) })
				}
				pass := func() error { return fill.Run(ctx, p, n, x) }
				timed(&first, pass)
				timed(&second, pass)
				if err := p.Close(); err != nil {
					b.Fatal(err)
				}
			}
			gb := float64(b.N) * n * 8 / 1e9
			b.ReportMetric(prefaulted.Seconds()*1e3/float64(b.N), "prefault-ms")
			b.ReportMetric(gb/first.Seconds(), "first-GB/s")
			b.ReportMetric(gb/second.Seconds(), "second-GB/s")
			b.ReportMetric(second.Seconds()/first.Seconds(), "first/second")
		})
	}
}
