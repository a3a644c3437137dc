package main

import (
	"github.com/mmcloughlin/avo/operand"

	"github.com/shmath/shmath/asm/_gen/vector"
)

// between writes func(dst, x *T, lo, hi T, n int) (below, inside, unordered int): n is a multiple of the lanes.
func between(file *vector.File, s vector.Set, e elem) {
	var dst, x, n g
	var lo, hi v
	setup := func(f *f) {
		dst, x, n = f.Param("dst").(g), f.Param("x").(g), f.Param("n").(g)
		lo, hi = f.Broadcast("lo"), f.Broadcast("hi")
	}
	const doc = "stores the elements of x from lo to hi one behind the other, and as many of any content as fill a register. It returns " +
		"how many are below lo, how many it has stored, and zero if there is no NaN. n is a multiple of 8."
	signature := "func(dst, x *" + e.Go + ", lo, hi " + e.Go + ", n int) (below, inside, unordered int)"
	file.Func(s, e.Elem, "Between", signature, doc, setup, func(f *f) {
		table, below, inside, unordered := f.GP64(), f.GP64(), f.GP64(), f.GP64()
		f.LEAQ(places(f), table)
		f.XORQ(below, below)
		f.XORQ(inside, inside)
		f.XORQ(unordered, unordered)
		i := f.GP64()
		f.XORQ(i, i)
		f.SHLQ(operand.U8(map[int]uint8{8: 3, 4: 2}[e.Size]), n)
		f.Walk(i, n, 4, func(at int) {
			m := &mover{f: f, e: e}
			r := f.Load(operand.Mem{Base: x, Index: i, Scale: 1, Disp: at})
			under := m.bits(17, r, lo)
			f.POPCNTQ(under, under)
			f.ADDQ(under, below)
			within := f.GP64()
			if e.integer {
				less, more := m.bits(17, r, lo), m.bits(17, hi, r)
				f.MOVQ(less, within)
				f.ORQ(more, within)
				f.XORQ(operand.Imm(1<<f.Lanes()-1), within)
			} else {
				within = m.bits(29, r, lo)
				f.ANDQ(m.bits(18, r, hi), within)
				f.ORQ(m.bits(3, r, r), unordered)
			}
			order, p := f.New(), f.New()
			m.permuteBy(table, within, order, r, p)
			f.Store(p, operand.Mem{Base: dst, Index: inside, Scale: uint8(e.Size)})
			f.POPCNTQ(within, within)
			f.ADDQ(within, inside)
		})
		for j, r := range []g{below, inside, unordered} {
			f.Context.Store(r, f.ReturnIndex(j))
		}
	})
}
