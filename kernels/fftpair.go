package kernels

// The arithmetic of complex numbers as vector instructions have it: which products are rounded, and which are part of a
// fused multiplication and addition, is the same on every instruction set.

func pairOf[T Float](x complex128) pair[T] { return pair[T]{T(real(x)), T(imag(x))} }

func (a pair[T]) plus(b pair[T]) pair[T]  { return pair[T]{a.re + b.re, a.im + b.im} }
func (a pair[T]) minus(b pair[T]) pair[T] { return pair[T]{a.re - b.re, a.im - b.im} }

// minusI returns a - ib, plusI a + ib.
func (a pair[T]) minusI(b pair[T]) pair[T] { return pair[T]{a.re + b.im, a.im - b.re} }
func (a pair[T]) plusI(b pair[T]) pair[T]  { return pair[T]{a.re - b.im, a.im + b.re} }

// add returns a + c*b for a real c.
func (a pair[T]) add(c T, b pair[T]) pair[T] {
	return pair[T]{fused(c, b.re, a.re), fused(c, b.im, a.im)}
}

func (a pair[T]) times(w pair[T]) pair[T] {
	return pair[T]{fused(a.re, w.re, -T(a.im*w.im)), fused(a.im, w.re, T(a.re*w.im))}
}

func (a pair[T]) conjugate() pair[T] { return pair[T]{a.re, -a.im} }
func (a pair[T]) half() pair[T]      { return pair[T]{a.re / 2, a.im / 2} }

// multiply sets dst[i] = x[i]*y[i]. dst may be x or y.
func multiply[T Float](dst, x, y []pair[T]) {
	for i := multiplyVectors(dst, x, y); i < len(dst); i++ {
		dst[i] = x[i].times(y[i])
	}
}

// exchange sets dst[i] to x[i]*scale with real and imaginary parts exchanged. dst may be x.
func exchange[T Float](dst, x []pair[T], scale T) {
	for i := exchangeVectors(dst, x, scale); i < len(dst); i++ {
		dst[i] = pair[T]{x[i].im * scale, x[i].re * scale}
	}
}

// untangle makes dst, the transform of 2h real elements, of z, that of h pairs of them; roots are root(k, 2h).
func untangle[T Float](dst, z, roots []pair[T]) {
	h := len(z)
	if untangleVectors(dst, z, roots, h) {
		return
	}
	for k := 1; k <= h/2; k++ {
		a, b := z[k], z[h-k].conjugate()
		d := a.minus(b)
		even, odd := a.plus(b).half(), pair[T]{d.im, -d.re}.half().times(roots[k])
		dst[k], dst[h-k] = even.plus(odd), even.minus(odd).conjugate()
	}
}

// entangle undoes untangle.
func entangle[T Float](dst, z, roots []pair[T]) {
	h := len(dst)
	if entangleVectors(dst, z, roots, h) {
		return
	}
	for k := 1; k <= h/2; k++ {
		a, b := z[k], z[h-k].conjugate()
		even, odd := a.plus(b).half(), a.minus(b).half().times(roots[k].conjugate())
		odd = pair[T]{-odd.im, odd.re}
		dst[k], dst[h-k] = even.plus(odd), even.minus(odd).conjugate()
	}
}
