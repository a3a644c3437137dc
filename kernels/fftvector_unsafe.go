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
		steps(p.count, k.lanes, func(i, n int) {
			k.first[r](wordOf(to[r*i:]), wordOf(from[i:]), wordOf(p.twiddles[i:]), n, apart)
		})
		return true
	}
	k := vectorsOf[T](s)
	if k == nil || k.columns[r] == nil {
		return false
	}
	steps(s, k.lanes, func(q, n int) { k.row[r](wordOf(to[q:]), wordOf(from[q:]), n, s, apart) })
	rows := max(1, fftStep/s)
	for i := 1; i < p.count; i += rows {
		steps(s, k.lanes, func(q, n int) {
			k.columns[r](wordOf(to[s*r*i+q:]), wordOf(from[s*i+q:]), wordOf(p.twiddles[(r-1)*i:]), min(rows, p.count-i), n, s, apart)
		})
	}
	return true
}

// steps cuts n elements into calls of at least so many, which at the end may be done again: results are never arguments.
func steps(n, least int, call func(i, n int)) {
	for i := 0; i < n; i += fftStep {
		if n-i < least {
			i = n - least
		}
		call(i, min(fftStep, n-i))
	}
}

// wholes cuts n elements into calls of whole registers, and returns how many that are.
func wholes(n, lanes int, call func(i, n int)) int {
	n -= n % lanes
	for i := 0; i < n; i += fftStep {
		call(i, min(fftStep, n-i))
	}
	return n
}

// multiplyVectors and exchangeVectors do elements from the front and return how many.
func multiplyVectors[T Float](dst, x, y []pair[T]) int {
	k := vectorsOf[T](len(dst))
	if k == nil {
		return 0
	}
	return wholes(len(dst), k.lanes, func(i, n int) { k.multiply(wordOf(dst[i:]), wordOf(x[i:]), wordOf(y[i:]), n) })
}

func exchangeVectors[T Float](dst, x []pair[T], scale T) int {
	k := vectorsOf[T](len(dst))
	if k == nil {
		return 0
	}
	return wholes(len(dst), k.lanes, func(i, n int) { k.exchange(wordOf(dst[i:]), wordOf(x[i:]), scale, n) })
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
	steps(h/2, k.lanes, func(i, n int) {
		body(wordOf(dst[i:]), wordOf(z[i:]), wordOf(roots[i:]), h-2*i, n)
	})
}
