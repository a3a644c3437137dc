package main

import (
	"github.com/shmath/shmath/asm/_gen/vector"
)

// as241 are the coefficients of Wichura's algorithm AS 241: numerator and denominator, by region.
var as241 = [2][3][8]float64{
	{
		{
			3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
			4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3,
		},
		{
			1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
			1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
		},
		{
			6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
			2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
		},
	}, {
		{
			1, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3,
			2.1213794301586595867e+4, 3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3,
		},
		{
			1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
			1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
		},
		{
			1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
			7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
		},
	},
}

// normalQuantile is the inverse of the normal distribution function at u + 2^-54, for u a multiple of 2^-53 in [0, 1).
func normalQuantile(f *f, u v) v {
	half, zero := f.Const(0.5), f.Const(0)
	q := f.Add(f.Sub(u, half), f.Const(0x1p-54))
	a := f.Abs(q)
	root := f.Sqrt(f.Neg(logNormal(f, f.Sub(f.Reg(half), a))))
	near, far := f.Cmp(vector.LE, a, f.Const(0.425)), f.Cmp(vector.GT, root, f.Const(5))
	i := f.Blend(near, zero, f.Blend(far, f.Bits(2), f.Bits(1)))
	r := f.Blend(near, f.NegFMA(q, q, f.Const(0.180625)), f.Sub(root, f.Blend(far, f.Const(5), f.Const(1.6))))
	var part [2]v
	for k := range part {
		c := func(j int) v {
			return f.Choose(i, near, far, as241[k][0][j], as241[k][1][j], as241[k][2][j])
		}
		p := f.FMA(r, c(7), c(6))
		for j := 5; j >= 0; j-- {
			f.HornerTo(p, r, c(j))
		}
		part[k] = p
	}
	z := f.Div(part[0], part[1])
	return f.Blend(near, f.Mul(q, z), f.Copysign(z, q))
}
