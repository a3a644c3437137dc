package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/shmath/shmath/asm/_gen/vector"
)

// The cosines and sines of 2πk/n, rounded once.
var (
	cosines = map[int][]float64{
		3: {1, -0.5000000000000000000000000000000000000000},
		5: {1, 0.3090169943749474241022934171828190588602, -0.8090169943749474241022934171828190588602},
		7: {1, 0.6234898018587335305250048840042398106323, -0.2225209339563144042889025644967947594664, -0.9009688679024191262361023195074450511659},
	}
	sines = map[int][]float64{
		3: {0, 0.8660254037844386467637231707529361834714},
		5: {0, 0.9510565162951535721164393333793821434057, 0.5877852522924731291687059546390727685977},
		7: {0, 0.7818314824680298087084445266740577502323, 0.9749279121818236070181316829939312172328, 0.4338837391175581204757683328483587546100},
	}
)

// swap returns x with real and imaginary parts exchanged.
func (p *pass) swap(x vector.V) vector.V {
	r := p.New()
	switch {
	case p.Suffix == "PS":
		p.VPERMILPS(operand.U8(0xb1), x, r)
	case p.Set == vector.AVX512:
		p.VPERMILPD(operand.U8(0x55), x, r)
	default:
		p.VPERMILPD(operand.U8(5), x, r)
	}
	return r
}

// turn returns a - ib and a + ib; a is lost.
func (p *pass) turn(a, b vector.V) (minus, plus vector.V) {
	t, one := p.swap(b), p.Const(1)
	minus = p.Copy(a)
	p.P("VFMSUBADD132", one, t, minus)
	p.P("VFMADDSUB132", one, t, a)
	return minus, a
}

// minusI returns a - ia.
func (p *pass) minusI(a vector.V) vector.V {
	t := p.swap(a)
	p.P("VFMSUBADD132", p.Const(1), t, a)
	return a
}

// alternating is a table of v and -v in turns.
func (p *pass) alternating(v float64) operand.Mem {
	words := make([]uint64, p.F.Lanes())
	for i := range words {
		x := v
		if i%2 == 1 {
			x = -v
		}
		words[i] = math.Float64bits(x)
		if p.Suffix == "PS" {
			words[i] = uint64(math.Float32bits(float32(x)))
		}
	}
	return p.Table(fmt.Sprintf("alternating%s%dx%x", p.Suffix, len(words), words[0]), words)
}

// signs is a table of the sign bit at each word 2i+odd, and else nothing.
func (p *pass) signs(odd int) operand.Mem {
	words := make([]uint64, p.F.Lanes())
	for i := range words {
		if i%2 == odd {
			words[i] = 1 << (8*p.Elem.Size - 1)
		}
	}
	return p.Table(fmt.Sprintf("signs%s%dx%d", p.Suffix, len(words), odd), words)
}

func (p *pass) conjugate(x vector.V) vector.V { return p.Xor(x, p.signs(1)) }

// reversed returns the elements of x from the last to the first.
func (p *pass) reversed(x vector.V) vector.V {
	r := p.New()
	switch {
	case p.Suffix == "PD" && p.Set == vector.AVX512:
		p.VSHUFF64X2(operand.U8(0x1b), x, x, r)
	case p.Suffix == "PD":
		p.VPERM2F128(operand.U8(1), x, x, r)
	default:
		p.VPERMPD(operand.U8(0x1b), x, r)
		if p.Set == vector.AVX512 {
			p.VSHUFF64X2(operand.U8(0x4e), r, r, r)
		}
	}
	return r
}

// parts loads complex numbers and returns their real parts, each twice, and their imaginary parts.
func (p *pass) parts(at operand.Mem) (re, im vector.V) {
	w := p.Load(at)
	re, im = p.New(), p.New()
	switch {
	case p.Suffix == "PS":
		p.VMOVSLDUP(w, re)
		p.VMOVSHDUP(w, im)
	case p.Set == vector.AVX512:
		p.VMOVDDUP(w, re)
		p.VPERMILPD(operand.U8(0xff), w, im)
	default:
		p.VMOVDDUP(w, re)
		p.VPERMILPD(operand.U8(15), w, im)
	}
	return re, im
}

// times multiplies x by the elements at m.
func (p *pass) times(x vector.V, m operand.Mem) {
	re, im := p.parts(m)
	p.P("VFMADDSUB213", p.Mul(p.swap(x), im), re, x)
}

// timesConjugate multiplies x by the conjugates of the elements at m.
func (p *pass) timesConjugate(x vector.V, m operand.Mem) vector.V {
	re, im := p.parts(m)
	p.P("VFMSUBADD213", p.Mul(p.swap(x), im), re, x)
	return x
}

// timesOne multiplies x by one element, at base[i].
func (p *pass) timesOne(x vector.V, base reg.GPVirtual, i int) {
	re, im := p.New(), p.New()
	p.I("VBROADCASTS"+p.Suffix[1:], operand.Mem{Base: base, Disp: i * p.size()}, re)
	p.I("VBROADCASTS"+p.Suffix[1:], operand.Mem{Base: base, Disp: i*p.size() + p.Elem.Size}, im)
	p.P("VFMADDSUB213", p.Mul(p.swap(x), im), re, x)
}

// butterfly loads radix elements and returns their transform.
func (p *pass) butterfly(radix int, in *spread) []vector.V {
	x := make([]vector.V, radix)
	switch radix {
	case 2:
		a, b := p.Load(in.at(0)), p.Load(in.at(1))
		return []vector.V{p.Add(a, b), p.Sub(a, b)}
	case 4:
		for k := range x {
			x[k] = p.Load(in.at(k))
		}
		return p.four(x)
	case 8:
		return p.eight(in)
	}
	for k := range x {
		x[k] = p.Load(in.at(k))
	}
	return p.odd(x)
}

func (p *pass) four(x []vector.V) []vector.V {
	ac, amc := p.Add(x[0], x[2]), p.Sub(x[0], x[2])
	bd, bmd := p.Add(x[1], x[3]), p.Sub(x[1], x[3])
	minus, plus := p.turn(amc, bmd)
	return []vector.V{p.Add(ac, bd), minus, p.Sub(ac, bd), plus}
}

// eight is four of the sums, and of the differences times roots of order eight.
func (p *pass) eight(in *spread) []vector.V {
	var sum, dif [4]vector.V
	for k := range sum {
		a, b := p.Load(in.at(k)), p.Load(in.at(k+4))
		sum[k], dif[k] = p.Add(a, b), p.Sub(a, b)
	}
	even := p.four(sum[:])
	s0, s1 := p.turn(dif[0], dif[2])
	u, v := p.turn(p.minusI(dif[1]), p.minusI(dif[3]))
	half, t := p.Const(math.Sqrt2/2), p.swap(v)
	y1, y3 := p.Copy(s0), p.Copy(s1)
	p.P("VFMADD231", half, u, y1)
	p.P("VFNMADD231", half, u, s0)
	p.P("VFMADD231", p.alternating(math.Sqrt2/2), t, y3)
	p.P("VFNMADD231", p.alternating(math.Sqrt2/2), t, s1)
	return []vector.V{even[0], y1, even[1], y3, even[2], s0, even[3], s1}
}

// odd takes sums and differences of x[k] and x[radix-k].
func (p *pass) odd(x []vector.V) []vector.V {
	n := len(x)
	h := n / 2
	sum, dif := make([]vector.V, h+1), make([]vector.V, h+1)
	y := make([]vector.V, n)
	y[0] = p.Copy(x[0])
	for k := 1; k <= h; k++ {
		sum[k], dif[k] = p.Add(x[k], x[n-k]), p.Sub(x[k], x[n-k])
		p.P("VADD", sum[k], y[0], y[0])
	}
	for j := 1; j <= h; j++ {
		m, t := p.Copy(x[0]), p.Mul(dif[1], p.Const(sines[n][j]))
		for k := 1; k <= h; k++ {
			at := j * k % n
			sign := ""
			if at > h {
				at, sign = n-at, "N"
			}
			p.P("VFMADD231", p.Const(cosines[n][at]), sum[k], m)
			if k > 1 {
				p.P("VF"+sign+"MADD231", p.Const(sines[n][at]), dif[k], t)
			}
		}
		y[j], y[n-j] = p.turn(m, t)
	}
	return y
}

// storeTurned stores results y[j] of a register's butterflies side by side, one butterfly after another.
func (p *pass) storeTurned(radix int, y []vector.V) {
	to := p.arg["to"]
	blocks := radix / 4
	var out [][]vector.V
	for b := range blocks {
		out = append(out, p.turnFour(y[4*b:4*b+4]))
	}
	group := 4 * p.size() // bytes of four results
	for b, regs := range out {
		for i, v := range regs {
			switch {
			case p.Set.Bytes <= group: // a register holds no more than one group: parts of it lie in turn
				parts := group / p.Set.Bytes
				p.P("VMOVU", v, operand.Mem{Base: to, Disp: i/parts*blocks*group + b*group + i%parts*p.Set.Bytes})
			case blocks == 1:
				p.P("VMOVU", v, operand.Mem{Base: to, Disp: i * p.Set.Bytes})
			case b == 0: // two groups in a register: halves go together with those of the other block
				for half, pick := range []uint8{0x44, 0xee} {
					r := p.New()
					p.VSHUFF64X2(operand.U8(pick), out[1][i], v, r)
					p.P("VMOVU", r, operand.Mem{Base: to, Disp: (2*i + half) * p.Set.Bytes})
				}
			}
		}
	}
}

// turnFour makes each four results of a butterfly lie side by side.
func (p *pass) turnFour(y []vector.V) []vector.V {
	if p.Suffix == "PS" {
		pair := func(name string, a, b vector.V) vector.V { r := p.New(); p.I(name, b, a, r); return r }
		y = []vector.V{pair("VUNPCKLPD", y[0], y[1]), pair("VUNPCKLPD", y[2], y[3]), pair("VUNPCKHPD", y[0], y[1]), pair("VUNPCKHPD", y[2], y[3])}
	}
	var out []vector.V
	if p.Set == vector.AVX2 {
		for _, half := range []uint8{0x20, 0x31} {
			for pair := range 2 {
				v := p.New()
				p.VPERM2F128(operand.U8(half), y[2*pair+1], y[2*pair], v)
				out = append(out, v)
			}
		}
		return out
	}
	shuffle := func(pick uint8, a, b vector.V) vector.V {
		v := p.New()
		p.VSHUFF64X2(operand.U8(pick), b, a, v)
		return v
	}
	for _, half := range []uint8{0x44, 0xee} {
		a, b := shuffle(half, y[0], y[1]), shuffle(half, y[2], y[3])
		out = append(out, shuffle(0x88, a, b), shuffle(0xdd, a, b))
	}
	return out
}
