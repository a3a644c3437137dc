package kernels

import "math"

// Sin sets dst[i] to the sine of x[i] radians, within 0.8 ULP for float64 at every magnitude. An infinity gives NaN.
func Sin[T Float](dst, x []T) { elementwise(sinOp, dst, x, sin) }

// Cos sets dst[i] to the cosine of x[i] radians, within 0.8 ULP for float64 at every magnitude. An infinity gives NaN.
func Cos[T Float](dst, x []T) { elementwise(cosOp, dst, x, cos) }

// Sincos sets s[i] and c[i] to Sin and Cos of x[i], bit for bit. s or c may be x, but not one another.
func Sincos[T Float](s, c, x []T) {
	sameLen3(len(s), len(c), len(x))
	for len(x) > 0 {
		n := min(len(x), part) // stays in the first cache between the two
		if &c[0] == &x[0] {
			Sin(s[:n], x[:n])
			Cos(c[:n], x[:n])
		} else {
			Cos(c[:n], x[:n])
			Sin(s[:n], x[:n])
		}
		s, c, x = s[n:], c[n:], x[n:]
	}
}

// Tan sets dst[i] to the tangent of x[i] radians, within 2 ULP for float64 at every magnitude. An infinity gives NaN.
func Tan[T Float](dst, x []T) { elementwise(tanOp, dst, x, tan) }

// The reduction x = n*pi/2 + r in four words of pi/2.
const (
	trigMax   = 0x1p28 // above, the reduction by 2/pi takes over
	twoByPi   = 0x1.45f306dc9c883p-1
	halfPiHi  = 0x1.921fb54442d18p+0
	halfPiMid = 0x1.1a62633145c07p-54
	halfPiLo  = -0x1.f1976b7ed8fbcp-110
)

// trigCoef holds the polynomials (sin(r)/r-1)/r^2 and (cos(r)-1+r^2/2)/r^4 in r^2, fitted on Chebyshev points.
var trigCoef = [2][6]float64{
	{
		-0x1.5555555555555p-3, 0x1.1111111110bb2p-7, -0x1.a01a019e83a29p-13,
		0x1.71de37967f49ep-19, -0x1.ae600af77bf94p-26, 0x1.5e0b15ed56699p-33,
	},
	{
		0x1.5555555555555p-5, -0x1.6c16c16c16967p-10, 0x1.a01a019f4eabep-16,
		-0x1.27e4fa17d4a58p-22, 0x1.1eeb68e39cf4dp-29, -0x1.907d9f5b4de2bp-37,
	},
}

// reduceQuarter returns q and r = hi+lo with x = q*pi/2 + r for x >= 0; q counts modulo 4.
func reduceQuarter(x float64) (q uint64, hi, lo float64) {
	if !(x <= trigMax) {
		return reduceHuge(x)
	}
	z := math.FMA(x, twoByPi, roundShift)
	f := roundShift - z
	// The first step is exact: both operands are multiples of 2^-53 and the result is below 1.
	r := math.FMA(f, halfPiHi, x)
	p := float64(f * halfPiMid)
	hi = r + p
	lo = math.FMA(f, halfPiLo, ((r-hi)+p)+math.FMA(f, halfPiMid, -p))
	return math.Float64bits(z), hi, lo
}

// trigPart evaluates the sine of hi+lo for odd 0, the cosine for odd 1.
func trigPart(odd uint64, hi, lo float64) float64 {
	z := hi * hi
	w := math.FMA(-0.5*hi, hi, 1)
	base := [2]float64{hi, w}
	mult := [2]float64{hi * z, z * z}
	tail := [2]float64{lo * w, math.FMA(-0.5*hi, hi, 1-w) - float64(hi*lo)}
	c := &trigCoef[odd&1]
	y := z * z
	p := math.FMA(y, math.FMA(z, c[5], c[4]), math.FMA(z, c[3], c[2]))
	p = math.FMA(y, p, math.FMA(z, c[1], c[0]))
	return base[odd&1] + math.FMA(mult[odd&1], p, tail[odd&1])
}

// sin is the meaning of Sin.
func sin(x float64) float64 {
	q, hi, lo := reduceQuarter(math.Abs(x))
	v := trigPart(q, hi, lo)
	sign := (math.Float64bits(x) ^ q<<62) & (1 << 63)
	return math.Float64frombits(math.Float64bits(v) ^ sign)
}

// cos is the meaning of Cos.
func cos(x float64) float64 {
	q, hi, lo := reduceQuarter(math.Abs(x))
	v := trigPart(q+1, hi, lo)
	return math.Float64frombits(math.Float64bits(v) ^ (q+1)<<62&(1<<63))
}

// sincos returns sin and cos of x.
func sincos(x float64) (s, c float64) {
	q, hi, lo := reduceQuarter(math.Abs(x))
	s, c = trigPart(q, hi, lo), trigPart(q+1, hi, lo)
	sign := (math.Float64bits(x) ^ q<<62) & (1 << 63)
	return math.Float64frombits(math.Float64bits(s) ^ sign),
		math.Float64frombits(math.Float64bits(c) ^ (q+1)<<62&(1<<63))
}

// tan is the meaning of Tan.
func tan(x float64) float64 {
	s, c := sincos(x)
	return s / c
}
