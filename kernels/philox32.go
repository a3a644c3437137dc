package kernels

// The multipliers and the Weyl increments of Philox 4x32.
const (
	philox32M0 = 0xD2511F53
	philox32M1 = 0xCD9E8D57
	philox32W0 = 0x9E3779B9
	philox32W1 = 0xBB67AE85
)

// Philox4x32 returns the block of four random words for a counter and a key: ten rounds, bit-equal to Random123.
func Philox4x32(ctr [4]uint32, key [2]uint32) [4]uint32 {
	c0, c1, c2, c3 := ctr[0], ctr[1], ctr[2], ctr[3]
	k0, k1 := key[0], key[1]
	for range 10 {
		p0, p1 := philox32M0*uint64(c0), philox32M1*uint64(c2)
		c0, c1, c2, c3 = uint32(p1>>32)^c1^k0, uint32(p1), uint32(p0>>32)^c3^k1, uint32(p0)
		k0 += philox32W0
		k1 += philox32W1
	}
	return [4]uint32{c0, c1, c2, c3}
}

// Uint32s sets dst[i] to element start+i of the stream of Philox 4x32-10 of key: element m is word m%4 of the block of
// counter m/4.
func Uint32s(dst []uint32, key [2]uint32, start uint64) {
	for len(dst) > 0 {
		if at := start % 4; at != 0 || len(dst) < 4 {
			b := philox32Block(key, start/4)
			n := copy(dst, b[at:])
			dst, start = dst[n:], start+uint64(n)
			continue
		}
		n := vectorPhilox32(dst, key, start/4)
		if n == 0 {
			*(*[4]uint32)(dst) = philox32Block(key, start/4)
			n = 4
		}
		dst, start = dst[n:], start+uint64(n)
	}
}

func philox32Block(key [2]uint32, c uint64) [4]uint32 {
	return Philox4x32([4]uint32{uint32(c), uint32(c >> 32)}, key)
}
