package kernels

import "math/bits"

// SumTree adds the totals of consecutive blocks in the fixed tree of Sum. The zero value is an empty tree. It holds no
// pointers, so it may lie in shared memory; one goroutine at a time uses it.
//
// The tree is a binary counter: level k holds the total of 1<<k consecutive leaves, two totals of one level merge as
// soon as both are there, and Total merges what is left from the right.
type SumTree struct {
	used   uint64 // bit k: level k holds a total
	totals [64]float64
}

// Push adds the next leaf: the BlockSum of the next SumBlock elements, or of what is left of them.
func (t *SumTree) Push(leaf float64) { t.PushAt(0, leaf) }

// PushAt adds the total of the next 1<<level leaves. It panics unless the leaves pushed so far are a multiple of
// 1<<level; only the last total may stand for fewer leaves.
func (t *SumTree) PushAt(level int, total float64) {
	if uint(level) >= 64 || t.used&(1<<level-1) != 0 {
		panic(panicLevel)
	}
	k := level
	for ; t.used>>k&1 != 0; k++ {
		total = t.totals[k&63] + total
		t.used &^= 1 << k
	}
	t.totals[k&63] = total
	t.used |= 1 << k
}

// Total returns the sum of all leaves; 0 for an empty tree. The tree stays as it is.
func (t *SumTree) Total() float64 {
	if t.used == 0 {
		return 0
	}
	u := t.used
	k := bits.TrailingZeros64(u)
	s := t.totals[k]
	for u &= u - 1; u != 0; u &= u - 1 {
		s = t.totals[bits.TrailingZeros64(u)] + s
	}
	return s
}

// Reset makes the tree empty.
func (t *SumTree) Reset() { t.used = 0 }
