package kernels

import "slices"

// radixMin is the length from which a radix sort beats a comparison sort.
const radixMin = 512

// Sort sorts x in increasing order, NaN last as in NumPy, -0 before +0. It takes room for twice len(x) keys.
func Sort[T Float](x []T) {
	x = x[:nansLast(x)]
	if len(x) < 2 {
		return
	}
	switch x := any(x).(type) {
	case []float64:
		keys := make([]uint64, len(x))
		for i, v := range x {
			keys[i] = Key64(v)
		}
		sortKeys(keys, 64)
		for i, k := range keys {
			x[i] = FromKey64(k)
		}
	case []float32:
		keys := make([]uint32, len(x))
		for i, v := range x {
			keys[i] = Key32(v)
		}
		sortKeys(keys, 32)
		for i, k := range keys {
			x[i] = FromKey32(k)
		}
	}
}

// nansLast moves the NaNs of x to its end and returns how many elements are in front of them.
func nansLast[T Float](x []T) int {
	n := len(x)
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

// sortKeys sorts keys of the given width: least significant digit first, 11 bits at a time, and skips the digits that
// all keys share.
func sortKeys[K uint32 | uint64](keys []K, width int) {
	if len(keys) < radixMin {
		slices.Sort(keys)
		return
	}
	from, to := keys, make([]K, len(keys))
	for shift := 0; shift < width; shift += 11 {
		var at [2048]int
		for _, k := range from {
			at[k>>shift&2047]++
		}
		if at[from[0]>>shift&2047] == len(from) {
			continue
		}
		startOffsets(&at)
		for _, k := range from {
			d := k >> shift & 2047
			to[at[d]] = k
			at[d]++
		}
		from, to = to, from
	}
	if &from[0] != &keys[0] {
		copy(keys, from)
	}
}

// startOffsets replaces counts by the place where each digit starts.
func startOffsets(at *[2048]int) {
	sum := 0
	for d, n := range at {
		at[d] = sum
		sum += n
	}
}

// keyed is an element's key with its place.
type keyed struct {
	key uint64
	at  int
}

// ArgSort sets dst to the permutation that sorts x: stable, NaN last, -0 equal to +0. It takes room for twice len(x)
// pairs of words.
func ArgSort[T Float](dst []int, x []T) {
	sameLen(len(dst), len(x))
	if len(x) == 0 {
		return
	}
	from := make([]keyed, len(x))
	for i, v := range x {
		from[i] = keyed{Key64(float64(v + 0)), i}
	}
	if len(x) < radixMin {
		slices.SortFunc(from, func(a, b keyed) int {
			switch {
			case a.key < b.key:
				return -1
			case a.key > b.key:
				return 1
			}
			return a.at - b.at
		})
	} else {
		from = radixPairs(from)
	}
	for i := range dst {
		dst[i] = from[i].at
	}
}

// radixPairs sorts pairs by key, stable, and returns them in one of two buffers.
func radixPairs(from []keyed) []keyed {
	to := make([]keyed, len(from))
	for shift := 0; shift < 64; shift += 11 {
		var at [2048]int
		for i := range from {
			at[from[i].key>>shift&2047]++
		}
		if at[from[0].key>>shift&2047] == len(from) {
			continue
		}
		startOffsets(&at)
		for i := range from {
			d := from[i].key >> shift & 2047
			to[at[d]] = from[i]
			at[d]++
		}
		from, to = to, from
	}
	return from
}
