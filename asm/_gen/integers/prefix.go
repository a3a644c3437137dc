package main

import (
	"github.com/mmcloughlin/avo/operand"

	"github.com/shmath/shmath/asm/_gen/vector"
)

// prefix returns the running sums of the lanes of r in log steps (Hillis and Steele, "Data parallel algorithms", 1986).
func prefix(f *f, r, zero v) v {
	lanes := f.Lanes()
	if f.Set == vector.AVX512 {
		for n := 1; n < lanes; n *= 2 {
			up := f.New()
			f.I("VALIGN"+map[int]string{8: "Q", 4: "D"}[f.Size], operand.U8(lanes-n), zero, r, up)
			r = f.AddInt(r, up)
		}
		return r
	}
	for n := f.Size; n < 16; n *= 2 { // within each half
		up := f.New()
		f.VPSLLDQ(operand.U8(n), r, up)
		r = f.AddInt(r, up)
	}
	// The total of the lower half, in all lanes of the upper one.
	low, total := f.New(), f.New()
	if f.Size == 8 {
		f.VPERMQ(operand.U8(0x50), r, low)
		f.VPSHUFD(operand.U8(0xee), low, total)
	} else {
		f.VPERMQ(operand.U8(0x50), r, low)
		f.VPSHUFD(operand.U8(0xff), low, total)
	}
	f.VPBLENDD(operand.U8(0xf0), total, zero, total)
	return f.AddInt(r, total)
}

// lastLane returns what spreads the last lane of a register over all.
func lastLane(f *f) func(r v) v {
	if f.Set == vector.AVX2 && f.Size == 8 {
		return func(r v) v { t := f.New(); f.VPERMQ(operand.U8(0xff), r, t); return t }
	}
	letter := map[int]string{8: "Q", 4: "D"}[f.Size]
	at := f.Reg(f.Bits(uint64(f.Lanes() - 1)))
	return func(r v) v { t := f.New(); f.I("VPERM"+letter, r, at, t); return t }
}
