// Command random writes the loops of random numbers.
package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"

	"github.com/shmath/shmath/asm/_gen/vector"
)

type (
	f = vector.F
	v = vector.V
)

// The multipliers of Philox 4x64.
const (
	philoxM0 = 0xD2E7470EE14C6C93
	philoxM1 = 0xCA5A826395121157
)

func main() {
	vector.Generate(func(file *vector.File) {
		// AVX2 has no conversions of 64-bit integers, and its products are no faster than those of Go.
		philox(file, vector.AVX512)
		convert(file, vector.AVX512)
		places(file, vector.AVX512)
	})
}

// word is the element of the integer loops: their lanes are those of float64.
var word = vector.Elem{Name: "U64", Go: "uint64", Size: 8, Suffix: "PD"}

// factor is a multiplier and its upper half: VPMULUDQ reads the lower half of a lane.
type factor struct{ all, high vector.Op }

func newFactor(f *f, m uint64) factor { return factor{f.Bits(m), f.Bits(m >> 32)} }

// multiply returns the 128-bit products of the lanes of a by a constant, from four products of 32 bits each.
func multiply(f *f, m factor, a v) (hi, lo v) {
	by := func(x v, y vector.Op) v {
		r := f.New()
		f.VPMULUDQ(y, x, r)
		return r
	}
	high := f.ShiftRight(a, 32)
	low := by(a, m.all)
	mid := f.AddInt(by(high, m.all), f.ShiftRight(low, 32))
	cross := f.AddInt(by(a, m.high), f.And(mid, f.Bits(math.MaxUint32)))
	hi = f.AddInt(f.AddInt(by(high, m.high), f.ShiftRight(mid, 32)), f.ShiftRight(cross, 32))
	lo = f.Or(f.ShiftLeft(cross, 32), f.And(low, f.Bits(math.MaxUint32)))
	return hi, lo
}

// philox writes func(dst, keys *uint64, c uint64, n int): n blocks, a multiple of 8, of the counters c, c+1, ...
func philox(file *vector.File, s vector.Set) {
	var dst, keys, n vector.Base
	var c v
	setup := func(f *f) {
		dst, keys, n = f.Param("dst"), f.Param("keys"), f.Param("n")
		p, err := f.Context.Param("c").Resolve()
		if err != nil {
			panic(err)
		}
		c = f.New()
		f.VPBROADCASTQ(p.Addr, c)
		f.VPADDQ(f.Table("philoxLanes", []uint64{0, 1, 2, 3, 4, 5, 6, 7}), c, c)
	}
	doc := "sets dst to n blocks of four words of Philox 4x64-10, n a positive multiple of 8, for the counters {c, 0, 0, 0}, {c+1, 0, 0, 0}, ... " +
		"keys are the ten round keys and the 128-bit product of the first multiplier and the first key, its upper word first."
	file.Func(s, word, "Philox", "func(dst, keys *uint64, c uint64, n int)", doc, setup, func(f *f) {
		m0, m1 := newFactor(f, philoxM0), newFactor(f, philoxM1)
		f.Label("blocks")
		h, l := multiply(f, m0, c)
		h1, l1 := multiply(f, m1, xorKey(f, h, keys, 1))
		c0, c1 := xorKey(f, h1, keys, 2), l1
		c2 := xorKey(f, xorKey(f, l, keys, 3), keys, 20)
		c3 := f.New()
		f.VPBROADCASTQ(vector.At(keys, 8*21), c3)
		for round := 2; round < 10; round++ {
			h0, l0 := multiply(f, m0, c0)
			h1, l1 := multiply(f, m1, c2)
			c0, c1, c2, c3 = xorBoth(f, h1, c1, keys, 2*round), l1, xorBoth(f, h0, c3, keys, 2*round+1), l0
		}
		interleave(f, dst, c0, c1, c2, c3)
		f.VPADDQ(f.Bits(8), c, c)
		f.ADDQ(operand.U32(4*64), dst)
		f.SUBQ(operand.Imm(8), n)
		f.JNZ(operand.LabelRef("blocks"))
	})
}

func xorKey(f *f, a v, keys vector.Base, i int) v {
	r := f.New()
	f.VPXORQ_BCST(vector.At(keys, 8*i), a, r)
	return r
}

// xorBoth returns a ^ b ^ key i; it overwrites a.
func xorBoth(f *f, a, b v, keys vector.Base, i int) v {
	f.VPTERNLOGQ_BCST(operand.U8(0x96), vector.At(keys, 8*i), b, a)
	return a
}

// interleave stores lane j of the four registers as words 4j to 4j+3.
func interleave(f *f, dst vector.Base, c0, c1, c2, c3 v) {
	pair := func(low bool, a, b v) v {
		r := f.New()
		if low {
			f.VPUNPCKLQDQ(b, a, r)
		} else {
			f.VPUNPCKHQDQ(b, a, r)
		}
		return r
	}
	lanes := func(pick uint8, a, b v) v {
		r := f.New()
		f.VSHUFI64X2(operand.U8(pick), b, a, r)
		return r
	}
	even, odd := pair(true, c0, c1), pair(false, c0, c1)
	even2, odd2 := pair(true, c2, c3), pair(false, c2, c3)
	for i, half := range []uint8{0x44, 0xee} {
		p, q := lanes(half, even, even2), lanes(half, odd, odd2)
		f.VMOVDQU64(lanes(0x88, p, q), vector.At(dst, 128*i))
		f.VMOVDQU64(lanes(0xdd, p, q), vector.At(dst, 128*i+64))
	}
}

// uniform returns the upper 53 bits of words as float64, times scale.
func uniform(f *f, words v, scale vector.Op) v {
	r := f.New()
	f.VCVTQQ2PD(f.ShiftRight(words, 11), r)
	return f.Mul(r, scale)
}

// convert writes func(dst *float64, words *uint64, n int): n is a multiple of 8.
func convert(file *vector.File, s vector.Set) {
	var dst, words, n vector.Base
	setup := func(f *f) { dst, words, n = f.Param("dst"), f.Param("words"), f.Param("n") }
	file.Func(s, word, "Uniform", "func(dst *float64, words *uint64, n int)",
		"sets dst to the upper 53 bits of words times 2^-53; n is a multiple of 8.", setup, func(f *f) {
			eights(f, n, func(i vector.Base) {
				at := operand.Mem{Base: words, Index: i, Scale: 1}
				f.VMOVUPD(uniform(f, f.Load(at), f.Const(0x1p-53)), operand.Mem{Base: dst, Index: i, Scale: 1})
			})
		})
}

// places writes func(words *uint64, scale float64, n int): n is a multiple of 8.
func places(file *vector.File, s vector.Set) {
	var words, n vector.Base
	var scale v
	setup := func(f *f) {
		words, n = f.Param("words"), f.Param("n")
		scale = f.Broadcast("scale")
	}
	file.Func(s, word, "Places", "func(words *uint64, scale float64, n int)",
		"replaces words by the integers below their upper 53 bits times scale; n is a multiple of 8.", setup, func(f *f) {
			eights(f, n, func(i vector.Base) {
				at := operand.Mem{Base: words, Index: i, Scale: 1}
				r := f.New()
				f.VCVTTPD2QQ(uniform(f, f.Load(at), scale), r)
				f.VMOVDQU64(r, at)
			})
		})
}

// eights runs step at the byte offset of each eight words of n.
func eights(f *f, n vector.Base, step func(i vector.Base)) {
	i := f.GP64()
	f.XORQ(i, i)
	f.SHLQ(operand.U8(3), n)
	f.Walk(i, n, 2, func(at int) {
		j := f.GP64()
		f.LEAQ(operand.Mem{Base: i, Disp: at}, j)
		step(j)
	})
}
