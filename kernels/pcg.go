package kernels

import "math/bits"

// lcg is a linear congruential generator of 128 bits.
type lcg struct{ hi, lo, incHi, incLo uint64 }

// pcgFactorHi and pcgFactorLo are the multiplier of PCG64, pcgCheap that of PCG64DXSM.
const (
	pcgFactorHi = 0x2360ed051fc65da4
	pcgFactorLo = 0x4385df649fccf645
	pcgCheap    = 0xda942042e4dd58b5
)

// newLCG seeds a generator as NumPy does, with the state and then the stream, upper words first.
func newLCG(seed SeedSequence) lcg {
	var w [4]uint64
	seed.Uint64s(w[:])
	g := lcg{incHi: w[2]<<1 | w[3]>>63, incLo: w[3]<<1 | 1}
	g.step(pcgFactorHi, pcgFactorLo)
	var carry uint64
	g.lo, carry = bits.Add64(g.lo, w[1], 0)
	g.hi, _ = bits.Add64(g.hi, w[0], carry)
	g.step(pcgFactorHi, pcgFactorLo)
	return g
}

func (g *lcg) step(factorHi, factorLo uint64) {
	hi, lo := multiply128(g.hi, g.lo, factorHi, factorLo)
	var carry uint64
	g.lo, carry = bits.Add64(lo, g.incLo, 0)
	g.hi, _ = bits.Add64(hi, g.incHi, carry)
}

// advance goes n steps ahead in time log n (F. Brown, "Random Number Generation with Arbitrary Strides", 1994).
func (g *lcg) advance(n, factorHi, factorLo uint64) {
	sumHi, sumLo := uint64(0), uint64(0)
	allHi, allLo := uint64(0), uint64(1)
	incHi, incLo := g.incHi, g.incLo
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			allHi, allLo = multiply128(allHi, allLo, factorHi, factorLo)
			hi, lo := multiply128(sumHi, sumLo, factorHi, factorLo)
			var carry uint64
			sumLo, carry = bits.Add64(lo, incLo, 0)
			sumHi, _ = bits.Add64(hi, incHi, carry)
		}
		plusLo, carry := bits.Add64(factorLo, 1, 0)
		incHi, incLo = multiply128(incHi, incLo, factorHi+carry, plusLo)
		factorHi, factorLo = multiply128(factorHi, factorLo, factorHi, factorLo)
	}
	hi, lo := multiply128(g.hi, g.lo, allHi, allLo)
	var carry uint64
	g.lo, carry = bits.Add64(lo, sumLo, 0)
	g.hi, _ = bits.Add64(hi, sumHi, carry)
}

// multiply128 returns the lower 128 bits of a product.
func multiply128(aHi, aLo, bHi, bLo uint64) (hi, lo uint64) {
	hi, lo = bits.Mul64(aLo, bLo)
	return hi + aHi*bLo + aLo*bHi, lo
}

// PCG64 is NumPy's generator of that name, PCG XSL RR 128/64 (O'Neill 2014), bit for bit. It is a source for
// math/rand/v2. It is for programs that need NumPy's numbers: the streams of this package compute any element alone.
type PCG64 struct{ lcg lcg }

// NewPCG64 returns NumPy's PCG64(seed).
func NewPCG64(seed SeedSequence) *PCG64 {
	return &PCG64{newLCG(seed)}
}

// Uint64 returns the next word.
func (p *PCG64) Uint64() uint64 {
	p.lcg.step(pcgFactorHi, pcgFactorLo)
	return bits.RotateLeft64(p.lcg.hi^p.lcg.lo, -int(p.lcg.hi>>58))
}

// Uniform sets dst to the numbers of NumPy's Generator(p).random(len(dst)).
func (p *PCG64) Uniform(dst []float64) {
	for i := range dst {
		dst[i] = float64(int64(p.Uint64()>>11)) * 0x1p-53
	}
}

// Advance goes n words ahead.
func (p *PCG64) Advance(n uint64) { p.lcg.advance(n, pcgFactorHi, pcgFactorLo) }

// PCG64DXSM is [PCG64] with a stronger output function and a cheaper step, as NumPy's generator of that name.
type PCG64DXSM struct{ lcg lcg }

// NewPCG64DXSM returns NumPy's PCG64DXSM(seed).
func NewPCG64DXSM(seed SeedSequence) *PCG64DXSM {
	return &PCG64DXSM{newLCG(seed)}
}

// Uint64 returns the next word.
func (p *PCG64DXSM) Uint64() uint64 {
	hi, lo := p.lcg.hi, p.lcg.lo|1
	p.lcg.step(0, pcgCheap)
	hi ^= hi >> 32
	hi *= pcgCheap
	hi ^= hi >> 48
	return hi * lo
}

// Uniform sets dst to the numbers of NumPy's Generator(p).random(len(dst)).
func (p *PCG64DXSM) Uniform(dst []float64) {
	for i := range dst {
		dst[i] = float64(int64(p.Uint64()>>11)) * 0x1p-53
	}
}

// Advance goes n words ahead.
func (p *PCG64DXSM) Advance(n uint64) { p.lcg.advance(n, 0, pcgCheap) }
