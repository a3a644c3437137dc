package kernels

import "math"

// fftPass is one pass of Stockham's algorithm: transforms of radix elements that lie stride*count apart.
//
//	from[q + stride*(p + count*k)], k < radix    for p < count and q < stride, through a transform of radix elements
//	to[q + stride*(radix*p + j)]                 = element j of it, times root(p*j, radix*count)
type fftPass struct {
	radix, count, stride int
	twiddles             []complex128 // root(p*j, radix*count) at p*(radix-1) + j-1
	columns              []complex128 // the same at (j-1)*count + p, for the pass of radix 4 with stride 1
	roots                []complex128 // root(k, radix), for radices without a body of their own
}

func newPass(radix, n, stride int) fftPass {
	p := fftPass{radix: radix, count: n / radix, stride: stride}
	p.twiddles = make([]complex128, p.count*(radix-1))
	for i := range p.count {
		for j := 1; j < radix; j++ {
			p.twiddles[i*(radix-1)+j-1] = root(i*j, n)
		}
	}
	if radix == 4 && stride == 1 {
		p.columns = make([]complex128, len(p.twiddles))
		for i := range p.count {
			for j := range 3 {
				p.columns[j*p.count+i] = p.twiddles[i*3+j]
			}
		}
	}
	if radix > 5 {
		for k := range radix {
			p.roots = append(p.roots, root(k, radix))
		}
	}
	return p
}

func (p *fftPass) run(to, from []complex128) {
	if p.radix == 4 && radix4(p, to, from) {
		return
	}
	for i := range p.count {
		w := p.twiddles[i*(p.radix-1) : (i+1)*(p.radix-1)]
		x, y := from[p.stride*i:], to[p.stride*p.radix*i:]
		switch p.radix {
		case 2:
			p.two(y, x, w[0])
		case 3:
			p.three(y, x, w)
		case 4:
			p.four(y, x, w)
		case 5:
			p.five(y, x, w)
		default:
			p.any(y, x, w)
		}
	}
}

// times returns x*w with one rounding fewer in each part, as vector instructions have it.
func times(x, w complex128) complex128 {
	xr, xi, wr, wi := real(x), imag(x), real(w), imag(w)
	return complex(math.FMA(xr, wr, -(xi*wi)), math.FMA(xi, wr, float64(xr*wi)))
}

// turnedBack returns -i*x.
func turnedBack(x complex128) complex128 { return complex(imag(x), -real(x)) }

func (p *fftPass) two(y, x []complex128, w complex128) {
	s, apart := p.stride, p.stride*p.count
	for q := range s {
		a, b := x[q], x[q+apart]
		y[q], y[q+s] = a+b, times(a-b, w)
	}
}

func (p *fftPass) three(y, x []complex128, w []complex128) {
	const sin60 = 0.8660254037844386467637231707529361834714
	s, apart := p.stride, p.stride*p.count
	for q := range s {
		a, b, c := x[q], x[q+apart], x[q+2*apart]
		sum, dif := b+c, b-c
		mid := complex(math.FMA(-0.5, real(sum), real(a)), math.FMA(-0.5, imag(sum), imag(a)))
		side := complex(float64(imag(dif)*sin60), -float64(real(dif)*sin60)) // not to be fused with the sums below
		y[q] = a + sum
		y[q+s] = times(mid+side, w[0])
		y[q+2*s] = times(mid-side, w[1])
	}
}

func (p *fftPass) four(y, x []complex128, w []complex128) {
	s, apart := p.stride, p.stride*p.count
	for q := range s {
		a, b, c, d := x[q], x[q+apart], x[q+2*apart], x[q+3*apart]
		ac, bd, amc, bmd := a+c, b+d, a-c, turnedBack(b-d)
		y[q] = ac + bd
		y[q+s] = times(amc+bmd, w[0])
		y[q+2*s] = times(ac-bd, w[1])
		y[q+3*s] = times(amc-bmd, w[2])
	}
}

func (p *fftPass) five(y, x []complex128, w []complex128) {
	const (
		cos72  = 0.3090169943749474241022934171828190588602
		cos144 = -0.8090169943749474241022934171828190588602
		sin72  = 0.9510565162951535721164393333793821434057
		sin144 = 0.5877852522924731291687059546390727685977
	)
	s, apart := p.stride, p.stride*p.count
	mix := func(a complex128, f float64, b complex128, g float64, c complex128) complex128 {
		return complex(math.FMA(g, real(c), math.FMA(f, real(b), real(a))), math.FMA(g, imag(c), math.FMA(f, imag(b), imag(a))))
	}
	for q := range s {
		a, b, c, d, e := x[q], x[q+apart], x[q+2*apart], x[q+3*apart], x[q+4*apart]
		be, cd, bme, cmd := b+e, c+d, b-e, c-d
		m1, m2 := mix(a, cos72, be, cos144, cd), mix(a, cos144, be, cos72, cd)
		t1, t2 := turnedBack(mix(0, sin72, bme, sin144, cmd)), turnedBack(mix(0, sin144, bme, -sin72, cmd))
		y[q] = a + (be + cd)
		y[q+s] = times(m1+t1, w[0])
		y[q+2*s] = times(m2+t2, w[1])
		y[q+3*s] = times(m2-t2, w[2])
		y[q+4*s] = times(m1-t1, w[3])
	}
}

// any is the definition.
func (p *fftPass) any(y, x []complex128, w []complex128) {
	s, apart := p.stride, p.stride*p.count
	for q := range s {
		for j := range p.radix {
			sum := x[q]
			for k, at := 1, j; k < p.radix; k, at = k+1, (at+j)%p.radix {
				sum += times(x[q+k*apart], p.roots[at])
			}
			if j > 0 {
				sum = times(sum, w[j-1])
			}
			y[q+j*s] = sum
		}
	}
}
