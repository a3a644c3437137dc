// Command philox32 writes the loop of Philox 4x32-10 (Salmon, Moraes, Dror and Shaw 2011).
package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/shmath/shmath/asm/_gen/vector"
)

type (
	f = vector.F
	v = vector.V
)

// word is the element of the loops: two words of 32 bits in a lane.
var word = vector.Elem{Name: "U32", Go: "uint64", Size: 8, Suffix: "PD"}

func main() { vector.Generate(philox) }

// philox writes func(dst *uint32, keys *uint64, c uint64, n int). Words lie in the lower halves of lanes; what is in the
// upper halves is never looked at, because VPMULUDQ reads the lower ones.
func philox(file *vector.File) {
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
	doc := "sets dst to n blocks of four words of Philox 4x32-10, n a positive multiple of 8, for the counters c, c+1, ..., " +
		"of which the two upper words are zero. keys are the ten round keys, each word in 8 bytes."
	file.Func(vector.AVX512, word, "Philox", "func(dst *uint32, keys *uint64, c uint64, n int)", doc, setup, func(f *f) {
		m0, m1, low := f.Bits(0xD2511F53), f.Bits(0xCD9E8D57), f.Bits(1<<32-1)
		even := f.Load(f.Table("philoxEven", []uint64{0, 8, 1, 9, 2, 10, 3, 11}))
		odd := f.Load(f.Table("philoxOdd", []uint64{4, 12, 5, 13, 6, 14, 7, 15}))
		times := func(a v, m vector.Op) v {
			r := f.New()
			f.VPMULUDQ(m, a, r)
			return r
		}
		both := func(a, b v, key int) v { // a ^ b ^ key; it overwrites a
			f.VPTERNLOGQ_BCST(operand.U8(0x96), vector.At(keys, 8*key), b, a)
			return a
		}
		pack := func(a, b v) v { return f.Or(f.And(a, low), f.ShiftLeft(b, 32)) }
		f.Label("blocks")
		zero := f.New()
		f.VPXORQ(zero, zero, zero)
		c0, c1, c2, c3 := f.Copy(c), f.ShiftRight(c, 32), zero, f.Copy(zero)
		for round := range 10 {
			p0, p1 := times(c0, m0), times(c2, m1)
			c0, c1, c2, c3 = both(f.ShiftRight(p1, 32), c1, 2*round), p1, both(f.ShiftRight(p0, 32), c3, 2*round+1), p0
		}
		x, y := pack(c0, c1), pack(c2, c3)
		for i, order := range []v{even, odd} {
			r := f.Copy(order)
			f.VPERMI2Q(y, x, r)
			f.VMOVDQU64(r, vector.At(dst, 64*i))
		}
		f.VPADDQ(f.Bits(8), c, c)
		f.ADDQ(operand.U32(128), dst.(reg.GPVirtual))
		f.SUBQ(operand.Imm(8), n)
		f.JNZ(operand.LabelRef("blocks"))
	})
}
