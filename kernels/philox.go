package kernels

import "math/bits"

// The multipliers and the Weyl increments of Philox 4x64 (Salmon, Moraes, Dror and Shaw 2011, Random123).
const (
	philoxM0 = 0xD2E7470EE14C6C93
	philoxM1 = 0xCA5A826395121157
	philoxW0 = 0x9E3779B97F4A7C15
	philoxW1 = 0xBB67AE8584CAA73B
)

// Philox4x64 returns the block of four random words for a counter and a key: ten rounds, bit-equal to Random123.
func Philox4x64(ctr [4]uint64, key [2]uint64) [4]uint64 {
	c0, c1, c2, c3 := ctr[0], ctr[1], ctr[2], ctr[3]
	k0, k1 := key[0], key[1]
	for range 10 {
		h0, l0 := bits.Mul64(philoxM0, c0)
		h1, l1 := bits.Mul64(philoxM1, c2)
		c0, c1, c2, c3 = h1^c1^k0, l1, h0^c3^k1, l0
		k0 += philoxW0
		k1 += philoxW1
	}
	return [4]uint64{c0, c1, c2, c3}
}

// philoxRound is one round.
func philoxRound(c0, c1, c2, c3, k0, k1 uint64) (d0, d1, d2, d3 uint64) {
	h0, l0 := bits.Mul64(philoxM0, c0)
	h1, l1 := bits.Mul64(philoxM1, c2)
	return h1 ^ c1 ^ k0, l1, h0 ^ c3 ^ k1, l0
}

// philoxKeys are the round keys of one key, and the product of the second round that does not depend on the counter.
type philoxKeys struct {
	round [10][2]uint64
	h, l  uint64
}

// newPhiloxKeys computes the round keys.
func newPhiloxKeys(key [2]uint64) (k philoxKeys) {
	k.h, k.l = bits.Mul64(philoxM0, key[0])
	for r := range k.round {
		k.round[r] = key
		key[0] += philoxW0
		key[1] += philoxW1
	}
	return k
}

// blocks sets dst, a multiple of four words, to Philox4x64 of the counters {c, 0, 0, 0}, {c+1, 0, 0, 0}, and so on: three
// words of the counter are zero, which saves the first rounds two of their four products.
func (k *philoxKeys) blocks(dst []uint64, c uint64) {
	done := vectorPhilox(k, dst, c)
	dst, c = dst[done:], c+uint64(done/4)
	for ; len(dst) >= 4; dst = dst[4:] {
		h, l := bits.Mul64(philoxM0, c)
		h1, l1 := bits.Mul64(philoxM1, h^k.round[0][1])
		c0, c1, c2, c3 := h1^k.round[1][0], l1, k.h^l^k.round[1][1], k.l
		c0, c1, c2, c3 = philoxRound(c0, c1, c2, c3, k.round[2][0], k.round[2][1])
		c0, c1, c2, c3 = philoxRound(c0, c1, c2, c3, k.round[3][0], k.round[3][1])
		c0, c1, c2, c3 = philoxRound(c0, c1, c2, c3, k.round[4][0], k.round[4][1])
		c0, c1, c2, c3 = philoxRound(c0, c1, c2, c3, k.round[5][0], k.round[5][1])
		c0, c1, c2, c3 = philoxRound(c0, c1, c2, c3, k.round[6][0], k.round[6][1])
		c0, c1, c2, c3 = philoxRound(c0, c1, c2, c3, k.round[7][0], k.round[7][1])
		c0, c1, c2, c3 = philoxRound(c0, c1, c2, c3, k.round[8][0], k.round[8][1])
		c0, c1, c2, c3 = philoxRound(c0, c1, c2, c3, k.round[9][0], k.round[9][1])
		dst[0], dst[1], dst[2], dst[3] = c0, c1, c2, c3
		c++
	}
}

// fill sets dst to elements start, start+1, ... of the stream: element m is word m%4 of the block of counter 1+m/4.
func (k *philoxKeys) fill(dst []uint64, start uint64) {
	var b [4]uint64
	if i := start % 4; i != 0 && len(dst) > 0 {
		k.blocks(b[:], start/4+1)
		n := copy(dst, b[i:])
		dst, start = dst[n:], start+uint64(n)
	}
	c := start/4 + 1
	n := len(dst) &^ 3
	k.blocks(dst[:n], c)
	if n < len(dst) {
		k.blocks(b[:], c+uint64(n/4))
		copy(dst[n:], b[:])
	}
}
