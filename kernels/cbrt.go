package kernels

import "math"

// Cbrt sets dst[i] to the cube root of x[i], within 0.6 ULP for float64; cubes of integers give integers.
func Cbrt[T Float](dst, x []T) { elementwise(cbrtOp, dst, x, cbrt) }

// cbrtCoef is a polynomial for 1/cbrt on [1, 2], fitted on Chebyshev points; error 2^-17.
var cbrtCoef = [6]float64{
	0x1.c713e2847cbe6p+0, -0x1.8dd4bd7d34771p+0, 0x1.3a267a3d49ad3p+0, -0x1.2c4b958d54c07p-1, 0x1.37ce9e9ed0a1dp-3,
	-0x1.0e87006cbe6bbp-6,
}

// rootOfTwo and rootOfFour are the reciprocals of the cube roots of 2 and 4.
const (
	rootOfTwo  = 0x1.965fea53d6e3dp-1
	rootOfFour = 0x1.428a2f98d728bp-1
)

// cbrt is the meaning of Cbrt: of 2^(3q+r)*m with r < 3 and t = 2^r*m, a polynomial for the reciprocal root y, one step of
// the third order on it, and for t*y*y one step of Newton with the exact residue. Nothing is divided.
func cbrt(x float64) float64 {
	a := math.Abs(x)
	if !(a > 0 && a <= math.MaxFloat64) {
		return x
	}
	up := 0.0
	if a < minNormal {
		a *= 0x1p54
		up = 18
	}
	b := math.Float64bits(a)
	e := float64(b >> 52) // the bias, 1023, is 3*341
	q := math.Floor(float64((e + 0.5) * (1.0 / 3)))
	r := math.FMA(-3, q, e)
	m := math.Float64frombits(b&(1<<52-1) | 1023<<52)
	t, y := m, horner(m, cbrtCoef[:])
	if r == 1 {
		t, y = m*2, float64(y*rootOfTwo)
	}
	if r == 2 {
		t, y = m*4, float64(y*rootOfFour)
	}
	h := math.FMA(-float64(t*y), float64(y*y), 1)
	y = math.FMA(float64(y*h), math.FMA(h, math.FMA(h, 14.0/81, 2.0/9), 1.0/3), y)
	u := float64(y * y)
	c := float64(t * u)
	s := float64(c * c)
	res := math.FMA(s, c, -t) + float64(math.FMA(c, c, -s)*c)
	c = math.FMA(res*(-1.0/3), u, c)
	v := c * math.Float64frombits(uint64(int64(q-up)-341+1023)<<52)
	return math.Copysign(v, x)
}
