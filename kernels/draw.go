package kernels

import "math/bits"

// Bounded sets dst[i] to an integer in [0, n) for element start+i of the stream of key: all n are equally likely, exactly.
// It is Lemire's multiplication ("Fast Random Integer Generation in an Interval", 2019) of one word of the stream; the
// rare words that it refuses are drawn again from blocks of their own, so that each element depends on its place alone.
// It panics unless n is positive.
func Bounded(dst []int64, key [2]uint64, start uint64, n int64) {
	if n <= 0 {
		panic(panicBound)
	}
	k := newPhiloxKeys(key)
	var words [drawChunk]uint64
	for len(dst) > 0 {
		c := min(len(dst), drawChunk)
		k.fill(words[:c], start)
		for i, w := range words[:c] {
			dst[i] = int64(bounded(w, uint64(n), key, start+uint64(i)))
		}
		dst, start = dst[c:], start+uint64(c)
	}
}

// bounded turns word w, element at of the stream of key, into an integer below n.
func bounded(w, n uint64, key [2]uint64, at uint64) uint64 {
	hi, lo := bits.Mul64(w, n)
	if lo >= n {
		return hi
	}
	refuse := -n % n
	for try := uint64(1); lo < refuse; try++ {
		hi, lo = bits.Mul64(Philox4x64([4]uint64{at, try}, key)[0], n)
	}
	return hi
}

// Permutation sets dst to the integers from 0 to len(dst)-1 in a random order, all orders being equally likely as far as
// the generator goes: Durstenfeld's shuffle (1964) by the elements of the stream of key from start on, one for each of dst.
func Permutation(dst []int, key [2]uint64, start uint64) {
	for i := range dst {
		dst[i] = i
	}
	Shuffle(dst, key, start)
}

// Shuffle puts the elements of x in a random order: that of [Permutation].
func Shuffle[T any](x []T, key [2]uint64, start uint64) {
	k := newPhiloxKeys(key)
	var words [drawChunk]uint64
	for i := 0; i < len(x); i += drawChunk {
		c := min(len(x)-i, drawChunk)
		k.fill(words[:c], start+uint64(i))
		for j, w := range words[:c] {
			at := i + j
			to := at + int(bounded(w, uint64(len(x)-at), key, start+uint64(at)))
			x[at], x[to] = x[to], x[at]
		}
	}
}

// Choice sets dst to different integers in [0, n) in a random order: the front of what [Permutation] makes of n elements,
// in room for len(dst) of them. For integers that may be equal, there is [Bounded]. It panics when dst is longer than n.
func Choice(dst []int, key [2]uint64, start uint64, n int) {
	if len(dst) > n {
		panic(panicBound)
	}
	moved := make(map[int]int, len(dst)) // what the shuffle has put at places that it has not passed
	var words [1]uint64
	k := newPhiloxKeys(key)
	for i := range dst {
		k.fill(words[:], start+uint64(i))
		to := i + int(bounded(words[0], uint64(n-i), key, start+uint64(i)))
		here, ok := moved[i]
		if !ok {
			here = i
		}
		there, ok := moved[to]
		if !ok {
			there = to
		}
		dst[i] = there
		moved[to] = here
	}
}
