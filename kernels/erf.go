package kernels

import "math"

// Erf sets dst[i] to the error function of x[i], within 1 ULP for float64.
func Erf[T Float](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = T(erf(float64(x[i])))
	}
}

// Erfc sets dst[i] to 1 - erf(x[i]), within 3 ULP for float64 also where it is small; from 27.3 on it is 0.
func Erfc[T Float](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = T(erfc(float64(x[i])))
	}
}

// erfOne is erf(1) to 24 bits.
const erfOne = 8.45062911510467529297e-01

// erf is the meaning of Erf: fdlibm's division of the line at 0.84375 and 1.25.
func erf(x float64) float64 {
	a := math.Abs(x)
	var v float64
	switch {
	case a < 0.84375:
		v = math.FMA(a, erfNear(a), a)
	case a < 1.25:
		v = erfOne + erfMiddle(a)
	default:
		v = 1 - erfcFar(a)
	}
	return math.Copysign(v, x)
}

// erfc is the meaning of Erfc.
func erfc(x float64) float64 {
	a := math.Abs(x)
	switch {
	case a < 0.84375:
		y := erfNear(x)
		if x < 0.25 {
			return 1 - math.FMA(x, y, x)
		}
		return 0.5 - math.FMA(x, y, x-0.5)
	case a < 1.25:
		if x < 0 {
			return 1 + (erfOne + erfMiddle(a))
		}
		return (1 - erfOne) - erfMiddle(a)
	}
	if x < 0 {
		return 2 - erfcFar(a)
	}
	return erfcFar(a)
}

// erfNear is erf(x)/x - 1 for |x| < 0.84375.
func erfNear(x float64) float64 {
	z := x * x
	return horner(z, erfPP[:]) / horner(z, erfQQ[:])
}

// erfMiddle is erf(a) - erfOne for a from 0.84375 to 1.25.
func erfMiddle(a float64) float64 {
	s := a - 1
	return horner(s, erfPA[:]) / horner(s, erfQA[:])
}

// erfcFar is erfc(a) for a >= 1.25: exp(-a*a-0.5625+r)/a, the exponent in two words. NaN passes through.
func erfcFar(a float64) float64 {
	a = min(a, 30)
	s := 1 / (a * a)
	var r float64
	if a < 1/0.35 {
		r = horner(s, erfRA[:]) / horner(s, erfSA[:])
	} else {
		r = horner(s, erfRB[:]) / horner(s, erfSB[:])
	}
	h := float64(a * a)
	lost := math.FMA(a, a, -h)
	g := r - 0.5625
	e := g - h
	return expTail(e, ((-h-e)+g)-lost, 0) / a
}

// horner evaluates a polynomial, the lowest coefficient first.
func horner(x float64, c []float64) float64 {
	p := c[len(c)-1]
	for i := len(c) - 2; i >= 0; i-- {
		p = math.FMA(p, x, c[i])
	}
	return p
}

// The rational approximations of fdlibm's s_erf.c (Sun Microsystems 1993), numerators and denominators by turns.
var (
	erfPP = [5]float64{
		1.28379167095512558561e-01, -3.25042107247001499370e-01, -2.84817495755985104766e-02, -5.77027029648944159157e-03,
		-2.37630166566501626084e-05,
	}
	erfQQ = [6]float64{
		1, 3.97917223959155352819e-01, 6.50222499887672944485e-02, 5.08130628187576562776e-03,
		1.32494738004321644526e-04, -3.96022827877536812320e-06,
	}
	erfPA = [7]float64{
		-2.36211856075265944077e-03, 4.14856118683748331666e-01, -3.72207876035701323847e-01, 3.18346619901161753674e-01,
		-1.10894694282396677476e-01, 3.54783043256182359371e-02, -2.16637559486879084300e-03,
	}
	erfQA = [7]float64{
		1, 1.06420880400844228286e-01, 5.40397917702171048937e-01, 7.18286544141962662868e-02,
		1.26171219808761642112e-01, 1.36370839120290507362e-02, 1.19844998467991074170e-02,
	}
	erfRA = [8]float64{
		-9.86494403484714822705e-03, -6.93858572707181764372e-01, -1.05586262253232909814e+01, -6.23753324503260060396e+01,
		-1.62396669462573470355e+02, -1.84605092906711035994e+02, -8.12874355063065934246e+01, -9.81432934416914548592e+00,
	}
	erfSA = [9]float64{
		1, 1.96512716674392571292e+01, 1.37657754143519042600e+02, 4.34565877475229228821e+02,
		6.45387271733267880336e+02, 4.29008140027567833386e+02, 1.08635005541779435134e+02, 6.57024977031928170135e+00,
		-6.04244152148580987438e-02,
	}
	erfRB = [7]float64{
		-9.86494292470009928597e-03, -7.99283237680523006574e-01, -1.77579549177547519889e+01, -1.60636384855821916062e+02,
		-6.37566443368389627722e+02, -1.02509513161107724954e+03, -4.83519191608651397019e+02,
	}
	erfSB = [8]float64{
		1, 3.03380607434824582924e+01, 3.25792512996573918826e+02, 1.53672958608443695994e+03,
		3.19985821950859553908e+03, 2.55305040643316442583e+03, 4.74528541206955367215e+02, -2.24409524465858183362e+01,
	}
)
