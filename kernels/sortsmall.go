package kernels

import (
	"math"
	"slices"
)

// The twins in Go of what assembly sorts, and what serves every machine.

// splitPortable moves the items from lo on that are below pivot behind the first mid, which are, and returns how many are
// then: one comparison without a branch, and one exchange, for each item.
func splitPortable[T Sortable](x items[T], lo, mid int, pivot T) int {
	keys, numbers := x.keys, x.numbers
	for i := lo; i < len(keys); i++ {
		v := keys[i]
		keys[i], keys[mid] = keys[mid], v
		if numbers != nil {
			numbers[i], numbers[mid] = numbers[mid], numbers[i]
		}
		below := 0
		if v < pivot {
			below = 1
		}
		mid += below
	}
	return mid
}

// insertionSort sorts a few items.
func insertionSort[T Sortable](x items[T]) {
	if x.numbers != nil {
		for i := 1; i < len(x.keys); i++ {
			for j := i; j > 0 && x.less(j, j-1); j-- {
				x.swap(j, j-1)
			}
		}
		return
	}
	keys := x.keys
	for i := 1; i < len(keys); i++ {
		v := keys[i]
		j := i
		for ; j > 0 && keys[j-1] > v; j-- {
			keys[j] = keys[j-1]
		}
		keys[j] = v
	}
}

// heapSort is for what a quicksort finds no pivots (Williams 1964, Floyd 1964).
func heapSort[T Sortable](x items[T]) {
	n := len(x.keys)
	for i := n/2 - 1; i >= 0; i-- {
		siftDown(x, i, n)
	}
	for end := n - 1; end > 0; end-- {
		x.swap(0, end)
		siftDown(x, 0, end)
	}
}

// siftDown restores the heap of the first n items below item i.
func siftDown[T Sortable](x items[T], i, n int) {
	for {
		child := 2*i + 1
		if child >= n {
			return
		}
		if child+1 < n && x.less(child, child+1) {
			child++
		}
		if !x.less(i, child) {
			return
		}
		x.swap(i, child)
		i = child
	}
}

// zerosInOrder puts -0 before +0 in x, which is sorted.
func zerosInOrder[T Sortable](x []T) {
	switch x := any(x).(type) {
	case []float64:
		floatZerosInOrder(x)
	case []float32:
		floatZerosInOrder(x)
	}
}

func floatZerosInOrder[T Float](x []T) {
	lo, _ := slices.BinarySearch(x, 0)
	hi := lo
	negative := 0
	for ; hi < len(x) && x[hi] == 0; hi++ {
		if math.Signbit(float64(x[hi])) {
			negative++
		}
	}
	Fill(x[lo:lo+negative], T(math.Copysign(0, -1)))
	Fill(x[lo+negative:hi], 0)
}
