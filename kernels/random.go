package kernels

import "math"

// drawChunk is the number of words drawn at once.
const drawChunk = 256

// Uint64s sets dst[i] to element start+i of the stream of key: the words of NumPy's Philox(key=key), in its order.
func Uint64s(dst []uint64, key [2]uint64, start uint64) {
	k := newPhiloxKeys(key)
	k.fill(dst, start)
}

// Uniform sets dst[i] to element start+i of the uniform numbers in [0, 1) of key, bit-equal to NumPy's
// Generator(Philox(key=key)).random. A float64 is the upper 53 bits of one word; a float32 is the upper 24 bits of half
// a word, the lower half first.
func Uniform[T Float](dst []T, key [2]uint64, start uint64) {
	k := newPhiloxKeys(key)
	var words [drawChunk]uint64
	switch dst := any(dst).(type) {
	case []float64:
		for len(dst) > 0 {
			n := min(len(dst), drawChunk)
			k.fill(words[:n], start)
			for i := vectorUniform(dst[:n], words[:n]); i < n; i++ {
				dst[i] = float64(int64(words[i]>>11)) * 0x1p-53
			}
			dst, start = dst[n:], start+uint64(n)
		}
	case []float32:
		for len(dst) > 0 {
			// Half start%2 of word start/2 comes first.
			skip := int(start & 1)
			n := min(len(dst), 2*drawChunk-skip)
			k.fill(words[:(n+skip+1)/2], start/2)
			for i := range dst[:n] {
				h := i + skip
				dst[i] = float32(uint32(words[h>>1]>>(32*(h&1)))>>8) * 0x1p-24
			}
			dst, start = dst[n:], start+uint64(n)
		}
	}
}

// Integers sets dst[i] to floor(u*n) for element start+i of the float64 uniform numbers u of key: integers in [0, n).
// n must be positive. For n up to 2^40 no value is more than 2^-13 likelier than another.
func Integers(dst []int64, key [2]uint64, start uint64, n int64) {
	if n <= 0 {
		panic(panicBound)
	}
	k := newPhiloxKeys(key)
	var words [drawChunk]uint64
	for len(dst) > 0 {
		c := min(len(dst), drawChunk)
		k.fill(words[:c], start)
		for i, w := range words[:c] {
			dst[i] = min(int64(float64(int64(w>>11))*0x1p-53*float64(n)), n-1)
		}
		dst, start = dst[c:], start+uint64(c)
	}
}

// Normal sets dst[i] to mean + std*z, z the normal deviate at (k+1/2)/2^53 for the 53 bits k of element start+i of the
// uniform numbers of key. The half keeps z finite (|z| < 8.3) and symmetric. z is the inverse of the distribution
// function by Wichura's algorithm AS 241 (PPND16), with a relative error of about 1e-15.
func Normal[T Float](dst []T, key [2]uint64, start uint64, mean, std float64) {
	var room [drawChunk]float64
	for len(dst) > 0 {
		n := min(len(dst), drawChunk)
		u := room[:n]
		Uniform(u, key, start)
		elementwise(normalOp, u, u, normalQuantile)
		MulScalar(u, u, std)
		AddScalar(u, u, mean)
		Convert(dst[:n], u)
		dst, start = dst[n:], start+uint64(n)
	}
}

// Exponential sets dst[i] to -scale*log(1-u) for element start+i of the float64 uniform numbers u of key: the
// exponential distribution of mean scale, 0 included, by inversion.
func Exponential[T Float](dst []T, key [2]uint64, start uint64, scale float64) {
	var room [drawChunk]float64
	for len(dst) > 0 {
		n := min(len(dst), drawChunk)
		u := room[:n]
		Uniform(u, key, start)
		RSubScalar(u, u, 1) // exact
		Log(u, u)
		RSubScalar(u, u, 0) // not Neg: the least number is +0
		MulScalar(u, u, scale)
		Convert(dst[:n], u)
		dst, start = dst[n:], start+uint64(n)
	}
}

// normalQuantile returns the inverse of the normal distribution function at u + 2^-54 for u a multiple of 2^-53 in [0, 1).
// Both the distance from the middle and that from the nearer end are exact.
func normalQuantile(u float64) float64 {
	q := (u - 0.5) + 0x1p-54
	a := math.Abs(q)
	if a <= 0.425 {
		r := math.FMA(-q, q, 0.180625)
		return q * (poly7(r, &as241a) / poly7(r, &as241b))
	}
	r := math.Sqrt(-log(0.5 - a))
	if r <= 5 {
		r = poly7(r-1.6, &as241c) / poly7(r-1.6, &as241d)
	} else {
		r = poly7(r-5, &as241e) / poly7(r-5, &as241f)
	}
	return math.Copysign(r, q)
}

// poly7 evaluates a polynomial of degree 7 by Horner's rule, the lowest coefficient first.
func poly7(x float64, c *[8]float64) float64 {
	p := math.FMA(c[7], x, c[6])
	p = math.FMA(p, x, c[5])
	p = math.FMA(p, x, c[4])
	p = math.FMA(p, x, c[3])
	p = math.FMA(p, x, c[2])
	p = math.FMA(p, x, c[1])
	return math.FMA(p, x, c[0])
}

// The coefficients of AS 241 (Wichura 1988, Applied Statistics 37, 477-484).
var (
	as241a = [8]float64{
		3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
		4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3,
	}
	as241b = [8]float64{
		1, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3,
		2.1213794301586595867e+4, 3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3,
	}
	as241c = [8]float64{
		1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
		1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
	}
	as241d = [8]float64{
		1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
		1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
	}
	as241e = [8]float64{
		6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
		2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
	}
	as241f = [8]float64{
		1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
		7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
	}
)
