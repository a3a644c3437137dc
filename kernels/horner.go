package kernels

// Horner sets dst[i] = (c[0]*x[i] + c[1])*x[i] + ... + c[len(c)-1], each product and each sum rounded: the polynomial with the
// coefficients c, the highest power first, by Horner's rule. dst may be x, and must not share memory with it otherwise. It
// panics when dst and x are of different lengths or there are fewer than two coefficients.
func Horner[T Float](dst, x, c []T) {
	sameLen(len(dst), len(x))
	if len(c) < 2 {
		panic("kernels: Horner needs two coefficients or more")
	}
	x = x[:len(dst)]
	for i := vectorHorner(dst, x, c); i < len(dst); i++ {
		v := x[i]
		sum := c[0]
		for _, k := range c[1:] {
			sum = T(sum*v) + k
		}
		dst[i] = sum
	}
}
