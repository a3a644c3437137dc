package kernels

// RealFFT is a plan for the discrete Fourier transform of n real elements: of its n results only the first n/2+1 are kept,
// since the others are their conjugates. It may be used by many goroutines at once.
type RealFFT struct {
	n     int
	plan  *FFT         // of n/2 elements, or of n when n is odd
	roots []complex128 // root(k, n) for k <= n/4, when n is even
}

// NewRealFFT returns a plan for n > 0 elements.
func NewRealFFT(n int) *RealFFT {
	if n < 1 {
		panic(panicEmpty)
	}
	if n%2 == 1 {
		return &RealFFT{n: n, plan: NewFFT(n)}
	}
	f := &RealFFT{n: n, plan: NewFFT(n / 2), roots: make([]complex128, n/4+1)}
	for k := range f.roots {
		f.roots[k] = root(k, n)
	}
	return f
}

// Len returns the number of real elements.
func (f *RealFFT) Len() int { return f.n }

// Forward computes dst[k] = sum of src[j] * exp(-2πi*j*k/n) for k <= n/2. src has n elements, dst n/2+1.
func (f *RealFFT) Forward(dst []complex128, src []float64) {
	sameLen(len(src), f.n)
	sameLen(len(dst), f.n/2+1)
	work := f.plan.borrow()
	defer f.plan.work.Put(work)
	z, h := *work, f.n/2
	if f.n%2 == 1 {
		for i, v := range src {
			z[i] = complex(v, 0)
		}
		f.plan.Forward(z, z)
		copy(dst, z)
		return
	}
	for i := range z {
		z[i] = complex(src[2*i], src[2*i+1])
	}
	f.plan.Forward(z, z)
	dst[0], dst[h] = complex(real(z[0])+imag(z[0]), 0), complex(real(z[0])-imag(z[0]), 0)
	for k := 1; k <= h/2; k++ {
		a, b := z[k], conjugate(z[h-k])
		even, odd := half(a+b), half(turnedBack(a-b))
		odd = times(odd, f.roots[k])
		dst[k], dst[h-k] = even+odd, conjugate(even-odd)
	}
}

// Inverse undoes Forward: it computes the n real elements of which src are the first n/2+1 results. The imaginary parts of
// src[0] and, when n is even, of src[n/2] are taken to be zero.
func (f *RealFFT) Inverse(dst []float64, src []complex128) {
	sameLen(len(dst), f.n)
	sameLen(len(src), f.n/2+1)
	work := f.plan.borrow()
	defer f.plan.work.Put(work)
	z, h := *work, f.n/2
	if f.n%2 == 1 {
		z[0] = complex(real(src[0]), 0)
		for k := 1; k <= h; k++ {
			z[k], z[f.n-k] = src[k], conjugate(src[k])
		}
		f.plan.Inverse(z, z)
		for i, v := range z {
			dst[i] = real(v)
		}
		return
	}
	first, last := real(src[0]), real(src[h])
	z[0] = half(complex(first+last, first-last))
	for k := 1; k <= h/2; k++ {
		a, b := src[k], conjugate(src[h-k])
		even, odd := half(a+b), half(a-b)
		odd = times(odd, conjugate(f.roots[k]))
		odd = complex(-imag(odd), real(odd))
		z[k], z[h-k] = even+odd, conjugate(even-odd)
	}
	f.plan.Inverse(z, z)
	for i, v := range z {
		dst[2*i], dst[2*i+1] = real(v), imag(v)
	}
}

func conjugate(x complex128) complex128 { return complex(real(x), -imag(x)) }
func half(x complex128) complex128      { return complex(real(x)/2, imag(x)/2) }

// FFT2 is a plan for transforms of rows×cols elements in C order, along both axes.
type FFT2 struct {
	rows, cols *FFT // of a column's and of a row's length
}

// NewFFT2 returns a plan for rows×cols elements, both > 0.
func NewFFT2(rows, cols int) *FFT2 {
	f := &FFT2{rows: NewFFT(rows)}
	f.cols = f.rows
	if cols != rows {
		f.cols = NewFFT(cols)
	}
	return f
}

// Forward computes dst[k, l] = sum of src[i, j] * exp(-2πi*(i*k/rows + j*l/cols)). dst may be src.
func (f *FFT2) Forward(dst, src []complex128) { f.run(dst, src, (*FFT).Forward) }

// Inverse undoes Forward. dst may be src.
func (f *FFT2) Inverse(dst, src []complex128) { f.run(dst, src, (*FFT).Inverse) }

// fftColumns is how many columns are taken aside at once: a cache line of each row.
const fftColumns = 4

func (f *FFT2) run(dst, src []complex128, transform func(f *FFT, dst, src []complex128)) {
	m, n := f.rows.n, f.cols.n
	sameLen(len(dst), m*n)
	sameLen(len(src), m*n)
	for i := 0; i < m*n; i += n {
		transform(f.cols, dst[i:i+n], src[i:i+n])
	}
	aside := make([]complex128, fftColumns*m)
	for j := 0; j < n; j += fftColumns {
		c := min(fftColumns, n-j)
		for i := range m {
			for k, v := range dst[i*n+j : i*n+j+c] {
				aside[k*m+i] = v
			}
		}
		for k := range c {
			transform(f.rows, aside[k*m:(k+1)*m], aside[k*m:(k+1)*m])
		}
		for i := range m {
			for k := range c {
				dst[i*n+j+k] = aside[k*m+i]
			}
		}
	}
}
