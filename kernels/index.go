package kernels

// Take sets dst[i] = x[at[i]]. It panics where an index is outside of x. dst does not overlap x.
func Take[T Number, I Index](dst, x []T, at []I) {
	sameLen(len(dst), len(at))
	at = at[:len(dst)]
	for i := range dst {
		dst[i] = x[at[i]]
	}
}

// Put sets dst[at[i]] = x[i], one after the other: of equal indices the last one counts. It panics where an index is
// outside of dst; the elements before it are set.
func Put[T Number, I Index](dst []T, at []I, x []T) {
	sameLen(len(x), len(at))
	at = at[:len(x)]
	for i, v := range x {
		dst[at[i]] = v
	}
}

// Reverse sets dst to the elements of x from the last to the first; dst may be x.
func Reverse[T Number](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i, j := 0, len(x)-1; i <= j; i, j = i+1, j-1 {
		dst[i], dst[j] = x[j], x[i]
	}
}

// Unique sets the front of dst to the different elements of x in increasing order and returns how many there are. dst is
// as long as x, and may be x. As in NumPy, all NaNs count as one, which is last, and -0 equals +0.
func Unique[T Sortable](dst, x []T) int {
	sameLen(len(dst), len(x))
	copy(dst, x)
	Sort(dst)
	n := 0
	for i, v := range dst {
		if i == 0 || v != dst[n-1] && (v == v || dst[n-1] == dst[n-1]) {
			dst[n] = v
			n++
		}
	}
	return n
}

// SearchSorted sets dst[i] to the number of elements of sorted that are less than x[i]: where x[i] could be inserted in
// front of its equals, as NumPy's searchsorted. sorted is in the order of Sort, NaN last.
func SearchSorted[T Sortable](dst []int, sorted, x []T) {
	sameLen(len(dst), len(x))
	numbers := sorted[:orderedLen(sorted)]
	for i, v := range x {
		if v != v {
			dst[i] = len(numbers)
			continue
		}
		at := 0
		for n := len(numbers); n > 0; {
			half := (n + 1) / 2
			next := at
			if numbers[at+half-1] < v {
				next = at + half
			}
			at = next
			n -= half
		}
		dst[i] = at
	}
}

// SearchSortedRight sets dst[i] to the number of elements of sorted that are not greater than x[i]: where x[i] could be
// inserted behind its equals, as NumPy's searchsorted with side='right'.
func SearchSortedRight[T Sortable](dst []int, sorted, x []T) {
	sameLen(len(dst), len(x))
	numbers := sorted[:orderedLen(sorted)]
	for i, v := range x {
		if v != v {
			dst[i] = len(sorted)
			continue
		}
		at := 0
		for n := len(numbers); n > 0; {
			half := (n + 1) / 2
			next := at
			if numbers[at+half-1] <= v {
				next = at + half
			}
			at = next
			n -= half
		}
		dst[i] = at
	}
}

// orderedLen returns how many elements of a sorted slice are in front of its NaNs.
func orderedLen[T Sortable](x []T) int {
	lo, hi := 0, len(x)
	for lo < hi {
		if mid := (lo + hi) / 2; x[mid] == x[mid] {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// Bincount adds to counts[k] how many elements of x are k. It panics where one is negative or not below len(counts).
func Bincount[I Integer](counts []int64, x []I) {
	for _, k := range x {
		counts[k]++
	}
}
