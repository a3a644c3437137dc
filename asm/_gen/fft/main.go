// Command fft writes the passes of radix 4 of Stockham's algorithm.
package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/shmath/shmath/asm/_gen/vector"
)

func main() {
	vector.Generate(func(file *vector.File) {
		for _, s := range vector.Sets {
			p := &pass{}
			file.Func(s, vector.F64, "Radix4", "func(to, from, twiddles *complex128, count, width, stride, apart int)",
				"takes count > 0 butterflies, one for every three twiddles, on width columns, a multiple of the lanes.",
				func(f *vector.F) { p.load(f, "twiddles", "count", "width", "stride", "apart") }, func(*vector.F) { p.columns() })
			file.Func(s, vector.F64, "Radix4First", "func(to, from, twiddles *complex128, count, apart int)",
				"takes count > 0 butterflies of stride 1, a multiple of the lanes; the twiddles of one output lie apart as well.",
				func(f *vector.F) { p.load(f, "twiddles", "count", "apart") }, func(*vector.F) { p.first() })
		}
	})
}

// pass is one function in the making.
type pass struct {
	*vector.F
	to, from reg.GPVirtual
	arg      map[string]reg.GPVirtual
	one      vector.V
}

// load loads the arguments; what is counted in elements apart becomes bytes.
func (p *pass) load(f *vector.F, names ...string) {
	*p = pass{F: f, arg: map[string]reg.GPVirtual{}}
	get := func(name string) reg.GPVirtual { g := f.GP64(); f.Context.Load(f.Context.Param(name), g); return g }
	p.to, p.from = get("to"), get("from")
	for _, n := range names {
		p.arg[n] = get(n)
		if n == "stride" || n == "apart" {
			f.SHLQ(operand.U8(4), p.arg[n])
		}
	}
}

// three returns three times r.
func (p *pass) three(r reg.GPVirtual) reg.GPVirtual {
	t := p.GP64()
	p.LEAQ(operand.Mem{Base: r, Index: r, Scale: 2}, t)
	return t
}

// four are the addresses of elements apart.
func four(base, apart, three reg.GPVirtual) []operand.Mem {
	return []operand.Mem{{Base: base}, {Base: base, Index: apart, Scale: 1}, {Base: base, Index: apart, Scale: 2},
		{Base: base, Index: three, Scale: 1}}
}

// butterfly loads four and returns their transform, not yet turned: 0, 1, 2, 3.
func (p *pass) butterfly(at []operand.Mem) []vector.V {
	x := make([]vector.V, 4)
	for i := range x {
		x[i] = p.New()
		p.P("VMOVU", at[i], x[i])
	}
	ac, bd, amc, bmd := p.New(), p.New(), p.New(), p.New()
	p.P("VADD", x[2], x[0], ac)
	p.P("VADD", x[3], x[1], bd)
	p.P("VSUB", x[2], x[0], amc)
	p.P("VSUB", x[3], x[1], bmd)
	sum, dif, minus := p.New(), p.New(), p.New()
	p.P("VADD", bd, ac, sum)
	p.P("VSUB", bd, ac, dif)
	p.swap(bmd, bmd)
	p.P("VMOVA", amc, minus)
	p.P("VFMSUBADD213", bmd, p.one, amc) // amc - i*bmd
	p.P("VFMADDSUB213", bmd, p.one, minus)
	return []vector.V{sum, amc, dif, minus}
}

// swap exchanges real and imaginary parts.
func (p *pass) swap(from, to vector.V) {
	if p.Set == vector.AVX512 {
		p.VPERMILPD(operand.U8(0x55), from, to)
	} else {
		p.VPERMILPD(operand.U8(5), from, to)
	}
}

// times multiplies x by a root of which re and im fill all lanes.
func (p *pass) times(x, re, im vector.V) {
	t := p.New()
	p.swap(x, t)
	p.P("VMUL", im, t, t)
	p.P("VFMADDSUB213", t, re, x)
}

// ones fills a register with 1.
func (p *pass) ones() {
	p.one = p.New()
	t := p.GP64()
	p.MOVQ(operand.U64(0x3ff0000000000000), t)
	p.MOVQ(t, p.one.AsX())
	p.VBROADCASTSD(p.one.AsX(), p.one)
}

func (p *pass) columns() {
	p.ones()
	count, twiddles, apart, stride := p.arg["count"], p.arg["twiddles"], p.arg["apart"], p.arg["stride"]
	apart3, stride3 := p.three(apart), p.three(stride)
	p.Label("butterfly")
	re, im := make([]vector.V, 3), make([]vector.V, 3)
	for j := range 3 {
		re[j], im[j] = p.New(), p.New()
		p.VBROADCASTSD(operand.Mem{Base: twiddles, Disp: 16 * j}, re[j])
		p.VBROADCASTSD(operand.Mem{Base: twiddles, Disp: 16*j + 8}, im[j])
	}
	left, from, to := p.GP64(), p.GP64(), p.GP64()
	p.MOVQ(p.arg["width"], left)
	p.MOVQ(p.from, from)
	p.MOVQ(p.to, to)
	p.Label("column")
	y := p.butterfly(four(from, apart, apart3))
	for j := range 3 {
		p.times(y[j+1], re[j], im[j])
	}
	for j, at := range four(to, stride, stride3) {
		p.P("VMOVU", y[j], at)
	}
	p.ADDQ(operand.U8(p.Bytes), from)
	p.ADDQ(operand.U8(p.Bytes), to)
	p.SUBQ(operand.U8(p.Bytes/16), left)
	p.JG(operand.LabelRef("column"))
	p.ADDQ(operand.U8(48), twiddles)
	p.ADDQ(stride, p.from)
	p.LEAQ(operand.Mem{Base: p.to, Index: stride, Scale: 4}, p.to)
	p.DECQ(count)
	p.JNZ(operand.LabelRef("butterfly"))
}

// first takes as many butterflies as there are lanes, and turns their results, which lie side by side.
func (p *pass) first() {
	p.ones()
	apart := p.arg["apart"]
	apart3 := p.three(apart)
	p.Label("butterflies")
	y := p.butterfly(four(p.from, apart, apart3))
	for j, at := range four(p.arg["twiddles"], apart, apart3)[:3] {
		w, re, im := p.New(), p.New(), p.New()
		p.P("VMOVU", at, w)
		p.VMOVDDUP(w, re)
		if p.Set == vector.AVX512 {
			p.VPERMILPD(operand.U8(0xff), w, im)
		} else {
			p.VPERMILPD(operand.U8(15), w, im)
		}
		p.times(y[j+1], re, im)
	}
	var out []vector.V
	if p.Set == vector.AVX512 {
		out = p.turn4(y)
	} else {
		out = p.turn2(y)
	}
	for i, v := range out {
		p.P("VMOVU", v, operand.Mem{Base: p.to, Disp: i * p.Bytes})
	}
	p.ADDQ(operand.U8(p.Bytes), p.from)
	p.ADDQ(operand.U8(p.Bytes), p.arg["twiddles"])
	p.ADDQ(operand.I32(4*p.Bytes), p.to)
	p.SUBQ(operand.U8(p.Bytes/16), p.arg["count"])
	p.JG(operand.LabelRef("butterflies"))
}

func (p *pass) turn2(y []vector.V) []vector.V {
	out := make([]vector.V, 4)
	for i, half := range []uint8{0x20, 0x31} {
		for pair := range 2 {
			v := p.New()
			p.VPERM2F128(operand.U8(half), y[2*pair+1], y[2*pair], v)
			out[2*i+pair] = v
		}
	}
	return out
}

func (p *pass) turn4(y []vector.V) []vector.V {
	shuffle := func(pick uint8, a, b vector.V) vector.V {
		v := p.New()
		p.VSHUFF64X2(operand.U8(pick), b, a, v)
		return v
	}
	var out []vector.V
	for _, half := range []uint8{0x44, 0xee} {
		a, b := shuffle(half, y[0], y[1]), shuffle(half, y[2], y[3])
		out = append(out, shuffle(0x88, a, b), shuffle(0xdd, a, b))
	}
	return out
}
