package ring

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/layout"
)

// Benchmarks run between two processes pinned to CPUs 0 and 1 (SHMATH_PIN=a,b changes them): the benchmark itself and
// one child. Round trips print the ratio to the bare two-line ping-pong of the same run.

type (
	item8   = uint64
	item64  = [8]uint64
	item1K  = [128]uint64
	item64K = [8192]uint64
)

func pin(tb interface{ Fatal(...any) }, which int) {
	cpus := []int{0, 1}
	_, _ = fmt.Sscanf(os.Getenv("SHMATH_PIN"), "%d,%d", &cpus[0], &cpus[1])
	var set unix.CPUSet
	set.Set(cpus[which])
	entries, err := os.ReadDir("/proc/self/task")
	if err != nil {
		tb.Fatal(err)
	}
	for _, e := range entries {
		tid, _ := strconv.Atoi(e.Name())
		_ = unix.SchedSetaffinity(tid, &set)
	}
}

type fataler struct{}

func (fataler) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

func unpin() {
	var set unix.CPUSet
	for i := range runtime.NumCPU() {
		set.Set(i)
	}
	entries, _ := os.ReadDir("/proc/self/task")
	for _, e := range entries {
		tid, _ := strconv.Atoi(e.Name())
		_ = unix.SchedSetaffinity(tid, &set)
	}
}

func init() {
	roles["bench-consume-8"] = consumeRole[item8]
	roles["bench-consume-64"] = consumeRole[item64]
	roles["bench-consume-1024"] = consumeRole[item1K]
	roles["bench-consume-65536"] = consumeRole[item64K]
	roles["bench-span-8"] = spanRole[item8]
	roles["bench-span-64"] = spanRole[item64]
	roles["bench-echo-8"] = echoRole[item8]
	roles["bench-echo-64"] = echoRole[item64]
	roles["bench-echo-1024"] = echoRole[item1K]
	roles["bench-bare"] = bareRole
}

func consumeRole[T any](w *world, args []string) error {
	pin(fataler{}, 1)
	q, err := AttachSPSC[T](w.Bytes(), w.options())
	if err != nil {
		return err
	}
	for {
		v, err := q.Pop(context.Background())
		if err == ErrClosed {
			return nil
		}
		if err != nil {
			return err
		}
		_ = v
	}
}

func spanRole[T any](w *world, args []string) error {
	pin(fataler{}, 1)
	q, err := AttachSPSC[T](w.Bytes(), w.options())
	if err != nil {
		return err
	}
	buf := make([]T, 64)
	for {
		_, err := q.PopBatch(context.Background(), buf)
		if err == ErrClosed {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// capFor keeps the ring within a core's own cache.
func capFor(size int) int { return min(4096, max(64, 1<<20/size)) }

func BenchmarkSPSC(b *testing.B) {
	throughput[item8](b, 8)
	throughput[item64](b, 64)
	throughput[item1K](b, 1024)
	throughput[item64K](b, 65536)
	spans[item8](b, 8)
	spans[item64](b, 64)
	roundTrip[item8](b, 8)
	roundTrip[item64](b, 64)
	roundTrip[item1K](b, 1024)
}

func throughput[T any](b *testing.B, size int) {
	b.Run(fmt.Sprintf("op=push-pop/size=%d", size), func(b *testing.B) {
		f := newFamily(b, SizeSPSC[T](capFor(size)))
		q, err := CreateSPSC[T](f.Bytes(), capFor(size), f.options())
		if err != nil {
			b.Fatal(err)
		}
		c := f.start(fmt.Sprintf("bench-consume-%d", size))
		eventually(b, "a consumer", func() bool { return q.pre.consumer.Load() != 0 })
		pin(b, 0)
		defer unpin()
		var v T
		ctx := context.Background()
		b.SetBytes(int64(size))
		b.ResetTimer()
		for range b.N {
			if err := q.Push(ctx, v); err != nil {
				b.Fatal(err)
			}
		}
		for q.Len() > 0 {
			runtime.Gosched()
		}
		b.StopTimer()
		q.Close()
		c.wait()
	})
}

func spans[T any](b *testing.B, size int) {
	b.Run(fmt.Sprintf("op=span64/size=%d", size), func(b *testing.B) {
		f := newFamily(b, SizeSPSC[T](capFor(size)))
		q, err := CreateSPSC[T](f.Bytes(), capFor(size), f.options())
		if err != nil {
			b.Fatal(err)
		}
		c := f.start(fmt.Sprintf("bench-span-%d", size))
		eventually(b, "a consumer", func() bool { return q.pre.consumer.Load() != 0 })
		pin(b, 0)
		defer unpin()
		var v T
		ctx := context.Background()
		b.SetBytes(int64(size))
		b.ResetTimer()
		for n := 0; n < b.N; {
			s, err := q.Claim(min(64, b.N-n))
			if err == ErrFull {
				if err := q.writable.wait(ctx); err != nil {
					b.Fatal(err)
				}
				continue
			}
			for chunk := range s.Chunks() {
				for i := range chunk {
					chunk[i] = v
				}
			}
			q.Commit(s.Len())
			n += s.Len()
		}
		for q.Len() > 0 {
			runtime.Gosched()
		}
		b.StopTimer()
		q.Close()
		c.wait()
	})
}

func echoRole[T any](w *world, args []string) error {
	pin(fataler{}, 1)
	var o Options = *w.options()
	spin, err := time.ParseDuration(args[0])
	if err != nil {
		return err
	}
	o.Spin = spin
	size := SizeSPSC[T](64)
	in, err := AttachSPSC[T](w.Bytes(), &o)
	if err != nil {
		return err
	}
	out, err := AttachSPSC[T](w.Bytes()[size:], &o)
	if err != nil {
		return err
	}
	for v, err := range in.All(context.Background()) {
		if err != nil {
			return err
		}
		if err := out.Push(context.Background(), v); err != nil {
			return err
		}
	}
	return nil
}

// bareRole answers on two lines with nothing around them: the limit that the memory system sets.
func bareRole(w *world, args []string) error {
	pin(fataler{}, 1)
	there, back := layout.View[index](w.Bytes(), 0), layout.View[index](w.Bytes(), layout.Line)
	for want := uint64(1); ; want++ {
		for there.Load() != want {
			if there.Load() == ^uint64(0) {
				return nil
			}
			asm.Pause(1)
		}
		publish(&back.Uint64, want)
	}
}

// bare measures the two-line ping-pong and returns its median.
func bare(b *testing.B) float64 {
	f := newFamily(b, 4096)
	c := f.start("bench-bare")
	there, back := layout.View[index](f.Bytes(), 0), layout.View[index](f.Bytes(), layout.Line)
	var times []time.Duration
	for i := uint64(1); i <= 40_000; i++ {
		begin := time.Now()
		publish(&there.Uint64, i)
		for back.Load() != i {
			asm.Pause(1)
		}
		times = append(times, time.Since(begin))
	}
	there.Store(^uint64(0))
	c.wait()
	return quantile(times, 0.5)
}

func quantile(times []time.Duration, q float64) float64 {
	slices.Sort(times)
	return float64(times[int(q*float64(len(times)-1))])
}

func roundTrip[T any](b *testing.B, size int) {
	for _, spin := range []time.Duration{time.Second, 0, -1} {
		mode := map[time.Duration]string{time.Second: "poll", 0: "spin-sleep", -1: "sleep"}[spin]
		b.Run(fmt.Sprintf("op=round-trip/size=%d/wait=%s", size, mode), func(b *testing.B) {
			pin(b, 0)
			defer unpin()
			limit := bare(b)
			one := SizeSPSC[T](64)
			f := newFamily(b, 2*one)
			o := *f.options()
			o.Spin = spin
			there, err := CreateSPSC[T](f.Bytes(), 64, &o)
			if err != nil {
				b.Fatal(err)
			}
			back, err := CreateSPSC[T](f.Bytes()[one:], 64, &o)
			if err != nil {
				b.Fatal(err)
			}
			c := f.start(fmt.Sprintf("bench-echo-%d", size), spin)
			eventually(b, "a consumer", func() bool { return there.pre.consumer.Load() != 0 })
			var v T
			ctx := context.Background()
			times := make([]time.Duration, b.N)
			b.ResetTimer()
			for i := range b.N {
				begin := time.Now()
				if err := there.Push(ctx, v); err != nil {
					b.Fatal(err)
				}
				if _, err := back.Pop(ctx); err != nil {
					b.Fatal(err)
				}
				times[i] = time.Since(begin)
			}
			b.StopTimer()
			there.Close()
			c.wait()
			p50 := quantile(times, 0.5)
			b.ReportMetric(p50, "p50-ns")
			b.ReportMetric(quantile(times, 0.99), "p99-ns")
			b.ReportMetric(quantile(times, 0.999), "p99.9-ns")
			b.ReportMetric(p50/limit, "x-bare")
		})
	}
}

func init() {
	roles["bench-record"] = func(w *world, args []string) error {
		pin(fataler{}, 1)
		q, err := AttachRecord(w.Bytes(), w.options())
		if err != nil {
			return err
		}
		for _, err := range q.All(context.Background()) {
			if err != nil {
				return err
			}
		}
		return nil
	}
	roles["bench-mpmc"] = func(w *world, args []string) error {
		pin(fataler{}, 1)
		q, err := AttachMPMC[item8](w.Bytes(), w.options())
		if err != nil {
			return err
		}
		for _, err := range q.All(context.Background()) {
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// BenchmarkRecord claims, writes one word in place and commits; the consumer sees the messages in place.
func BenchmarkRecord(b *testing.B) {
	for _, size := range []int{8, 64, 1024, 65536} {
		b.Run(fmt.Sprintf("op=claim-commit/size=%d", size), func(b *testing.B) {
			f := newFamily(b, SizeRecord(1<<20, nil))
			q, err := CreateRecord(f.Bytes(), 1<<20, f.options())
			if err != nil {
				b.Fatal(err)
			}
			c := f.start("bench-record")
			eventually(b, "a consumer", func() bool { return q.pre.consumer.Load() != 0 })
			pin(b, 0)
			defer unpin()
			b.ResetTimer()
			for i := range b.N {
				m, err := q.ClaimWait(context.Background(), size)
				if err != nil {
					b.Fatal(err)
				}
				m[0] = byte(i)
				q.Commit(size)
			}
			for q.Len() > 0 {
				runtime.Gosched()
			}
			b.StopTimer()
			q.Close()
			c.wait()
		})
	}
}

func BenchmarkMPMC(b *testing.B) {
	b.Run("op=push-pop/size=8", func(b *testing.B) {
		f := newFamily(b, SizeMPMC[item8](1024))
		q, err := CreateMPMC[item8](f.Bytes(), 1024, f.options())
		if err != nil {
			b.Fatal(err)
		}
		c := f.start("bench-mpmc")
		eventually(b, "a consumer", func() bool { return q.shared.roster.tags[1].Load() != 0 })
		pin(b, 0)
		defer unpin()
		b.ResetTimer()
		for i := range b.N {
			if err := q.Push(context.Background(), uint64(i)); err != nil {
				b.Fatal(err)
			}
		}
		for q.Len() > 0 {
			runtime.Gosched()
		}
		b.StopTimer()
		q.Close()
		c.wait()
	})
}
