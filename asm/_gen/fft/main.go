// Command fft writes the passes of Stockham's algorithm and what goes before and behind them. Elements are complex: two
// words, the real part first.
package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/shmath/shmath/asm/_gen/vector"
)

// radices are those that have bodies; turned are those of them whose results can be turned to lie side by side.
var (
	radices = []int{2, 3, 4, 5, 7, 8}
	turned  = []int{4, 8}
)

func main() {
	vector.Generate(func(file *vector.File) {
		for _, s := range vector.Sets {
			for _, e := range []vector.Elem{vector.F64, vector.F32} {
				for _, r := range radices {
					columns(file, s, e, r)
					row(file, s, e, r)
				}
				for _, r := range turned {
					first(file, s, e, r)
				}
				untangle(file, s, e, false)
				untangle(file, s, e, true)
				product(file, s, e)
				exchange(file, s, e)
			}
		}
	})
}

// pass is one function in the making.
type pass struct {
	*vector.F
	arg map[string]reg.GPVirtual
}

// load loads the arguments; distances in elements become bytes.
func (p *pass) load(f *vector.F, names ...string) {
	*p = pass{F: f, arg: map[string]reg.GPVirtual{}}
	for _, n := range names {
		g := f.GP64()
		f.Context.Load(f.Context.Param(n), g)
		if n == "stride" || n == "apart" || n == "half" {
			f.SHLQ(operand.U8(p.shift()), g)
		}
		p.arg[n] = g
	}
}

// shift and size are those of an element, lanes is how many elements a register holds.
func (p *pass) size() int  { return 2 * p.Elem.Size }
func (p *pass) lanes() int { return p.Set.Bytes / p.size() }
func (p *pass) shift() uint8 {
	if p.size() == 16 {
		return 4
	}
	return 3
}

// spread is a row of addresses some distance apart.
type spread struct{ base, base4, apart, apart3 reg.GPVirtual }

// spread prepares n addresses from base; apart3 is computed when it is not given.
func (p *pass) spread(n int, base, apart, apart3 reg.GPVirtual) *spread {
	s := &spread{base: base, apart: apart, apart3: apart3}
	if n > 4 {
		s.base4 = p.GP64()
		p.LEAQ(operand.Mem{Base: base, Index: apart, Scale: 4}, s.base4)
	}
	return s
}

func (p *pass) three(r reg.GPVirtual) reg.GPVirtual {
	t := p.GP64()
	p.LEAQ(operand.Mem{Base: r, Index: r, Scale: 2}, t)
	return t
}

func (s *spread) at(k int) operand.Mem {
	base := s.base
	if k >= 4 {
		base, k = s.base4, k-4
	}
	switch k {
	case 0:
		return operand.Mem{Base: base}
	case 3:
		return operand.Mem{Base: base, Index: s.apart3, Scale: 1}
	}
	return operand.Mem{Base: base, Index: s.apart, Scale: uint8(k)}
}

// bases are the registers that move.
func (s *spread) bases() []reg.GPVirtual {
	if s.base4 == nil {
		return []reg.GPVirtual{s.base}
	}
	return []reg.GPVirtual{s.base, s.base4}
}

// walk runs step, which does a register's elements, until left elements, at least a register's, are done: the last
// register begins earlier where they are no multiple of it. Each base moves by scale elements for one.
func (p *pass) walk(label string, left reg.GPVirtual, bases []reg.GPVirtual, scale []int, step func()) {
	lanes := p.lanes()
	p.Label(label)
	step()
	for i, b := range bases {
		p.ADDQ(operand.I32(scale[i]*p.Set.Bytes), b)
	}
	p.SUBQ(operand.U8(lanes), left)
	p.CMPQ(left, operand.U8(lanes))
	p.JGE(operand.LabelRef(label))
	p.TESTQ(left, left)
	p.JLE(operand.LabelRef(label + "done"))
	p.SUBQ(operand.U8(lanes), left) // less than 0: elements to go back
	p.SHLQ(operand.U8(p.shift()), left)
	for i, b := range bases {
		back := left
		switch scale[i] {
		case 1:
		case -1:
			back = p.GP64()
			p.MOVQ(left, back)
			p.NEGQ(back)
		default:
			back = p.GP64()
			p.IMUL3Q(operand.I32(scale[i]), left, back)
		}
		p.ADDQ(back, b)
	}
	p.MOVQ(operand.I32(lanes), left)
	p.JMP(operand.LabelRef(label))
	p.Label(label + "done")
}

func scales(n, value int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = value
	}
	return s
}

// columns writes butterflies with turned results, each on a row of columns.
func columns(file *vector.File, s vector.Set, e vector.Elem, radix int) {
	p := &pass{}
	file.Func(s, e, fmt.Sprintf("FFTColumns%d", radix), "func(to, from, twiddles *"+e.Go+", count, width, stride, apart int)",
		fmt.Sprintf("takes count > 0 butterflies of radix %d, each on width columns, at least a register's lanes.", radix),
		func(f *vector.F) { p.load(f, "to", "from", "twiddles", "count", "width", "stride", "apart") },
		func(*vector.F) {
			apart3, stride3 := p.three(p.arg["apart"]), p.three(p.arg["stride"])
			p.Label("butterfly")
			left := p.GP64()
			p.MOVQ(p.arg["width"], left)
			p.columns(radix, left, apart3, stride3, func(j int, x vector.V) { p.timesOne(x, p.arg["twiddles"], j-1) })
			p.ADDQ(operand.I32((radix-1)*p.size()), p.arg["twiddles"])
			p.ADDQ(p.arg["stride"], p.arg["from"])
			next := p.GP64()
			p.IMUL3Q(operand.I32(radix), p.arg["stride"], next)
			p.ADDQ(next, p.arg["to"])
			p.DECQ(p.arg["count"])
			p.JNZ(operand.LabelRef("butterfly"))
		})
}

// row writes one butterfly whose results are not turned.
func row(file *vector.File, s vector.Set, e vector.Elem, radix int) {
	p := &pass{}
	file.Func(s, e, fmt.Sprintf("FFTRow%d", radix), "func(to, from *"+e.Go+", width, stride, apart int)",
		fmt.Sprintf("takes one butterfly of radix %d, not turned, on width columns, at least a register's lanes.", radix),
		func(f *vector.F) { p.load(f, "to", "from", "width", "stride", "apart") },
		func(*vector.F) {
			p.columns(radix, p.arg["width"], p.three(p.arg["apart"]), p.three(p.arg["stride"]), func(int, vector.V) {})
		})
}

// columns takes one butterfly on left columns; turn turns result j > 0.
func (p *pass) columns(radix int, left, apart3, stride3 reg.GPVirtual, turn func(j int, x vector.V)) {
	cursor := func(name string) reg.GPVirtual { g := p.GP64(); p.MOVQ(p.arg[name], g); return g }
	in := p.spread(radix, cursor("from"), p.arg["apart"], apart3)
	out := p.spread(radix, cursor("to"), p.arg["stride"], stride3)
	bases := append(in.bases(), out.bases()...)
	p.walk("column", left, bases, scales(len(bases), 1), func() {
		for j, x := range p.butterfly(radix, in) {
			if j > 0 {
				turn(j, x)
			}
			p.P("VMOVU", x, out.at(j))
		}
	})
}

// first writes a pass of stride 1: as many butterflies at once as there are lanes; their results are made to lie side by side.
func first(file *vector.File, s vector.Set, e vector.Elem, radix int) {
	p := &pass{}
	file.Func(s, e, fmt.Sprintf("FFTFirst%d", radix), "func(to, from, twiddles *"+e.Go+", count, apart int)",
		fmt.Sprintf("takes count butterflies of radix %d and stride 1, at least a register's lanes; the twiddles of one output lie apart.", radix),
		func(f *vector.F) { p.load(f, "to", "from", "twiddles", "count", "apart") },
		func(*vector.F) {
			apart3 := p.three(p.arg["apart"])
			in := p.spread(radix, p.arg["from"], p.arg["apart"], apart3)
			w := p.spread(radix-1, p.arg["twiddles"], p.arg["apart"], apart3)
			bases := append(append(in.bases(), w.bases()...), p.arg["to"])
			scale := append(scales(len(bases)-1, 1), radix)
			p.walk("butterflies", p.arg["count"], bases, scale, func() {
				y := p.butterfly(radix, in)
				for j := 1; j < radix; j++ {
					p.times(y[j], w.at(j-1))
				}
				p.storeTurned(radix, y)
			})
		})
}

// untangle writes the step between the transform of n/2 pairs and that of n real elements, either way.
func untangle(file *vector.File, s vector.Set, e vector.Elem, back bool) {
	p := &pass{}
	name, doc := "FFTUntangle", "makes to[k] and to[half-k] for 1 <= k <= count, at least a register's lanes, from those of the transform of pairs."
	if back {
		name, doc = "FFTEntangle", "undoes FFTUntangle."
	}
	file.Func(s, e, name, "func(to, from, roots *"+e.Go+", half, count int)", doc,
		func(f *vector.F) { p.load(f, "to", "from", "roots", "half", "count") },
		func(*vector.F) {
			end := func(name string) reg.GPVirtual {
				g := p.GP64()
				p.LEAQ(operand.Mem{Base: p.arg[name], Index: p.arg["half"], Scale: 1, Disp: -p.Set.Bytes}, g)
				return g
			}
			fromEnd, toEnd := end("from"), end("to")
			for _, n := range []string{"from", "to", "roots"} {
				p.ADDQ(operand.U8(p.size()), p.arg[n])
			}
			bases := []reg.GPVirtual{p.arg["from"], p.arg["to"], p.arg["roots"], fromEnd, toEnd}
			p.walk("pairs", p.arg["count"], bases, []int{1, 1, 1, -1, -1}, func() {
				a := p.Load(operand.Mem{Base: p.arg["from"]})
				b := p.conjugate(p.reversed(p.Load(operand.Mem{Base: fromEnd})))
				half := p.Reg(p.Const(0.5))
				even, odd := p.Mul(p.Add(a, b), half), p.Mul(p.Sub(a, b), half)
				if back {
					odd = p.timesConjugate(odd, operand.Mem{Base: p.arg["roots"]})
					odd = p.Xor(p.swap(odd), p.signs(0))
				} else {
					odd = p.Xor(p.swap(odd), p.signs(1))
					p.times(odd, operand.Mem{Base: p.arg["roots"]})
				}
				p.P("VMOVU", p.Add(even, odd), operand.Mem{Base: p.arg["to"]})
				p.P("VMOVU", p.reversed(p.conjugate(p.Sub(even, odd))), operand.Mem{Base: toEnd})
			})
		})
}

// product writes the multiplication of one element after another.
func product(file *vector.File, s vector.Set, e vector.Elem) {
	p := &pass{}
	file.Func(s, e, "ComplexMul", "func(to, x, y *"+e.Go+", n int)",
		"sets to[i] = x[i]*y[i] for n > 0 elements, a multiple of the lanes.",
		func(f *vector.F) { p.load(f, "to", "x", "y", "n") },
		func(*vector.F) {
			p.Label("elements")
			x := p.Load(operand.Mem{Base: p.arg["x"]})
			p.times(x, operand.Mem{Base: p.arg["y"]})
			p.P("VMOVU", x, operand.Mem{Base: p.arg["to"]})
			for _, n := range []string{"to", "x", "y"} {
				p.ADDQ(operand.I32(p.Set.Bytes), p.arg[n])
			}
			p.SUBQ(operand.U8(p.lanes()), p.arg["n"])
			p.JG(operand.LabelRef("elements"))
		})
}

// exchange writes the step before and behind an inverse transform.
func exchange(file *vector.File, s vector.Set, e vector.Elem) {
	p := &pass{}
	var scale vector.V
	file.Func(s, e, "ComplexExchange", "func(to, x *"+e.Go+", scale "+e.Go+", n int)",
		"sets to[i] to x[i]*scale with real and imaginary parts exchanged, for n > 0 elements, a multiple of the lanes.",
		func(f *vector.F) { p.load(f, "to", "x", "n"); scale = p.Broadcast("scale") },
		func(*vector.F) {
			p.Label("elements")
			p.P("VMOVU", p.swap(p.Mul(scale, operand.Mem{Base: p.arg["x"]})), operand.Mem{Base: p.arg["to"]})
			for _, n := range []string{"to", "x"} {
				p.ADDQ(operand.I32(p.Set.Bytes), p.arg[n])
			}
			p.SUBQ(operand.U8(p.lanes()), p.arg["n"])
			p.JG(operand.LabelRef("elements"))
		})
}
