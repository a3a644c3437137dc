package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// rowsOf8 are the addresses of eight rows ld bytes apart.
func rowsOf8(base, ld GPVirtual) []Mem {
	three, fourth := GP64(), GP64()
	LEAQ(Mem{Base: ld, Index: ld, Scale: 2}, three)
	LEAQ(Mem{Base: base, Index: ld, Scale: 4}, fourth)
	var m []Mem
	for _, b := range []GPVirtual{base, fourth} {
		m = append(m, Mem{Base: b}, Mem{Base: b, Index: ld, Scale: 1}, Mem{Base: b, Index: ld, Scale: 2}, Mem{Base: b, Index: three, Scale: 1})
	}
	return m
}

func transposeText(name, goType string, each int) (dst, ldd, src, lds, n GPVirtual) {
	TEXT(name, NOSPLIT, "func(dst *"+goType+", ldd int, src *"+goType+", lds, n int)")
	Pragma("noescape")
	Doc(name + " sets dst[p*ldd + r] = src[r*lds + p] for r < 8 and p < n, a multiple of 8.")
	return load("dst"), load("ldd"), load("src"), load("lds"), load("n")
}

// transpose8F64 turns four by four: two pairs of rows interleave, then halves change places.
func transpose8F64() {
	dst, ldd, src, lds, n := transposeText("Transpose8F64", "float64", 4)
	SHLQ(U8(3), ldd)
	SHLQ(U8(3), lds)
	in := rowsOf8(src, lds)
	fourth := in[4].Base.(GPVirtual)
	three := GP64()
	LEAQ(Mem{Base: ldd, Index: ldd, Scale: 2}, three)
	Label("loop")
	for _, half := range []int{0, 1} {
		y := []VecPhysical{Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7}
		for r := range 4 {
			VMOVUPD(in[4*half+r], y[r])
		}
		VUNPCKLPD(y[1], y[0], y[4])
		VUNPCKHPD(y[1], y[0], y[5])
		VUNPCKLPD(y[3], y[2], y[6])
		VUNPCKHPD(y[3], y[2], y[7])
		VPERM2F128(U8(0x20), y[6], y[4], y[0])
		VPERM2F128(U8(0x20), y[7], y[5], y[1])
		VPERM2F128(U8(0x31), y[6], y[4], y[2])
		VPERM2F128(U8(0x31), y[7], y[5], y[3])
		out := []Mem{{Base: dst, Disp: 32 * half}, {Base: dst, Index: ldd, Scale: 1, Disp: 32 * half},
			{Base: dst, Index: ldd, Scale: 2, Disp: 32 * half}, {Base: dst, Index: three, Scale: 1, Disp: 32 * half}}
		for p := range 4 {
			VMOVUPD(y[p], out[p])
		}
	}
	ADDQ(U8(32), src)
	ADDQ(U8(32), fourth)
	LEAQ(Mem{Base: dst, Index: ldd, Scale: 4}, dst)
	SUBQ(U8(4), n)
	JG(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// transpose8F32 turns eight by eight: pairs interleave by ones, then by twos, then halves change places.
func transpose8F32() {
	dst, ldd, src, lds, n := transposeText("Transpose8F32", "float32", 8)
	SHLQ(U8(2), ldd)
	SHLQ(U8(2), lds)
	in := rowsOf8(src, lds)
	fourth := in[4].Base.(GPVirtual)
	three := GP64()
	LEAQ(Mem{Base: ldd, Index: ldd, Scale: 2}, three)
	a := []VecPhysical{Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7}
	b := []VecPhysical{Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15}
	Label("loop")
	for r := range 8 {
		VMOVUPS(in[r], a[r])
	}
	for r := 0; r < 8; r += 2 {
		VUNPCKLPS(a[r+1], a[r], b[r])
		VUNPCKHPS(a[r+1], a[r], b[r+1])
	}
	for g := 0; g < 8; g += 4 { // rows g to g+3: columns 0|4, 1|5, 2|6, 3|7
		VSHUFPS(U8(0x44), b[g+2], b[g], a[g])
		VSHUFPS(U8(0xee), b[g+2], b[g], a[g+1])
		VSHUFPS(U8(0x44), b[g+3], b[g+1], a[g+2])
		VSHUFPS(U8(0xee), b[g+3], b[g+1], a[g+3])
	}
	for p := range 4 {
		VPERM2F128(U8(0x20), a[p+4], a[p], b[p])
		VPERM2F128(U8(0x31), a[p+4], a[p], b[p+4])
	}
	for p := range 8 {
		VMOVUPS(b[p], []Mem{{Base: dst}, {Base: dst, Index: ldd, Scale: 1}, {Base: dst, Index: ldd, Scale: 2}, {Base: dst, Index: three, Scale: 1}}[p%4])
		if p%4 == 3 {
			LEAQ(Mem{Base: dst, Index: ldd, Scale: 4}, dst)
		}
	}
	ADDQ(U8(32), src)
	ADDQ(U8(32), fourth)
	SUBQ(U8(8), n)
	JG(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
