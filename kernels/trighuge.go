package kernels

import (
	"math"
	"math/bits"
)

// twoByPiBits holds the bits of 2/pi behind 64 zeros: bit i has weight 2^(63-i).
var twoByPiBits = [21]uint64{
	0x0000000000000000, 0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041,
	0xfe5163abdebbc561, 0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e,
	0xe88235f52ebb4484, 0xe99c7026b45f7e41, 0x3991d639835339f4, 0x9c845f8bbdf9283b,
	0x1ff897ffde05980f, 0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d,
	0x7527bac7ebe5f17b, 0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab,
	0xf0cfbc209af4361d,
}

// reduceHuge is reduceQuarter for x above trigMax, NaN, and Inf (Payne and Hanek 1983): of the product of x's 53-bit
// integer with 2/pi only the 256 bits below weight 4 are computed.
func reduceHuge(x float64) (q uint64, hi, lo float64) {
	if !(x <= math.MaxFloat64) {
		return 0, math.NaN(), math.NaN()
	}
	b := math.Float64bits(x)
	e := int(b>>52) - 1023 - 52
	m := b&(1<<52-1) | 1<<52
	// The window starts at the bit whose weight times 2^e is 2.
	at := uint(63 + e - 1)
	var w [4]uint64
	for i := range w {
		j := at/64 + uint(i)
		w[i] = twoByPiBits[j]<<(at%64) | twoByPiBits[j+1]>>1>>(63-at%64)
	}
	h3, p3 := bits.Mul64(w[3], m)
	h2, p2 := bits.Mul64(w[2], m)
	h1, p1 := bits.Mul64(w[1], m)
	p0 := w[0] * m
	var c uint64
	p2, c = bits.Add64(p2, h3, 0)
	p1, c = bits.Add64(p1, h2, c)
	p0, _ = bits.Add64(p0, h1, c)
	q = p0 >> 62
	// The fraction, of weight 1 above its top bit; from one half on, its negative complement.
	f0, f1, f2 := p0<<2|p1>>62, p1<<2|p2>>62, p2<<2|p3>>62
	negative := f0>>63 != 0
	if negative {
		q++
		f2, c = bits.Sub64(0, f2, 0)
		f1, c = bits.Sub64(0, f1, c)
		f0, _ = bits.Sub64(0, f0, c)
	}
	scale := 0x1p-64
	if f0 == 0 {
		f0, f1, f2 = f1, f2, 0
		scale = 0x1p-128
	}
	if n := uint(bits.LeadingZeros64(f0)); n > 0 && n < 64 {
		f0, f1 = f0<<n|f1>>(64-n), f1<<n|f2>>(64-n)
		scale = math.Ldexp(scale, -int(n))
	}
	// Two words of 53 bits: 11 bits of f0 go to the second.
	a := float64(int64(f0>>11)) * 0x1p11 * scale
	r := float64(int64(f0<<53>>11|f1>>22)) * 0x1p-42 * scale
	if negative {
		a, r = -a, -r
	}
	hi = a * halfPiHi
	lo = math.FMA(a, halfPiHi, -hi) + math.FMA(a, halfPiMid, float64(r*halfPiHi))
	return q, hi, lo
}
