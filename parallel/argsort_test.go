//go:build linux

package parallel

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/kernels"
	"github.com/shmath/shmath/sched"
)

// argSorted is what kernels.ArgSort says.
func argSorted[T kernels.Sortable](x []T) []int64 {
	places, want := make([]int, len(x)), make([]int64, len(x))
	kernels.ArgSort(places, x)
	kernels.Convert(want, places)
	return want
}

func TestArgSort_IsThatOfOneCall(t *testing.T) {
	pools(t, func(t *testing.T, p *sched.Pool) (bits []uint64) {
		for _, n := range []int{0, 1, 1000, sortInline, sortInline + 1, 5*sortBlock - 3} {
			for _, kind := range []string{"random", "few", "zeros", "nan", "equal", "sorted"} {
				values := sortCase(n, kind)
				bits = append(bits, checkArgSort(t, p, kind, values))
			}
		}
		longs, ints, singles := make([]int64, 4*sortBlock), make([]int32, 4*sortBlock), make([]float32, 4*sortBlock)
		for i := range ints {
			longs[i], ints[i], singles[i] = int64(i)*-0x61c8864680b583eb, int32(i*2654435761)>>20, float32(i%1000)-500
		}
		return append(bits, checkArgSort(t, p, "int64", longs), checkArgSort(t, p, "int32", ints), checkArgSort(t, p, "float32", singles))
	})
}

func checkArgSort[T kernels.Sortable](t *testing.T, p *sched.Pool, kind string, values []T) (bits uint64) {
	t.Helper()
	x, dst := arrayOf(t, p, values), arrayOf(t, p, make([]int64, len(values)))
	defer x.Free()
	defer dst.Free()
	if err := ArgSort(within(t), p, dst, x); err != nil {
		t.Fatal(err)
	}
	if want := argSorted(values); !slices.Equal(dst.Slice(), want) {
		t.Fatalf("%s, %d elements: another permutation", kind, len(values))
	}
	for _, v := range dst.Slice() {
		bits = bits*31 + uint64(v)
	}
	return bits
}

func TestUnique_IsThatOfOneCall(t *testing.T) {
	pools(t, func(t *testing.T, p *sched.Pool) (bits []uint64) {
		for _, n := range []int{0, 1, 1000, sortInline, sortInline + 1, 5*sortBlock - 3} {
			for _, kind := range []string{"random", "few", "zeros", "nan", "equal", "sorted"} {
				values := sortCase(n, kind)
				want := slices.Clone(values)
				want = want[:kernels.Unique(want, want)]
				x, dst := arrayOf(t, p, values), arrayOf(t, p, make([]float64, n))
				for _, to := range []*arena.Array[float64]{dst, x} { // apart, then in place
					count, err := Unique(within(t), p, to, x)
					if err != nil || count != len(want) {
						t.Fatalf("%s, %d elements: %d different ones, want %d: %v", kind, n, count, len(want), err)
					}
					if got := to.Slice()[:count]; hash(got) != hash(want) {
						t.Fatalf("%s, %d elements: other elements", kind, n)
					}
				}
				bits = append(bits, hash(x.Slice()[:len(want)]))
				x.Free()
				dst.Free()
			}
		}
		return bits
	})
}

func TestArgSort_KilledWorkersChangeNothing(t *testing.T) {
	p := start(t, &sched.Options{Workers: 2})
	values := sortCase(700_000, "few")
	x, dst := arrayOf(t, p, values), arrayOf(t, p, make([]int64, len(values)))
	want := argSorted(values)
	different := slices.Clone(values)
	different = different[:kernels.Unique(different, different)]
	for round := range 6 {
		count := 0
		done := make(chan error)
		go func() {
			err := ArgSort(within(t), p, dst, x)
			if err == nil {
				copied := arrayOf(t, p, values)
				defer copied.Free()
				count, err = Unique(within(t), p, copied, copied)
			}
			done <- err
		}()
		time.Sleep(time.Duration(1+4*round) * time.Millisecond)
		killWorker(t, p, round%2)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(dst.Slice(), want) || count != len(different) {
			t.Fatalf("round %d: another permutation, or %d different elements of %d", round, count, len(different))
		}
	}
}

func TestArgSort_RefusesWhatDoesNotFit(t *testing.T) {
	p := start(t, &sched.Options{Workers: 1})
	x, places := arrayOf(t, p, make([]float64, 10)), arrayOf(t, p, make([]int64, 10))
	if err := ArgSort(within(t), p, places.Rows(0, 9), x); !errors.Is(err, ErrOutput) {
		t.Errorf("a short output: %v", err)
	}
	if err := ArgSort(within(t), p, places, randomMatrix[float64](t, p, 2, 5)); !errors.Is(err, ErrOutput) {
		t.Errorf("a matrix: %v", err)
	}
	if err := ArgSort(within(t), p, places, places); !errors.Is(err, ErrOverlap) {
		t.Errorf("in place: %v", err)
	}
	if _, err := Unique(within(t), p, x.Rows(1, 10), x.Rows(0, 9)); !errors.Is(err, ErrOverlap) {
		t.Errorf("a part of the input: %v", err)
	}
}
