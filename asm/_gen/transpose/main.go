// Command transpose writes loops that turn tiles of a matrix: square blocks are turned in registers, as many rows as a
// register has lanes.
package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/shmath/shmath/asm/_gen/vector"
)

type (
	f = vector.F
	v = vector.V
	g = reg.GPVirtual
)

func main() {
	vector.Generate(func(file *vector.File) {
		for _, e := range []vector.Elem{
			{Name: "64", Go: "uint64", Size: 8, Suffix: "PD"},
			{Name: "32", Go: "uint32", Size: 4, Suffix: "PS"},
		} {
			tile(file, e, "Transpose", "", false)
			tile(file, e, "TransposeStream", " The stores go past the caches: dst and its rows are aligned to 64 bytes.", true)
		}
	})
}

// tile writes func(dst *T, ldd int, src *T, lds, rows, cols int).
func tile(file *vector.File, e vector.Elem, name, more string, stream bool) {
	var dst, ldd, src, lds, rows, cols g
	setup := func(f *f) {
		dst, ldd, src, lds = f.Param("dst").(g), f.Param("ldd").(g), f.Param("src").(g), f.Param("lds").(g)
		rows, cols = f.Param("rows").(g), f.Param("cols").(g)
	}
	doc := "sets dst[j*ldd + i] = src[i*lds + j] for i < rows and j < cols, positive multiples of a register's lanes." + more
	file.Func(vector.AVX512, e, name, "func(dst *"+e.Go+", ldd int, src *"+e.Go+", lds, rows, cols int)", doc, setup, func(f *f) {
		lanes := f.Lanes()
		for _, ld := range []g{ldd, lds} {
			f.SHLQ(operand.U8(map[int]uint8{8: 3, 4: 2}[e.Size]), ld)
		}
		f.Label("columns")
		from, to, left := f.GP64(), f.GP64(), f.GP64()
		f.MOVQ(src, from)
		f.MOVQ(dst, to)
		f.MOVQ(rows, left)
		f.Label("rows")
		regs := make([]v, lanes)
		for i := range regs {
			regs[i] = f.Load(operand.Mem{Base: from})
			f.ADDQ(lds, from)
		}
		at := f.GP64()
		f.MOVQ(to, at)
		for j, r := range turn(f, regs) {
			if j > 0 {
				f.ADDQ(ldd, at)
			}
			if stream {
				f.P("VMOVNT", r, operand.Mem{Base: at})
			} else {
				f.Store(r, operand.Mem{Base: at})
			}
		}
		f.ADDQ(operand.U32(f.Bytes), to)
		f.SUBQ(operand.Imm(uint64(lanes)), left)
		f.JNZ(operand.LabelRef("rows"))
		f.ADDQ(operand.U32(f.Bytes), src)
		for range lanes {
			f.ADDQ(ldd, dst)
		}
		f.SUBQ(operand.Imm(uint64(lanes)), cols)
		f.JNZ(operand.LabelRef("columns"))
		if stream {
			f.SFENCE()
		}
	})
}

// turn returns the columns of a square of rows: first the elements of each 16 bytes change places, then those.
func turn(f *f, a []v) []v {
	lanes := len(a)
	per := lanes / 4 // elements in 16 bytes
	unpack := func(suffix string, high bool, x, y v) v {
		r := f.New()
		if high {
			f.I("VUNPCKH"+suffix, y, x, r)
		} else {
			f.I("VUNPCKL"+suffix, y, x, r)
		}
		return r
	}
	// b[per*q + m] has in its 16 bytes number j the elements of column per*j + m of rows per*q to per*q+per-1.
	b := make([]v, lanes)
	for q := 0; q < lanes; q += per {
		if per == 2 {
			b[q], b[q+1] = unpack("PD", false, a[q], a[q+1]), unpack("PD", true, a[q], a[q+1])
			continue
		}
		for h, high := range []bool{false, true} {
			x, y := unpack("PS", high, a[q], a[q+1]), unpack("PS", high, a[q+2], a[q+3])
			b[q+2*h], b[q+2*h+1] = unpack("PD", false, x, y), unpack("PD", true, x, y)
		}
	}
	pick := func(lane uint8, x, y v) v {
		r := f.New()
		f.VSHUFF64X2(operand.U8(lane), y, x, r)
		return r
	}
	out := make([]v, lanes)
	for m := range per {
		for j, half := range []uint8{0x88, 0xdd} {
			x, y := pick(half, b[m], b[per+m]), pick(half, b[2*per+m], b[3*per+m])
			out[per*j+m], out[per*(j+2)+m] = pick(0x88, x, y), pick(0xdd, x, y)
		}
	}
	return out
}
