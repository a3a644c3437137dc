package psync

import (
	"math"
	"sync"
	"testing"

	"github.com/shmath/shmath/internal/layout"
)

type number interface {
	int32 | int64 | uint32 | uint64 | float32 | float64
}

type anyCell[T number] interface {
	Load() T
	Store(T)
	Swap(T) T
	CompareAndSwap(before, x T) bool
	Add(T) T
	Min(T) T
	Max(T) T
}

func testCell[T number](t *testing.T, c anyCell[T]) {
	same := func(got, wanted T) {
		t.Helper()
		if got != wanted {
			t.Fatalf("got %v, want %v", got, wanted)
		}
	}
	same(c.Load(), 0)
	c.Store(5)
	same(c.Add(3), 8)
	same(c.Swap(9), 8)
	if c.CompareAndSwap(8, 1) || !c.CompareAndSwap(9, 20) {
		t.Fatal("CompareAndSwap")
	}
	same(c.Min(30), 20)
	same(c.Min(7), 7)
	same(c.Max(3), 7)
	same(c.Max(11), 11)
	same(c.Load(), 11)
	c.Store(0)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 1000 {
				c.Add(1)
				c.Max(T(g*1000 + i)) // never above the final sum's neighbours: only concurrency is tested
			}
		})
	}
	wg.Wait()
	if c.Load() < 4000 {
		t.Fatalf("sum %v: additions were lost", c.Load())
	}
}

// K28: every operation on every cell.
func TestCells(t *testing.T) {
	t.Run("type=Int32", func(t *testing.T) { testCell(t, new(Int32)) })
	t.Run("type=Int64", func(t *testing.T) { testCell(t, new(Int64)) })
	t.Run("type=Uint32", func(t *testing.T) { testCell(t, new(Uint32)) })
	t.Run("type=Uint64", func(t *testing.T) { testCell(t, new(Uint64)) })
	t.Run("type=Float32", func(t *testing.T) { testCell(t, new(Float32)) })
	t.Run("type=Float64", func(t *testing.T) { testCell(t, new(Float64)) })
}

func TestCells_ExactSum(t *testing.T) {
	var i Int64
	var f Float64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5000 {
				i.Add(3)
				f.Add(0.5)
			}
		})
	}
	wg.Wait()
	if i.Load() != 60000 || f.Load() != 10000 {
		t.Fatal(i.Load(), f.Load())
	}
}

func TestFloat64_SpecialValues(t *testing.T) {
	var c Float64
	nan, minusZero := math.NaN(), math.Copysign(0, -1)
	if got := c.Min(minusZero); !math.Signbit(got) || !math.Signbit(c.Load()) {
		t.Fatal("-0 is less than 0")
	}
	if c.CompareAndSwap(0, 1) || !c.CompareAndSwap(minusZero, 1) {
		t.Fatal("CompareAndSwap compares bits")
	}
	if !math.IsNaN(c.Max(nan)) || !math.IsNaN(c.Min(-1)) || !c.CompareAndSwap(c.Load(), 2) {
		t.Fatal("NaN wins, and is itself")
	}
	if c.Min(math.Inf(-1)); c.Load() != math.Inf(-1) {
		t.Fatal(c.Load())
	}
}

func TestCells_OverSlicesAndBytes(t *testing.T) {
	x := []float64{1, 2, 3}
	Float64s(x)[1].Add(40)
	if x[1] != 42 {
		t.Fatal(x)
	}
	for _, n := range []int{len(Int32s(make([]int32, 3))), len(Int64s(make([]int64, 3))), len(Uint32s(make([]uint32, 3))),
		len(Uint64s(make([]uint64, 3))), len(Float32s(make([]float32, 3)))} {
		if n != 3 {
			t.Fatal(n)
		}
	}
	mem := heap(64)
	cells := must(CellsAt[Uint32](mem, 4, 15))(t)
	cells[14].Store(7)
	if layout.Slice[uint32](mem, 0, 16)[15] != 7 {
		t.Fatal(mem)
	}
	for _, bad := range [][2]int{{4, 1}, {-8, 1}, {0, 9}, {0, -1}, {72, 0}, {8, 1 << 62}} {
		_, err := CellsAt[Int64](mem, bad[0], bad[1])
		want(t, err, ErrMemory)
	}
}
