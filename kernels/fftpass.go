package kernels

// radixMax is the largest radix: a prime factor above it makes a length one for Bluestein's algorithm.
const radixMax = 13

// fftPass is one pass of Stockham's algorithm: transforms of radix elements that lie stride*count apart.
//
//	from[q + stride*(p + count*k)], k < radix    for p < count and q < stride, through a transform of radix elements
//	to[q + stride*(radix*p + j)]                 = element j of it, times root(p*j, radix*count)
//
// Transforms with p = 0 and a stride above 1 are not multiplied by the roots, which are 1.
type fftPass[T Float] struct {
	radix, count, stride int
	// twiddles are root(p*j, radix*count), at p*(radix-1) + j-1; for stride 1, which takes many p at once, at (j-1)*count + p.
	twiddles []pair[T]
	roots    []pair[T] // root(k, radix), for odd radices
}

func newPass[T Float](radix, n, stride int) fftPass[T] {
	p := fftPass[T]{radix: radix, count: n / radix, stride: stride}
	p.twiddles = make([]pair[T], p.count*(radix-1))
	for i := range p.count {
		for j := 1; j < radix; j++ {
			p.twiddles[p.twiddle(i, j)] = pairOf[T](root(i*j, n))
		}
	}
	if radix%2 == 1 {
		p.roots = make([]pair[T], radix)
		for i, c := range oddCosines[radix] {
			w := pair[T]{T(c), -T(oddSines[radix][i])}
			p.roots[i+1], p.roots[radix-i-1] = w, w.conjugate()
		}
	}
	return p
}

// twiddle is the place of the factor of element j of transform i.
func (p *fftPass[T]) twiddle(i, j int) int {
	if p.stride == 1 {
		return (j-1)*p.count + i
	}
	return i*(p.radix-1) + j - 1
}

func (p *fftPass[T]) run(to, from []pair[T]) {
	if p.vectors(to, from) {
		return
	}
	var x, y [radixMax]pair[T]
	apart := p.stride * p.count
	for i := range p.count {
		turned := i > 0 || p.stride == 1
		in, out := from[p.stride*i:], to[p.stride*p.radix*i:]
		for q := range p.stride {
			for k := range p.radix {
				x[k] = in[q+k*apart]
			}
			p.transform(&y, &x)
			out[q] = y[0]
			for j := 1; j < p.radix; j++ {
				v := y[j]
				if turned {
					v = v.times(p.twiddles[p.twiddle(i, j)])
				}
				out[q+j*p.stride] = v
			}
		}
	}
}

// transform sets y to the transform of the first radix elements of x.
func (p *fftPass[T]) transform(y, x *[radixMax]pair[T]) {
	switch p.radix {
	case 2:
		y[0], y[1] = x[0].plus(x[1]), x[0].minus(x[1])
	case 4:
		y[0], y[1], y[2], y[3] = fourOf(x[0], x[1], x[2], x[3])
	case 8:
		eightOf(y, x)
	default:
		p.oddOf(y, x)
	}
}

func fourOf[T Float](a, b, c, d pair[T]) (y0, y1, y2, y3 pair[T]) {
	ac, amc, bd, bmd := a.plus(c), a.minus(c), b.plus(d), b.minus(d)
	return ac.plus(bd), amc.minusI(bmd), ac.minus(bd), amc.plusI(bmd)
}

// eightOf takes four of the sums, and four of the differences times root(k, 8).
func eightOf[T Float](y, x *[radixMax]pair[T]) {
	const half = 0.7071067811865475244008443621048490392848 // the square root of 1/2
	d0, d1, d2, d3 := x[0].minus(x[4]), x[1].minus(x[5]), x[2].minus(x[6]), x[3].minus(x[7])
	y[0], y[2], y[4], y[6] = fourOf(x[0].plus(x[4]), x[1].plus(x[5]), x[2].plus(x[6]), x[3].plus(x[7]))
	s0, s1 := d0.minusI(d2), d0.plusI(d2)
	e1, e3 := d1.minusI(d1), d3.minusI(d3)
	u, v := e1.minusI(e3), e1.plusI(e3)
	y[1], y[5] = s0.add(half, u), s0.add(-half, u)
	y[3] = pair[T]{fused(half, v.im, s1.re), fused(-half, v.re, s1.im)}
	y[7] = pair[T]{fused(-half, v.im, s1.re), fused(half, v.re, s1.im)}
}

// oddCosines and oddSines are those of 2πk/n for odd radices n and 0 < k <= n/2, rounded once, as in the bodies in assembly.
var (
	oddCosines = [radixMax + 1][]float64{
		3: {-0.5},
		5: {0.3090169943749474241022934171828190588602, -0.8090169943749474241022934171828190588602},
		7: {
			0.6234898018587335305250048840042398106323, -0.2225209339563144042889025644967947594664,
			-0.9009688679024191262361023195074450511659,
		},
		11: {
			0.8412535328311811688618116489193677175133, 0.4154150130018864255292741492296232035240,
			-0.1423148382732851404437926686163696687911, -0.6548607339452850640569250724662935531838,
			-0.9594929736144973898903680570663276990625,
		},
		13: {
			0.8854560256532098959003755220150988786055, 0.5680647467311558025118075591275166245335,
			0.1205366802553230533490676874525435822737, -0.3546048870425356259696378926000184743164,
			-0.7485107481711010986346305997013513838465, -0.9709418174260520271569822762937892272499,
		},
	}
	oddSines = [radixMax + 1][]float64{
		3: {0.8660254037844386467637231707529361834714},
		5: {0.9510565162951535721164393333793821434057, 0.5877852522924731291687059546390727685977},
		7: {
			0.7818314824680298087084445266740577502323, 0.9749279121818236070181316829939312172328,
			0.4338837391175581204757683328483587546100,
		},
		11: {
			0.5406408174555975821076359543186916954318, 0.9096319953545183714117153830790284600602,
			0.9898214418809327323760920377767187873765, 0.7557495743542582837740358439723444201797,
			0.2817325568414296977114179153466168990358,
		},
		13: {
			0.4647231720437685456560153351331047775577, 0.8229838658936563945796174234393819906551,
			0.9927088740980539928007516494925201793437, 0.9350162426854148234397845998378307290505,
			0.6631226582407952023767854926667662795248, 0.2393156642875577671487537262602118952032,
		},
	}
)

// oddOf takes the sums and differences of the elements k and radix-k: cosines go with the one, sines with the other.
func (p *fftPass[T]) oddOf(y, x *[radixMax]pair[T]) {
	n, h := p.radix, p.radix/2
	var sum, dif [radixMax/2 + 1]pair[T]
	y[0] = x[0]
	for k := 1; k <= h; k++ {
		sum[k], dif[k] = x[k].plus(x[n-k]), x[k].minus(x[n-k])
		y[0] = y[0].plus(sum[k])
	}
	for j := 1; j <= h; j++ {
		w := p.roots[j] // its imaginary part is minus the sine
		m := x[0].add(w.re, sum[1])
		t := pair[T]{T(dif[1].re * -w.im), T(dif[1].im * -w.im)}
		for k, at := 2, 2*j%n; k <= h; k, at = k+1, (at+j)%n {
			m = m.add(p.roots[at].re, sum[k])
			t = t.add(-p.roots[at].im, dif[k])
		}
		y[j], y[n-j] = m.minusI(t), m.plusI(t)
	}
}
