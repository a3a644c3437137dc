//go:build amd64 && !noasm && !race

package kernels

import "unsafe"

// fftStep is how many elements, or butterflies, a call of assembly takes at most: some microseconds.
const fftStep = 4096

// wordOf is the address of the first word of x, which must not be empty.
func wordOf[T Float](x []pair[T]) *T { return (*T)(unsafe.Pointer(first(x))) }

// vectors does a pass in registers, unless it has no body or is too narrow for one.
func (p *fftPass[T]) vectors(to, from []pair[T]) bool {
	s, r, apart := p.stride, p.radix, p.stride*p.count
	if s == 1 {
		k := vectorsOf[T](p.count)
		if k == nil || k.first[r] == nil {
			return false
		}
		for i := 0; i < p.count; i += fftStep {
			at, n := fftPart(i, p.count, k.lanes)
			k.first[r](wordOf(to[r*at:]), wordOf(from[at:]), wordOf(p.twiddles[at:]), n, apart)
		}
		return true
	}
	k := vectorsOf[T](s)
	if k == nil || k.columns[r] == nil {
		return false
	}
	for q := 0; q < s; q += fftStep {
		at, n := fftPart(q, s, k.lanes)
		k.row[r](wordOf(to[at:]), wordOf(from[at:]), n, s, apart)
	}
	rows := max(1, fftStep/s)
	for i := 1; i < p.count; i += rows {
		for q := 0; q < s; q += fftStep {
			at, n := fftPart(q, s, k.lanes)
			k.columns[r](wordOf(to[s*r*i+at:]), wordOf(from[s*i+at:]), wordOf(p.twiddles[(r-1)*i:]), min(rows, p.count-i), n, s, apart)
		}
	}
	return true
}

// fftPart is the call for the elements from number i of n on. It has at least so many; those at the end may be done again, since
// results are never arguments.
func fftPart(i, n, least int) (at, count int) {
	at = min(i, n-least)
	return at, min(fftStep, n-at)
}

// multiplyVectors and exchangeVectors do elements from the front, whole registers of them, and return how many.
func multiplyVectors[T Float](dst, x, y []pair[T]) (done int) {
	k := vectorsOf[T](len(dst))
	if k == nil {
		return 0
	}
	for all := len(dst) / k.lanes * k.lanes; done < all; done += fftStep {
		k.multiply(wordOf(dst[done:]), wordOf(x[done:]), wordOf(y[done:]), min(fftStep, all-done))
	}
	return len(dst) / k.lanes * k.lanes
}

func exchangeVectors[T Float](dst, x []pair[T], scale T) (done int) {
	k := vectorsOf[T](len(dst))
	if k == nil {
		return 0
	}
	for all := len(dst) / k.lanes * k.lanes; done < all; done += fftStep {
		k.exchange(wordOf(dst[done:]), wordOf(x[done:]), scale, min(fftStep, all-done))
	}
	return len(dst) / k.lanes * k.lanes
}

func untangleVectors[T Float](dst, z, roots []pair[T], h int) bool {
	k := vectorsOf[T](h / 2)
	if k != nil {
		k.pairs(k.untangle, dst, z, roots, h)
	}
	return k != nil
}

func entangleVectors[T Float](dst, z, roots []pair[T], h int) bool {
	k := vectorsOf[T](h / 2)
	if k != nil {
		k.pairs(k.entangle, dst, z, roots, h)
	}
	return k != nil
}

// pairs calls body for the elements 1 to h/2 and those across. A body counts from element 1 and from element h-1.
func (k *fftVectors[T]) pairs(body func(to, from, roots *T, half, count int), dst, z, roots []pair[T], h int) {
	for i := 0; i < h/2; i += fftStep {
		at, n := fftPart(i, h/2, k.lanes)
		body(wordOf(dst[at:]), wordOf(z[at:]), wordOf(roots[at:]), h-2*at, n)
	}
}
