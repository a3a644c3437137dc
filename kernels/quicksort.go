package kernels

import (
	"math"
	"math/bits"
	"sync"
)

const (
	// splitMax is the length up to which elements move to a room of that size and back: both stay in the cache.
	splitMax = 4096

	// moveGroup is how many registers are read at once from one side of a longer range.
	moveGroup = 8

	// portableLeaf is the length up to which plain Go inserts.
	portableLeaf = 24
)

// The bodies by element type and instruction set.
var (
	sortersF64  = bodiesOf(sortF64)
	sortersF32  = bodiesOf(sortF32)
	sortersI64  = bodiesOf(sortI64)
	sortersI32  = bodiesOf(sortI32)
	pairSorters = bodiesOf(sortPairs)
)

// bodiesOf completes the bodies by those of plain Go.
func bodiesOf[T Sortable](assembly func(isa) sorter[T]) (s [isaCount]sorter[T]) {
	rooms := new(sync.Pool)
	for set := range s {
		s[set] = assembly(isa(set))
		s[set].rooms = rooms
		if s[set].network == nil {
			s[set].leaf, s[set].network = portableLeaf, insertionSort[T]
		}
	}
	return s
}

func sortOf[T Sortable]() *sorter[T] {
	for _, s := range []any{&sortersF64[active], &sortersF32[active], &sortersI64[active], &sortersI32[active]} {
		if s, ok := s.(*sorter[T]); ok {
			return s
		}
	}
	panic("kernels: no such sorter")
}

// borrow returns room for splits; give it back by s.rooms.Put.
func (s *sorter[T]) borrow(numbered bool) *room[T] {
	r, _ := s.rooms.Get().(*room[T])
	if r == nil {
		r = &room[T]{items: items[T]{keys: make([]T, splitMax)}}
		if numbered {
			r.numbers = make([]int64, splitMax)
		}
	}
	return r
}

// all sorts x, which holds no NaN.
func (s *sorter[T]) all(x items[T]) {
	if len(x.keys) <= s.leaf {
		if len(x.keys) > 1 {
			s.network(x)
		}
		return
	}
	r := s.borrow(x.numbers != nil)
	defer s.rooms.Put(r)
	s.sort(x, r, 4*bits.Len(uint(len(x.keys))))
}

// sort is a quicksort that gives up after budget partitions on one path.
func (s *sorter[T]) sort(x items[T], r *room[T], budget int) {
	for len(x.keys) > s.leaf {
		if budget--; budget < 0 {
			heapSort(x)
			return
		}
		n := len(x.keys)
		pivot := s.pivot(x.keys, r)
		mid := s.partition(x, pivot, r)
		if mid == 0 { // pivot is the least: those equal to it are done
			mid = s.equalFirst(x, pivot, r)
			if x.numbers != nil {
				Sort(x.numbers[:mid])
			}
			x = x.slice(mid, n)
			continue
		}
		if mid <= n/2 {
			s.sort(x.slice(0, mid), r, budget)
			x = x.slice(mid, n)
		} else {
			s.sort(x.slice(mid, n), r, budget)
			x = x.slice(0, mid)
		}
	}
	if len(x.keys) > 1 {
		s.network(x)
	}
}

// equalFirst moves the elements equal to the least one to the front and returns how many there are.
func (s *sorter[T]) equalFirst(x items[T], least T, r *room[T]) int {
	next := after(least)
	if !(next > least) {
		return len(x.keys)
	}
	return s.partition(x, next, r)
}

// after returns the next greater value of the type, or v itself where there is none.
func after[T Sortable](v T) T {
	switch v := any(v).(type) {
	case float64:
		return T(math.Nextafter(v, math.Inf(1)))
	case float32:
		return T(math.Nextafter32(v, float32(math.Inf(1))))
	case int64:
		return T(min(v, math.MaxInt64-1) + 1)
	case int32:
		return T(min(v, math.MaxInt32-1) + 1)
	}
	return v
}

// sample returns a sorted sample of c elements of x, in room; they are spread by a fixed sequence of Weyl.
func (s *sorter[T]) sample(x []T, r *room[T], c int) []T {
	sample := r.keys[:c]
	stride := uint64(len(x)) / uint64(c)
	spread := uint64(len(x))
	for i := range sample {
		spread += 0x9E3779B97F4A7C15
		hi, _ := bits.Mul64(spread, stride)
		sample[i] = x[uint64(i)*stride+hi]
	}
	sortOf[T]().all(items[T]{keys: sample})
	return sample
}

// pivot returns the middle of a sample of x.
func (s *sorter[T]) pivot(x []T, r *room[T]) T {
	c := 128
	switch n := len(x); {
	case n < 1<<10:
		c = 16
	case n < 1<<14:
		c = 32
	}
	c = min(c, s.leaf)
	return s.sample(x, r, c)[c/2]
}

// partition moves the items below pivot to the front and returns how many there are.
func (s *sorter[T]) partition(x items[T], pivot T, r *room[T]) int {
	if s.split == nil {
		return splitPortable(x, 0, 0, pivot)
	}
	if len(x.keys) > splitMax {
		return s.inPlace(x, pivot, r)
	}
	n := len(x.keys)
	whole := n - n%s.lanes
	l := 0
	if whole > 0 {
		l = s.split(x.slice(0, whole), r.items, pivot)
	}
	// Room holds whole-l items from l on; the last ones of x follow one by one.
	mid, end := l, whole
	for i := whole; i < n; i++ {
		v := x.keys[i]
		x.keys[mid], r.keys[end] = v, v
		if x.numbers != nil {
			x.numbers[mid], r.numbers[end] = x.numbers[i], x.numbers[i]
		}
		below := 0
		if v < pivot {
			below = 1
		}
		mid += below
		end += 1 - below
	}
	x.slice(mid, n).copyFrom(r.slice(l, end))
	return mid
}

// inPlace is partition for a long range. It takes a group of registers away on either side, and what is left of whole
// groups; then each group is read where less room is, so that there is room for one on both sides when it is stored.
func (s *sorter[T]) inPlace(x items[T], pivot T, r *room[T]) int {
	n, step := len(x.keys), moveGroup*s.lanes
	head := step + n%step
	r.slice(0, head).copyFrom(x.slice(0, head))
	r.slice(head, head+step).copyFrom(x.slice(n-step, n))
	r.state = [4]int{head, n - step, 0, n}
	for groups := (n - step - head) / step; groups > 0; {
		some := min(groups, chunk/step)
		s.move(x, pivot, &r.state, some)
		groups -= some
	}
	// What was taken away fills the gap, after it has been split in the rest of the room.
	held := r.slice(0, head+step)
	rest := room[T]{items: r.slice(head+step, splitMax)}
	l := s.partition(held, pivot, &rest)
	below := r.state[2]
	x.slice(below, r.state[3]).copyFrom(held)
	return below + l
}
