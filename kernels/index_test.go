package kernels

import (
	"math"
	"slices"
	"sort"
	"testing"
)

// TestIndex_TakePutReverse goes there and back at every length.
func TestIndex_TakePutReverse(t *testing.T) {
	for n := 0; n <= 130; n++ {
		x := noise(uint64(n), n)
		at := make([]int32, n)
		for i, p := range newRand(uint64(n)).Perm(n) {
			at[i] = int32(p)
		}
		y, intact := guarded(make([]float64, n), n%5)
		Take(y, x, at)
		for i, p := range at {
			if y[i] != x[p] || !intact() {
				t.Fatalf("Take n=%d: element %d", n, i)
			}
		}
		z, intact := guarded(make([]float64, n), n%3)
		Put(z, at, y)
		wantSame(t, "Put after Take", z, x)
		Reverse(y, x)
		Reverse(z, z)
		wantSame(t, "Reverse in place", z, y)
		slices.Reverse(z)
		wantSame(t, "Reverse", z, x)
		if !intact() {
			t.Fatal("wrote outside")
		}
	}
	last := make([]int64, 2)
	Put(last, []int64{1, 1}, []int64{5, 6})
	if last[1] != 6 {
		t.Error("the last of equal indices does not count")
	}
}

// TestIndex_SearchSortedIsPackageSort compares with package sort, NaN and infinities on both sides.
func TestIndex_SearchSortedIsPackageSort(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 7, 8, 100, 1000} {
		for name, x := range sortData[float64](n) {
			testSearch(t, name, x, append(slices.Clone(x), -inf, inf, nan, 0, 1e-5, 0.5))
		}
		for name, x := range sortData[int32](n) {
			testSearch(t, name, x, append(slices.Clone(x), math.MinInt32, math.MaxInt32, 0, 1))
		}
	}
}

func testSearch[T Sortable](t *testing.T, name string, x, values []T) {
	t.Helper()
	x = slices.Clone(x)
	Sort(x)
	less := func(a, b T) bool { return a < b || a == a && b != b }
	left, right := make([]int, len(values)), make([]int, len(values))
	SearchSorted(left, x, values)
	SearchSortedRight(right, x, values)
	for i, v := range values {
		l := sort.Search(len(x), func(j int) bool { return !less(x[j], v) })
		r := sort.Search(len(x), func(j int) bool { return less(v, x[j]) })
		if left[i] != l || right[i] != r {
			t.Fatalf("%s of %d: %v belongs to %d and %d, want %d and %d", name, len(x), v, left[i], right[i], l, r)
		}
	}
}

// TestIndex_Unique compares with package slices; all NaNs are one.
func TestIndex_Unique(t *testing.T) {
	for _, n := range []int{0, 1, 2, 50, 3000} {
		for name, x := range sortData[float64](n) {
			want := slices.Clone(x)
			Sort(want)
			want = slices.CompactFunc(want, func(a, b float64) bool { return a == b || a != a && b != b })
			got := make([]float64, n)
			k := Unique(got, x)
			same(t, "Unique "+name, got[:k], want)
			if k != len(want) || Unique(x, x) != k {
				t.Fatalf("Unique %s of %d: %d, want %d", name, n, k, len(want))
			}
		}
	}
}

// TestIndex_Bincount counts, adds up and refuses.
func TestIndex_Bincount(t *testing.T) {
	counts := []int64{1, 0, 0}
	Bincount(counts, []uint8{0, 2, 2, 1, 2})
	if !slices.Equal(counts, []int64{2, 1, 3}) {
		t.Errorf("counts %v", counts)
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic for -1")
		}
	}()
	Bincount(counts, []int64{-1})
}
