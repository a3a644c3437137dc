package kernels

import "math"

// powCoef is the polynomial (log(1+r) - r + r^2/2)/r^3, fitted on Chebyshev points for |r| < 0.0316.
var powCoef = [9]float64{
	0x1.5555555555555p-02, -0x1.fffffffffffa6p-03, 0x1.999999999a15ap-03, -0x1.555555568564p-03,
	0x1.2492491962f65p-03, -0x1.ffffdd3bfb113p-04, 0x1.c71d0bb0846e4p-04, -0x1.9a563e1719036p-04,
	0x1.735bdb5a0cac2p-04,
}

// powInverse holds the reciprocals 1/c near the middles of sixteen parts of [0.703125, 1.40625), powHi and powLo the
// logarithms of c in two words, the first a multiple of 2^-42. In the part that holds 1, c is 1.
var (
	powInverse = [16]float64{
		0x1.642c8590b2164p+00, 0x1.5555555555555p+00, 0x1.47ae147ae147bp+00, 0x1.3b13b13b13b14p+00,
		0x1.2f684bda12f68p+00, 0x1.2492492492492p+00, 0x1.1a7b9611a7b96p+00, 0x1.1111111111111p+00,
		0x1.0842108421084p+00, 0x1p+00, 0x1.e1e1e1e1e1e1ep-01, 0x1.c71c71c71c71cp-01,
		0x1.af286bca1af28p-01, 0x1.999999999999ap-01, 0x1.8618618618618p-01, 0x1.745d1745d1746p-01,
	}
	powHi = [16]float64{
		-0x1.522ae0738ap-02, -0x1.269621134ep-02, -0x1.f991c6cb3cp-03, -0x1.a93ed3c8aep-03,
		-0x1.5bf406b544p-03, -0x1.1178e8227ep-03, -0x1.9335e5d594p-04, -0x1.08598b59e4p-04,
		-0x1.0415d89e78p-05, 0, 0x1.f0a30c0118p-05, 0x1.e27076e2bp-04,
		0x1.5ff3070a7ap-03, 0x1.c8ff7c79aap-03, 0x1.1675cababap-02, 0x1.4618bc21c6p-02,
	}
	powLo = [16]float64{
		-0x1.eba708164c759p-45, 0x1.1ba1f10522625p-44, 0x1.90b84cd7cc834p-44, 0x1.86a4350562169p-45,
		0x1.28023eb68981cp-46, -0x1.1e778ce2d07f2p-45, -0x1.30f5c3abd47dap-45, 0x1.7e9dd7009902cp-46,
		0x1.ddfc7f461c516p-44, 0, -0x1.d579e83368e91p-45, -0x1.a2c2c2af0003cp-45,
		-0x1.8546f183bebf2p-44, -0x1.7814f689f8434p-45, 0x1.83c0e731f55c4p-44, -0x1.3e02f484c84ccp-46,
	}
)

// powBits is where the parts begin: the bits of 0.703125.
const powBits = 0x3fe6800000000000

// logTwo returns the logarithm of a positive finite x in two words, with a relative error of about 2^-65: x = 2^k*m and
// m/c = 1+r, which the product with 1/c leaves in two words. The first word of k*ln2 + log(c) is exact.
func logTwo(x float64) (h, l float64) {
	base := 0.0
	if x < minNormal {
		x *= 0x1p54
		base = -54
	}
	b := math.Float64bits(x)
	t := b - powBits
	i := t >> 48 & 15
	k := float64(int64(t)>>52) + base
	m := math.Float64frombits(b - t&^(1<<52-1))
	p := float64(m * powInverse[i])
	lost := math.FMA(m, powInverse[i], -p)
	r := p - 1
	u := math.FMA(k, log2Hi, powHi[i])
	v := u + r
	a := r * -0.5
	q := float64(a * r)
	h = v + q
	l = ((u - v) + r) + ((v - h) + q)
	w := r * r
	c := &powCoef
	e := math.FMA(w, math.FMA(w, math.FMA(w, math.FMA(w, c[8], c[6]), c[4]), c[2]), c[0])
	o := math.FMA(w, math.FMA(w, math.FMA(w, c[7], c[5]), c[3]), c[1])
	rest := math.FMA(a, r, -q) + math.FMA(lost, math.FMA(r, r-1, 1), math.FMA(k, log2Lo, powLo[i]))
	l += math.FMA(float64(w*r), math.FMA(r, o, e), rest)
	x = h + l
	return x, (h - x) + l
}

// pow is the meaning of Pow: exp(y*log|x|) with the logarithm and the product in two words.
func pow(x, y float64) float64 {
	if y == 0 || x == 1 {
		return 1
	}
	a := math.Abs(x)
	sign := uint64(0)
	if math.Signbit(x) {
		switch {
		case oddInteger(y):
			sign = 1 << 63
		case x < 0 && a <= math.MaxFloat64 && math.Trunc(y) != y:
			return math.NaN()
		}
	}
	var v float64
	if a > 0 && a <= math.MaxFloat64 && math.Abs(y) <= math.MaxFloat64 {
		h, l := logTwo(a)
		e := y * h
		tail := math.FMA(y, h, -e) + float64(y*l)
		if !(math.Abs(e) <= 1000) {
			tail = 0
		}
		v = expTail(e, tail, 0)
	} else {
		v = powLimit(a, y)
	}
	return math.Float64frombits(math.Float64bits(v) ^ sign)
}

// powLimit is pow where |x| is zero, infinite or NaN, or y is infinite or NaN.
func powLimit(a, y float64) float64 {
	switch {
	case a != a || y != y:
		return math.NaN()
	case a == 1:
		return 1
	case (a > 1) == (y > 0):
		return math.Inf(1)
	}
	return 0
}

// oddInteger reports whether y is an odd integer.
func oddInteger(y float64) bool {
	a := math.Abs(y)
	return a < 0x1p53 && math.Trunc(a) == a && int64(a)&1 == 1
}
