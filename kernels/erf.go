package kernels

import "math"

// Erf sets dst[i] to the error function of x[i], within 1.1 ULP for float64.
func Erf[T Float](dst, x []T) { elementwise(erfOp, dst, x, erf) }

// Erfc sets dst[i] to 1 - erf(x[i]), within 3 ULP for float64 also where it is small; from 27.3 on it is 0.
func Erfc[T Float](dst, x []T) { elementwise(erfcOp, dst, x, erfc) }

// erf is the meaning of Erf.
func erf(x float64) float64 {
	a := math.Abs(x)
	v := 1 - erfcFar(a)
	if a < 1 {
		v = math.FMA(a, erfNear(a), a)
	}
	return math.Copysign(v, x)
}

// erfc is the meaning of Erfc: below 0.46875, where erf is below one half, it is 1-erf.
func erfc(x float64) float64 {
	a := math.Abs(x)
	e, f := math.FMA(a, erfNear(a), a), erfcFar(a)
	switch {
	case x < -1:
		return 2 - f
	case x < 0:
		return 1 + e
	case x < 0.46875:
		return 1 - e
	}
	return f
}

// erfNear is erf(a)/a - 1 for 0 <= a <= 1.
func erfNear(a float64) float64 {
	z := a * a
	w := z * z
	k := &erfSmall
	p := math.FMA(w, math.FMA(w, math.FMA(w, math.FMA(w, math.FMA(w, k[11], k[9]), k[7]), k[5]), k[3]), k[1])
	q := math.FMA(w, math.FMA(w, math.FMA(w, math.FMA(w, math.FMA(w, k[10], k[8]), k[6]), k[4]), k[2]), k[0])
	return math.FMA(z, p, q)
}

// erfcFar is erfc(a) for a >= 0.46: exp(-a*a)/(a+1/2) times a polynomial in (a-3.5)/(a+3.5) (the substitution of Shepherd
// and Laframboise 1981), the exponent in two words. NaN passes through.
func erfcFar(a float64) float64 {
	a = min(a, 30)
	t := (a - 3.5) / (a + 3.5)
	w := t * t
	k := &erfLarge
	p, q := k[19], k[20]
	for i := 18; i > 0; i -= 2 {
		p, q = math.FMA(p, w, k[i-1]), math.FMA(q, w, k[i])
	}
	g := math.FMA(p, t, math.FMA(q, w, k[0]))
	h := float64(a * a)
	// 2^64 times too much, so that the last step alone rounds to a subnormal number.
	e := expTail(-h, -math.FMA(a, a, -h), 64)
	r := 1 / (a + 0.5)
	v := g * r
	return math.FMA(e, v, float64(e*float64(math.FMA(-v, a+0.5, g)*r))) * 0x1p-64
}

// erfSmall and erfLarge are fitted on Chebyshev points; error 2^-57 of erf and 2^-54 of erfc.
var (
	erfSmall = [12]float64{
		0x1.06eba8214db68p-03, -0x1.812746b0379c1p-02, 0x1.ce2f21a040f66p-04, -0x1.b82ce31203772p-06,
		0x1.565bccfa44156p-08, -0x1.c02db0665e52fp-11, 0x1.f9a2be4f73081p-14, -0x1.f4ca838ada7ccp-17,
		0x1.b981d78879083p-20, -0x1.5c131500a3a59p-23, 0x1.d76af6c914756p-27, -0x1.ac9585a0f4b03p-31,
	}
	erfLarge = [21]float64{
		0x1.3e0a99a0ee914p-01, -0x1.1ebd220ea5965p-04, -0x1.59e2c284b147ap-08, 0x1.8f702ec6b5b41p-05,
		-0x1.d76830c351e7ap-05, 0x1.6861060413dfdp-05, -0x1.8ff5ef770af61p-06, 0x1.38ec6688cb61dp-07,
		-0x1.143c4c91d86bdp-09, -0x1.3cf39fc4a5a2bp-13, 0x1.27e6604d051d1p-12, -0x1.fda45ed4a12fdp-15,
		-0x1.66e0f88ecb77ep-16, 0x1.96c855b27bb5p-17, 0x1.385176f446404p-20, -0x1.fb9f09d391d3p-20,
		-0x1.6a84ebc3771afp-26, 0x1.2afd6c75aa89ep-22, -0x1.4a7dfe138322ap-28, -0x1.04642bdb0d7e9p-25,
		0x1.412ee4b4f337p-31,
	}
)

// horner evaluates a polynomial, the lowest coefficient first.
func horner(x float64, c []float64) float64 {
	p := c[len(c)-1]
	for i := len(c) - 2; i >= 0; i-- {
		p = math.FMA(p, x, c[i])
	}
	return p
}
