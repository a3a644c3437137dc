package kernels

import (
	"math/bits"
	"sync"
)

// Sortable is the element type of what sorts and selects.
type Sortable interface {
	float32 | float64 | int32 | int64
}

// Sort sorts x in place in increasing order, NaN last as in NumPy, -0 before +0.
//
// It is a quicksort whose partition and whose short sorts are vectors of AVX-512 (Bramas 2017; Blacher, Giesen and Kühne
// 2022), with a heapsort where the pivots are bad: O(n log n) for every input.
func Sort[T Sortable](x []T) {
	x = x[:nansLast(x)]
	sortOf[T]().all(items[T]{keys: x})
	zerosInOrder(x)
}

// ArgSort sets dst to the permutation that sorts x: stable, NaN last, -0 equal to +0. It takes room for len(x) keys.
func ArgSort[T Sortable](dst []int, x []T) {
	sameLen(len(dst), len(x))
	numbers := asInt64s(dst)
	for i := range numbers {
		numbers[i] = int64(i)
	}
	keys := make([]int64, len(x))
	OrderKeys(keys, x)
	SortPairs(keys, numbers)
	if bits.UintSize < 64 {
		for i, v := range numbers {
			dst[i] = int(v)
		}
	}
}

// PartialSort reorders x so that x[:k] are its k least elements in increasing order, as by Sort; the order of the others
// is not specified. It panics unless 0 <= k <= len(x).
func PartialSort[T Sortable](x []T, k int) {
	if k < 0 || k > len(x) {
		panic(panicRank)
	}
	if k > 0 {
		SelectKth(x, k-1)
		Sort(x[:k])
	}
}

// Partition moves the elements of x that are below pivot to the front and returns how many there are. The order of the
// elements on either side is not specified. NaN is below nothing; nothing is below NaN.
func Partition[T Sortable](x []T, pivot T) int {
	s := sortOf[T]()
	r := s.borrow(false)
	defer s.rooms.Put(r)
	return s.partition(items[T]{keys: x}, pivot, r)
}

// nansLast moves the NaNs of x to its end and returns how many elements are in front of them.
func nansLast[T Sortable](x []T) int {
	switch x := any(x).(type) {
	case []float64:
		return floatsFirst(x)
	case []float32:
		return floatsFirst(x)
	}
	return len(x)
}

func floatsFirst[T Float](x []T) int {
	n := len(x)
	if n == 0 {
		return 0
	}
	if greatest := Max(x); greatest == greatest {
		return n
	}
	for i := 0; i < n; {
		if x[i] == x[i] {
			i++
			continue
		}
		n--
		x[i], x[n] = x[n], x[i]
	}
	return n
}

// items are keys to sort, and if numbers is not nil a number for each, which goes where its key goes and which orders
// equal keys.
type items[T Sortable] struct {
	keys    []T
	numbers []int64
}

func (x items[T]) slice(lo, hi int) items[T] {
	if x.numbers == nil {
		return items[T]{keys: x.keys[lo:hi]}
	}
	return items[T]{x.keys[lo:hi], x.numbers[lo:hi]}
}

func (x items[T]) copyFrom(y items[T]) {
	copy(x.keys, y.keys)
	copy(x.numbers, y.numbers)
}

func (x items[T]) less(i, j int) bool {
	return x.keys[i] < x.keys[j] || x.numbers != nil && x.keys[i] == x.keys[j] && x.numbers[i] < x.numbers[j]
}

func (x items[T]) swap(i, j int) {
	x.keys[i], x.keys[j] = x.keys[j], x.keys[i]
	if x.numbers != nil {
		x.numbers[i], x.numbers[j] = x.numbers[j], x.numbers[i]
	}
}

// sorter are the bodies of one instruction set. Those that are nil are left to their twins in Go.
type sorter[T Sortable] struct {
	leaf    int // how many elements network sorts at most
	lanes   int // elements in a register of split and move
	network func(x items[T])
	// split moves the items of x, a multiple of lanes, that are below pivot to its front and returns how many; the
	// others go to room, from that number on.
	split func(x, room items[T], pivot T) int
	// move reads groups of 8 registers from x and stores them on both sides: see sorter.inPlace.
	move func(x items[T], pivot T, state *[4]int, groups int)
	// between copies the elements from lo to hi to dst, which is longer by a register than x, a multiple of 8, and returns
	// how many are below lo, how many it has copied, and whether there is no NaN.
	between func(dst, x []T, lo, hi T) (below, inside int, ordered bool)
	rooms   *sync.Pool
}

// room is what a sort needs beside its argument.
type room[T Sortable] struct {
	items[T]
	state [4]int
}
