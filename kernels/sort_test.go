package kernels

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"
)

// sortLengths are all up to 130, and those around the lengths where the algorithms change: plain Go has one for all.
func sortLengths() []int {
	lengths := []int{255, 256, 257, 511, 1023, 1025}
	if active != portable {
		lengths = append(lengths, splitMax-1, splitMax, splitMax+1, splitMax+77, 9001, 20000)
	}
	for n := range 131 {
		lengths = append(lengths, n)
	}
	return lengths
}

// sortKinds runs a test for each type and instruction set.
func sortKinds(t *testing.T, f64 func(*testing.T), f32 func(*testing.T), i64 func(*testing.T), i32 func(*testing.T)) {
	eachISA(t, func(t *testing.T) {
		t.Run("float64", f64)
		t.Run("float32", f32)
		t.Run("int64", i64)
		t.Run("int32", i32)
	})
}

// inOrder is the order of Sort for every type: NaN last, -0 first.
func inOrder[T Sortable](a, b T) int {
	if a == 0 && b == 0 {
		return cmp.Compare(math.Copysign(1, float64(a)), math.Copysign(1, float64(b)))
	}
	switch {
	case a != a || b != b:
		return cmp.Compare(boolInt(a != a), boolInt(b != b))
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// sortData are orderData in type T; integers have their extremes where floats have infinities. Of short lengths each has a
// third of the shapes.
func sortData[T Sortable](n int) map[string][]T {
	least, greatest := limits[T]()
	m := map[string][]T{}
	shapes := orderData(n)
	for i, name := range slices.Sorted(maps.Keys(shapes)) {
		x := shapes[name]
		if n <= 130 && (n+i)%3 != 0 {
			continue
		}
		y := make([]T, n)
		for i, v := range x {
			switch isFloat := T(1)/2 != 0; {
			case isFloat:
				y[i] = T(v)
			case v != v || v > 1e9:
				y[i] = greatest
			case v < -1e9:
				y[i] = least
			default:
				y[i] = T(v * 100)
			}
		}
		m[name] = y
	}
	return m
}

// same fails unless two slices have the same elements, NaN and the sign of zero included.
func same[T Sortable](t *testing.T, what string, got, want []T) {
	t.Helper()
	for i := range want {
		if inOrder(got[i], want[i]) != 0 {
			t.Fatalf("%s: element %d of %d is %v, want %v", what, i, len(want), got[i], want[i])
		}
	}
}

// TestSort_AgainstPackageSlices sorts every shape of data at every length and alignment.
func TestSort_AgainstPackageSlices(t *testing.T) {
	sortKinds(t, testSort[float64], testSort[float32], testSort[int64], testSort[int32])
}

func testSort[T Sortable](t *testing.T) {
	for _, n := range sortLengths() {
		for name, x := range sortData[T](n) {
			want := slices.Clone(x)
			slices.SortFunc(want, inOrder[T])
			got, intact := guarded(x, n%9)
			Sort(got)
			same(t, "Sort "+name, got, want)
			if !intact() {
				t.Fatalf("Sort %s of %d wrote outside", name, n)
			}
			if n > 300 {
				continue
			}
			sortOf[T]().sort(items[T]{keys: got[:nansLast(got)]}, sortOf[T]().borrow(false), 0)
			zerosInOrder(got[:nansLast(got)])
			same(t, "heapsort "+name, got, want)
		}
	}
}

// TestArgSort_Stable compares with a stable sort of package slices, zeros equal.
func TestArgSort_Stable(t *testing.T) {
	sortKinds(t, testArgSort[float64], testArgSort[float32], testArgSort[int64], testArgSort[int32])
}

func testArgSort[T Sortable](t *testing.T) {
	for _, n := range sortLengths() {
		for name, x := range sortData[T](n) {
			want := make([]int, n)
			for i := range want {
				want[i] = i
			}
			slices.SortStableFunc(want, func(i, j int) int { return inOrder(x[i]+0, x[j]+0) })
			got, intact := guarded(make([]int, n), n%7)
			ArgSort(got, x)
			if !slices.Equal(got, want) || !intact() {
				t.Fatalf("ArgSort %s of %d: %v, want %v", name, n, got[:min(n, 20)], want[:min(n, 20)])
			}
			if n > 300 {
				continue
			}
			for i := range got {
				got[i] = i
			}
			keys := make([]int64, n)
			OrderKeys(keys, x)
			heapSort(items[int64]{keys, asInt64s(got)})
			if !slices.Equal(got, want) {
				t.Fatalf("heapsort of pairs %s of %d", name, n)
			}
		}
	}
}

// TestSelect_AgainstSort holds selection, partition, partial sorts and the greatest to a sorted copy.
func TestSelect_AgainstSort(t *testing.T) {
	sortKinds(t, testSelect[float64], testSelect[float32], testSelect[int64], testSelect[int32])
	wantPanic(t, "SelectKth", panicRank, func() { SelectKth([]float64{1}, 1) })
	wantPanic(t, "PartialSort", panicRank, func() { PartialSort([]int64{1}, 2) })
	wantPanic(t, "TopK", panicRank, func() { TopK(make([]int32, 2), []int32{1}) })
}

func testSelect[T Sortable](t *testing.T) {
	for _, n := range sortLengths() {
		for name, x := range sortData[T](n) {
			want := slices.Clone(x)
			slices.SortFunc(want, inOrder[T])
			for _, k := range []int{0, n / 3, n / 2, n - 1} {
				if k < 0 || k >= n {
					continue
				}
				testSelectOne(t, fmt.Sprintf("%s, %d of %d", name, k, n), x, want, k)
			}
		}
	}
}

func testSelectOne[T Sortable](t *testing.T, what string, x, want []T, k int) {
	t.Helper()
	n := len(x)
	c, intact := guarded(x, k%5)
	v := SelectKth(c, k)
	if cmp.Compare(v, want[k]) != 0 || !intact() {
		t.Fatalf("SelectKth %s: %v, want %v", what, v, want[k])
	}
	for i, w := range c {
		if i < k && cmp.Less(v, w) && v == v || i > k && w < v || w != w && i < k && v == v {
			t.Fatalf("SelectKth %s leaves %v at %d around %v", what, w, i, v)
		}
	}
	Sort(c)
	same(t, "SelectKth keeps the elements of "+what, c, want)

	copy(c, x)
	PartialSort(c, k)
	for i := range k {
		if cmp.Compare(c[i], want[i]) != 0 {
			t.Fatalf("PartialSort %s: element %d is %v, want %v", what, i, c[i], want[i])
		}
	}

	copy(c, x)
	mid := Partition(c, want[k])
	for i, w := range c {
		if (w < want[k]) != (i < mid) {
			t.Fatalf("Partition %s: %v at %d, of which %d are below %v", what, w, i, mid, want[k])
		}
	}
	Sort(c)
	same(t, "Partition keeps the elements of "+what, c, want)

	top, intact := guarded(make([]T, n-k), 1)
	TopK(top, x)
	for i, w := range top {
		if cmp.Compare(w, want[n-1-i]) != 0 || !intact() {
			t.Fatalf("TopK %s: element %d is %v, want %v", what, i, w, want[n-1-i])
		}
	}
}

// FuzzSort compares Sort and SelectKth with package slices on arbitrary bits.
func FuzzSort(f *testing.F) {
	f.Add(uint64(1), uint16(700), uint8(3))
	f.Add(uint64(2), uint16(9999), uint8(0))
	f.Fuzz(func(t *testing.T, seed uint64, n uint16, kinds uint8) {
		r := newRand(seed)
		x, y := make([]float64, int(n)%12000+1), make([]int32, int(n)%12000+1)
		for i := range x {
			word := r.Uint64() >> (kinds % 64) << (kinds % 64)
			x[i], y[i] = math.Float64frombits(word), int32(word>>32)
		}
		fuzzSort(t, x, int(seed%uint64(len(x))))
		fuzzSort(t, y, int(seed%uint64(len(x))))
	})
}

func fuzzSort[T Sortable](t *testing.T, x []T, k int) {
	want := slices.Clone(x)
	slices.SortFunc(want, inOrder[T])
	c := slices.Clone(x)
	if v := SelectKth(c, k); cmp.Compare(v, want[k]) != 0 {
		t.Errorf("rank %d: %v, want %v", k, v, want[k])
	}
	Sort(x)
	same(t, "Sort", x, want)
}
