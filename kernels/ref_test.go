package kernels

import (
	"math"
	"math/big"
	"sync"
)

// The references of the accuracy tests: elementary functions in big.Float, slow and simple.

const refPrec = 320

func bf(v float64) *big.Float         { return new(big.Float).SetPrec(refPrec).SetFloat64(v) }
func bnew() *big.Float                { return new(big.Float).SetPrec(refPrec) }
func badd(a, b *big.Float) *big.Float { return bnew().Add(a, b) }
func bsub(a, b *big.Float) *big.Float { return bnew().Sub(a, b) }
func bmul(a, b *big.Float) *big.Float { return bnew().Mul(a, b) }
func bdiv(a, b *big.Float) *big.Float { return bnew().Quo(a, b) }
func bsqrt(a *big.Float) *big.Float   { return bnew().Sqrt(a) }
func bscale(a *big.Float, e int) *big.Float {
	return bnew().SetMantExp(a, e)
}

// bexp is the series of exp after the argument is divided by a power of two.
func bexp(x *big.Float) *big.Float {
	if x.Sign() == 0 {
		return bf(1)
	}
	k := max(x.MantExp(nil)+8, 0)
	r := bscale(x, -k)
	sum, term := bf(1), bf(1)
	for n := 1; n < 200; n++ {
		term = bdiv(bmul(term, r), bf(float64(n)))
		sum = badd(sum, term)
		if term.Sign() == 0 || term.MantExp(nil) < -refPrec-4 {
			break
		}
	}
	for range k {
		sum = bmul(sum, sum)
	}
	return sum
}

// bexpm1 adds the series up without its first term where exp is near 1.
func bexpm1(x *big.Float) *big.Float {
	if x.Sign() == 0 || x.MantExp(nil) > -4 {
		return bsub(bexp(x), bf(1))
	}
	sum, term := bnew(), bf(1)
	for n := 1; n < 200; n++ {
		term = bdiv(bmul(term, x), bf(float64(n)))
		sum = badd(sum, term)
		if term.MantExp(nil) < sum.MantExp(nil)-refPrec-4 {
			break
		}
	}
	return sum
}

// batanhSeries is x + x^3/3 + x^5/5 + ..., or with alternating signs the arc tangent.
func batanhSeries(x *big.Float, alternate bool) *big.Float {
	if x.Sign() == 0 {
		return bnew()
	}
	z := bmul(x, x)
	if alternate {
		z.Neg(z)
	}
	sum, pow := bnew().Set(x), bnew().Set(x)
	for n := 3; ; n += 2 {
		pow = bmul(pow, z)
		t := bdiv(pow, bf(float64(n)))
		sum = badd(sum, t)
		if t.Sign() == 0 || t.MantExp(nil) < sum.MantExp(nil)-refPrec-4 {
			return sum
		}
	}
}

var refLn2 = sync.OnceValue(func() *big.Float {
	return bscale(batanhSeries(bdiv(bf(1), bf(3)), false), 1)
})

// blog is k*ln2 + 2*atanh((m-1)/(m+1)), m between sqrt(1/2) and sqrt(2).
func blog(x *big.Float) *big.Float {
	m := bnew()
	k := x.MantExp(m)
	if m.Cmp(bf(math.Sqrt2/2)) < 0 {
		m, k = bscale(m, 1), k-1
	}
	s := bdiv(bsub(m, bf(1)), badd(m, bf(1)))
	return badd(bmul(bf(float64(k)), refLn2()), bscale(batanhSeries(s, false), 1))
}

// blog1p is exact in its argument's sum because of the precision, except near zero.
func blog1p(x *big.Float) *big.Float {
	if x.Sign() == 0 || x.MantExp(nil) > -200 {
		return blog(badd(bf(1), x))
	}
	return bsub(x, bscale(bmul(x, x), -1))
}

// piPrec is enough to reduce the greatest float64.
const piPrec = 1600

var refPi = sync.OnceValue(func() *big.Float {
	// Machin: pi = 16*atan(1/5) - 4*atan(1/239).
	inv := func(n int64) *big.Float {
		sum := new(big.Float).SetPrec(piPrec)
		d := new(big.Float).SetPrec(piPrec).SetInt64(n)
		p := new(big.Float).SetPrec(piPrec).Quo(big.NewFloat(1), d)
		for k := int64(1); p.MantExp(nil) > -piPrec-4; k += 2 {
			t := new(big.Float).SetPrec(piPrec).Quo(p, new(big.Float).SetInt64(k))
			if k%4 == 3 {
				t.Neg(t)
			}
			sum.Add(sum, t)
			p.Quo(p, d)
			p.Quo(p, d)
		}
		return sum
	}
	a, b := inv(5), inv(239)
	a.Mul(a, big.NewFloat(16))
	b.Mul(b, big.NewFloat(4))
	return a.Sub(a, b)
})

// bsincos reduces by pi/2 and sums the series.
func bsincos(x float64) (s, c *big.Float) {
	half := new(big.Float).SetPrec(piPrec).Quo(refPi(), big.NewFloat(2))
	w := new(big.Float).SetPrec(piPrec).SetFloat64(x)
	q := new(big.Float).SetPrec(piPrec).Quo(w, half)
	if x >= 0 {
		q.Add(q, big.NewFloat(0.5))
	} else {
		q.Sub(q, big.NewFloat(0.5))
	}
	n, _ := q.Int(nil)
	w.Sub(w, new(big.Float).SetPrec(piPrec).Mul(half, new(big.Float).SetPrec(piPrec).SetInt(n)))
	r := bnew().Set(w)
	z := bmul(r, r)
	z.Neg(z)
	sum := func(t *big.Float, n int) *big.Float {
		a := bnew().Set(t)
		for ; t.Sign() != 0 && t.MantExp(nil) > a.MantExp(nil)-refPrec-4; n += 2 {
			t = bdiv(bmul(t, z), bf(float64((n+1)*(n+2))))
			a = badd(a, t)
		}
		return a
	}
	sn, cs := sum(r, 1), sum(bf(1), 0)
	switch new(big.Int).And(n, big.NewInt(3)).Int64() {
	case 0:
		return sn, cs
	case 1:
		return cs, sn.Neg(sn)
	case 2:
		return sn.Neg(sn), cs.Neg(cs)
	}
	return cs.Neg(cs), sn
}

// batan halves the angle until the series is short.
func batan(x *big.Float) *big.Float {
	k := 0
	for ; x.Sign() != 0 && x.MantExp(nil) > -6; k++ {
		x = bdiv(x, badd(bf(1), bsqrt(badd(bf(1), bmul(x, x)))))
	}
	return bscale(batanhSeries(x, true), k)
}

// berf is the series of erf with enough precision that its terms may cancel; comp gives 1-erf.
func berf(x float64, comp bool) *big.Float {
	prec := uint(256 + 4.4*x*x)
	return erfSeries(new(big.Float).SetPrec(prec).SetFloat64(x), prec, comp)
}

// erfSeries is 2/sqrt(pi) * (x - x^3/3 + x^5/(5*2!) - ...).
func erfSeries(x *big.Float, prec uint, comp bool) *big.Float {
	z := new(big.Float).SetPrec(prec).Mul(x, x)
	p := new(big.Float).SetPrec(prec).Set(x)
	sum := new(big.Float).SetPrec(prec)
	for n := 0; ; n++ {
		t := new(big.Float).SetPrec(prec).Quo(p, new(big.Float).SetInt64(int64(2*n+1)))
		if t.Sign() == 0 || t.MantExp(nil) < -int(prec) {
			break
		}
		if n%2 == 1 {
			t.Neg(t)
		}
		sum.Add(sum, t)
		p.Mul(p, z)
		p.Quo(p, new(big.Float).SetInt64(int64(n+1)))
	}
	root := new(big.Float).SetPrec(piPrec).Sqrt(refPi())
	sum.Mul(sum, big.NewFloat(2))
	sum.Quo(sum, root)
	if comp {
		sum.Sub(new(big.Float).SetPrec(prec).SetInt64(1), sum)
	}
	return sum
}

// reference holds, by the name of the kernel, the function in big.Float; nil stands for a value outside the domain.
var reference = map[string]func(x float64) *big.Float{
	"Exp":   func(x float64) *big.Float { return bexp(bf(x)) },
	"Exp2":  func(x float64) *big.Float { return bexp(bmul(bf(x), refLn2())) },
	"Exp10": func(x float64) *big.Float { return bexp(bmul(bf(x), blog(bf(10)))) },
	"Expm1": func(x float64) *big.Float { return bexpm1(bf(x)) },
	"Log":   func(x float64) *big.Float { return blog(bf(x)) },
	"Log2":  func(x float64) *big.Float { return bdiv(blog(bf(x)), refLn2()) },
	"Log10": func(x float64) *big.Float { return bdiv(blog(bf(x)), blog(bf(10))) },
	"Log1p": func(x float64) *big.Float { return blog1p(bf(x)) },
	"Sin":   func(x float64) *big.Float { s, _ := bsincos(x); return s },
	"Cos":   func(x float64) *big.Float { _, c := bsincos(x); return c },
	"Tan":   func(x float64) *big.Float { s, c := bsincos(x); return bdiv(s, c) },
	"Atan":  func(x float64) *big.Float { return batan(bf(x)) },
	"Asin": func(x float64) *big.Float {
		v := bf(x)
		d := bmul(bsub(bf(1), v), badd(bf(1), v))
		if d.Sign() == 0 {
			return bscale(bmul(v, bnew().Set(refPi())), -1)
		}
		return batan(bdiv(v, bsqrt(d)))
	},
	"Acos": func(x float64) *big.Float {
		// 2*atan(sqrt((1-x)/(1+x)))
		v := bf(x)
		if x == -1 {
			return bnew().Set(refPi())
		}
		return bscale(batan(bsqrt(bdiv(bsub(bf(1), v), badd(bf(1), v)))), 1)
	},
	"Sinh": func(x float64) *big.Float {
		e := bexpm1(bf(math.Abs(x)))
		r := bscale(badd(e, bdiv(e, badd(e, bf(1)))), -1)
		if x < 0 {
			r.Neg(r)
		}
		return r
	},
	"Cosh": func(x float64) *big.Float {
		e := bexp(bf(x))
		return bscale(badd(e, bdiv(bf(1), e)), -1)
	},
	"Tanh": func(x float64) *big.Float {
		e := bexpm1(bf(2 * x))
		return bdiv(e, badd(e, bf(2)))
	},
	"Asinh": func(x float64) *big.Float {
		v := bf(math.Abs(x))
		z := bmul(v, v)
		r := blog1p(badd(v, bdiv(z, badd(bf(1), bsqrt(badd(bf(1), z))))))
		if x < 0 {
			r.Neg(r)
		}
		return r
	},
	"Acosh": func(x float64) *big.Float {
		v := bf(x)
		return blog(badd(v, bsqrt(bsub(bmul(v, v), bf(1)))))
	},
	"Atanh": func(x float64) *big.Float {
		v := bf(x)
		return bscale(blog1p(bdiv(bscale(v, 1), bsub(bf(1), v))), -1)
	},
	"Cbrt": func(x float64) *big.Float {
		r := bexp(bdiv(blog(bf(math.Abs(x))), bf(3)))
		if x < 0 {
			r.Neg(r)
		}
		return r
	},
	"Erf":   func(x float64) *big.Float { return berf(x, false) },
	"Erfc":  func(x float64) *big.Float { return berf(x, true) },
	"Rsqrt": func(x float64) *big.Float { return bdiv(bf(1), bsqrt(bf(x))) },
	"Sigmoid": func(x float64) *big.Float {
		return bdiv(bf(1), badd(bf(1), bexp(bf(-x))))
	},
}

// ulpError returns the distance of got from want in units of the last place of want, subnormals included; an infinite
// got counts as 2^1024.
func ulpError(got float64, want *big.Float) float64 {
	if got != got {
		return math.Inf(1)
	}
	e := -1074
	if want.Sign() != 0 {
		e = max(want.MantExp(nil)-53, -1074)
	}
	g := bnew()
	if math.IsInf(got, 0) {
		g = bscale(bf(math.Copysign(1, got)), 1024)
		e = min(e, 1023-52)
		if want.Sign() == g.Sign() && want.MantExp(nil) > 1024 {
			return 0
		}
	} else {
		g.SetFloat64(got)
	}
	d, _ := bscale(g.Sub(g, want), -e).Float64()
	return math.Abs(d)
}

// ulpError32 is ulpError for float32.
func ulpError32(got float32, want *big.Float) float64 {
	if got != got {
		return math.Inf(1)
	}
	e := -149
	if want.Sign() != 0 {
		e = max(want.MantExp(nil)-24, -149)
	}
	g := bnew()
	if math.IsInf(float64(got), 0) {
		g = bscale(bf(math.Copysign(1, float64(got))), 128)
		e = min(e, 127-23)
		if want.Sign() == g.Sign() && want.MantExp(nil) > 128 {
			return 0
		}
	} else {
		g.SetFloat64(float64(got))
	}
	d, _ := bscale(g.Sub(g, want), -e).Float64()
	return math.Abs(d)
}

// berf2 is erfc(x/sqrt(2)) with the division in high precision.
func berf2(x float64) *big.Float {
	const prec = 800
	z := new(big.Float).SetPrec(prec).SetFloat64(x)
	z.Quo(z, new(big.Float).SetPrec(prec).Sqrt(big.NewFloat(2).SetPrec(prec)))
	return erfSeries(z, prec, true)
}
