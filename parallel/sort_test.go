//go:build linux

package parallel

import (
	"context"
	"errors"
	"math"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/kernels"
	"github.com/shmath/shmath/sched"
)

// arrayOf makes an array of one dimension from values.
func arrayOf[T arena.Element](t testing.TB, p *sched.Pool, values []T) *arena.Array[T] {
	t.Helper()
	x, err := arena.New[T](p.Arena(), len(values))
	if err != nil {
		t.Fatal(err)
	}
	copy(x.Slice(), values)
	return x
}

// sortCase are n numbers with many equal ones, zeros of both signs and NaN.
func sortCase(n int, kind string) []float64 {
	x := make([]float64, n)
	kernels.Uniform(x, [2]uint64{uint64(n), 7}, 0)
	for i, u := range x {
		switch kind {
		case "few":
			x[i] = math.Floor(u*5) - 2
		case "zeros":
			x[i] = math.Copysign(math.Floor(u*3), float64(i%2)-0.5)
		case "nan":
			if u < 0.3 {
				x[i] = math.NaN()
			}
		case "equal":
			x[i] = 4
		case "sorted":
			x[i] = float64(i)
		}
	}
	return x
}

func TestSort_HasTheBitsOfOneCall(t *testing.T) {
	pools(t, func(t *testing.T, p *sched.Pool) (bits []uint64) {
		for _, n := range []int{0, 1, 1000, sortInline, sortInline + 1, 5*sortBlock - 3} {
			for _, kind := range []string{"random", "few", "zeros", "nan", "equal", "sorted"} {
				want := sortCase(n, kind)
				x := arrayOf(t, p, want)
				kernels.Sort(want)
				if err := Sort(within(t), p, x); err != nil {
					t.Fatal(err)
				}
				for i, v := range x.Slice() {
					if math.Float64bits(v) != math.Float64bits(want[i]) && (v == v || want[i] == want[i]) {
						t.Fatalf("%s, %d elements: element %d is %v, want %v", kind, n, i, v, want[i])
					}
				}
				bits = append(bits, hash(x.Slice()))
				x.Free()
			}
		}
		ints := make([]int32, 4*sortBlock)
		for i := range ints {
			ints[i] = int32(i * 2654435761)
		}
		y := arrayOf(t, p, ints)
		slices.Sort(ints)
		if err := Sort(within(t), p, y); err != nil || !slices.Equal(y.Slice(), ints) {
			t.Fatal("int32", err)
		}
		return bits
	})
}

// hash mixes the bits of numbers; every NaN counts as the same.
func hash(x []float64) (h uint64) {
	for _, v := range x {
		h = (h ^ kernels.Key64(v)) * 0x9E3779B97F4A7C15
	}
	return h
}

// killWorker kills the process of a worker, unless it is just being replaced: process 0 would be all of this test's group.
func killWorker(t *testing.T, p *sched.Pool, worker int) {
	t.Helper()
	pid := p.PIDs()[worker]
	if pid == 0 {
		return
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		t.Fatal(err)
	}
}

func TestSort_KilledWorkersChangeNothing(t *testing.T) {
	p := start(t, &sched.Options{Workers: 2})
	values := sortCase(1_000_000, "random")
	want := slices.Clone(values)
	kernels.Sort(want)
	x := arrayOf(t, p, values)
	for round := range 6 {
		copy(x.Slice(), values)
		done := make(chan error)
		go func() { done <- Sort(within(t), p, x) }()
		time.Sleep(time.Duration(1+3*round) * time.Millisecond)
		killWorker(t, p, round%2)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(x.Slice(), want) {
			t.Fatalf("round %d: not sorted, or other elements", round)
		}
	}
}

func TestSort_CanceledKeepsTheElements(t *testing.T) {
	p := start(t, &sched.Options{Workers: 2})
	values := sortCase(1_000_000, "random")
	want := slices.Clone(values)
	kernels.Sort(want)
	x := arrayOf(t, p, values)
	for round := range 4 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(2+4*round)*time.Millisecond)
		err := Sort(ctx, p, x)
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		got := slices.Clone(x.Slice())
		kernels.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("round %d, %v: elements are lost", round, err)
		}
	}
}

func TestSort_RefusesWhatItCannotSortInPlace(t *testing.T) {
	p := start(t, &sched.Options{Workers: 1})
	steps := arrayOf(t, p, make([]float64, 10)).View(arena.Range{Hi: arena.End, Step: 2})
	for _, x := range []*arena.Array[float64]{randomMatrix[float64](t, p, 4, 6), steps} {
		if err := Sort(within(t), p, x); !errors.Is(err, ErrOutput) {
			t.Errorf("%v: error %v, want ErrOutput", x, err)
		}
	}
}
