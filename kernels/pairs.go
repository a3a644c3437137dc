package kernels

// SortPairs sorts keys in place in increasing order, and moves numbers along with them; equal keys come in the order of their
// numbers. With the keys of [OrderKeys] and their places as numbers it is ArgSort, so that many can share the work.
func SortPairs(keys, numbers []int64) {
	sameLen(len(keys), len(numbers))
	pairSorters[active].all(items[int64]{keys, numbers})
}

// PartitionPairs moves the keys below pivot to the front, and their numbers along with them, and returns how many there are. The
// order on either side is not specified.
func PartitionPairs(keys, numbers []int64, pivot int64) int {
	sameLen(len(keys), len(numbers))
	s := &pairSorters[active]
	r := s.borrow(true)
	defer s.rooms.Put(r)
	return s.partition(items[int64]{keys, numbers}, pivot, r)
}

// OrderKeys sets dst to integers in the order in which ArgSort has x: all zeros equal, all NaNs the greatest.
func OrderKeys[T Sortable](dst []int64, x []T) {
	sameLen(len(dst), len(x))
	switch x := any(x).(type) {
	case []float64:
		for i, v := range x {
			dst[i] = int64(Key64(v+0) ^ 1<<63)
		}
	case []float32:
		for i, v := range x {
			dst[i] = int64(Key64(float64(v+0)) ^ 1<<63)
		}
	case []int32:
		for i, v := range x {
			dst[i] = int64(v)
		}
	case []int64:
		copy(dst, x)
	}
}
