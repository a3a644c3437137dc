package kernels

import (
	"math"
	"math/bits"
	"slices"
)

const (
	// gatherMin is the length from which gathering the elements near a rank beats copying everything.
	gatherMin = 1 << 12

	// gatherSlack is how much more room is made than the sample promises to need.
	gatherSlack = 512
)

// SelectKth reorders x so that x[k] is what it would be in sorted order, nothing before it is greater and nothing
// behind it is less, NaN last, and returns x[k]. The order within the two sides is not specified. It panics unless
// 0 <= k < len(x).
//
// It is a quickselect whose pivots come from samples, near the rank (Floyd and Rivest 1975); when they are bad the rest is
// sorted, so that no input takes more than O(n log n).
func SelectKth[T Sortable](x []T, k int) T {
	if k < 0 || k >= len(x) {
		panic(panicRank)
	}
	if n := nansLast(x); k < n {
		sortOf[T]().selectKth(x[:n], k)
	}
	return x[k]
}

// selectKth is SelectKth without NaN.
func (s *sorter[T]) selectKth(x []T, k int) {
	if len(x) > s.leaf {
		r := s.borrow(false)
		defer s.rooms.Put(r)
		for budget := 4 * bits.Len(uint(len(x))); len(x) > s.leaf; budget-- {
			if budget == 0 {
				heapSort(items[T]{keys: x})
				return
			}
			sample, at, to := s.bracket(x, r, k)
			if k < len(x)/2 { // k shall be in the smaller part
				at = to
			}
			pivot := sample[min(max(at, 0), len(sample)-1)]
			mid := s.partition(items[T]{keys: x}, pivot, r)
			if mid == 0 {
				if mid = s.equalFirst(items[T]{keys: x}, pivot, r); k < mid {
					return
				}
			}
			if k < mid {
				x = x[:mid]
			} else {
				x, k = x[mid:], k-mid
			}
		}
	}
	if len(x) > 1 {
		s.network(items[T]{keys: x})
	}
}

// bracket returns a sorted sample of x, and two places in it between which, most likely, the element of rank k belongs.
// They may be outside of the sample.
func (s *sorter[T]) bracket(x []T, r *room[T], k int) (sample []T, lo, hi int) {
	c := min(max(16, len(x)>>7), 1024)
	q := float64(k) / float64(len(x))
	at, off := q*float64(c), 2.5*math.Sqrt(q*(1-q)*float64(c))+1
	return s.sample(x, r, c), int(math.Floor(at - off)), int(at + off)
}

// around returns a copy of the elements of x near the ranks lo and hi, which are among them, and how many elements are
// below all of those. ok is false when there is a NaN.
func around[T Sortable](x []T, lo, hi int) (near []T, below int, ok bool) {
	s := sortOf[T]()
	if len(x) >= gatherMin && s.between != nil {
		r := s.borrow(false)
		from, to := limits[T]()
		if sample, at, _ := s.bracket(x, r, lo); at >= 0 {
			from = sample[at]
		}
		if sample, _, at := s.bracket(x, r, hi); at < len(sample) {
			to = sample[at]
		}
		s.rooms.Put(r)
		near, below, ok = s.gather(x, from, to)
		if !ok {
			return nil, 0, false
		}
		if below <= lo && hi < below+len(near) {
			return near, below, true
		}
	}
	near = slices.Clone(x)
	return near, 0, nansLast(near) == len(near)
}

// limits returns the least and the greatest value of a type.
func limits[T Sortable]() (least, greatest T) {
	switch p := any(&least).(type) {
	case *float64:
		*p = math.Inf(-1)
	case *float32:
		*p = float32(math.Inf(-1))
	case *int64:
		*p = math.MinInt64
	case *int32:
		*p = math.MinInt32
	}
	switch p := any(&greatest).(type) {
	case *float64:
		*p = math.Inf(1)
	case *float32:
		*p = float32(math.Inf(1))
	case *int64:
		*p = math.MaxInt64
	case *int32:
		*p = math.MaxInt32
	}
	return least, greatest
}

// gather returns the elements of x from lo to hi in their order, and how many are below lo. ok is false when there is a
// NaN.
func (s *sorter[T]) gather(x []T, lo, hi T) (near []T, below int, ok bool) {
	ok = true
	near = make([]T, 0, len(x)/8+gatherSlack)
	for len(x) > 0 {
		n := min(len(x), chunk)
		if cap(near) < len(near)+n+moveGroup {
			near = slices.Grow(near, n+moveGroup)
		}
		room := near[len(near):cap(near)]
		part, whole := x[:n], n&^(moveGroup-1)
		under, inside := 0, 0
		if whole > 0 {
			var ordered bool
			under, inside, ordered = s.between(room, part[:whole], lo, hi)
			ok = ok && ordered
		}
		for _, v := range part[whole:] {
			room[inside] = v
			switch {
			case v >= lo && v <= hi:
				inside++
			case v < lo:
				under++
			case v != v:
				ok = false
			}
		}
		near, below, x = near[:len(near)+inside], below+under, x[n:]
	}
	return near, below, ok
}

// near calls count for elements of x, among which are all those from lo to hi, a part at a time. Where lo or hi is NaN
// that is all of x.
func (s *sorter[T]) near(x []T, lo, hi T, count func(near []T)) {
	whole := len(x) &^ (moveGroup - 1)
	if lo != lo || hi != hi {
		whole = 0
	}
	r := s.borrow(false)
	defer s.rooms.Put(r)
	for part := range slices.Chunk(x[:whole], splitMax-moveGroup) {
		_, n, _ := s.between(r.keys, part, lo, hi)
		count(r.keys[:n])
	}
	count(x[whole:])
}

// TopK sets dst to the len(dst) greatest elements of x in decreasing order. The order is that of Sort: a NaN is greater
// than all numbers. x is not changed. It panics when dst is longer than x.
func TopK[T Sortable](dst, x []T) {
	k, n := len(dst), len(x)
	if k > n {
		panic(panicRank)
	}
	if k == 0 {
		return
	}
	near, below, ok := around(x, n-k, n-1)
	if !ok {
		near, below = slices.Clone(x), 0
	}
	at := n - k - below
	SelectKth(near, at)
	Sort(near[at:])
	copy(dst, near[at:])
	slices.Reverse(dst)
}
