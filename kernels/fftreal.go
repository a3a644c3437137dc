package kernels

// RealFFT is a plan for the discrete Fourier transform of n real elements: of its n results only the first n/2+1 are kept,
// since the others are their conjugates. Its error is that of an [FFT]. It may be used by many goroutines at once.
type RealFFT struct{ plan realPlan[float64] }

// NewRealFFT returns a plan for n > 0 elements.
func NewRealFFT(n int) *RealFFT {
	f := &RealFFT{}
	f.plan.prepare(n)
	return f
}

// Len returns the number of real elements.
func (f *RealFFT) Len() int { return f.plan.n }

// Forward computes dst[k] = sum of src[j] * exp(-2πi*j*k/n) for k <= n/2. src has n elements, dst n/2+1.
func (f *RealFFT) Forward(dst []complex128, src []float64) { f.plan.forward(pairs64(dst), src) }

// Inverse undoes Forward: it computes the n real elements of which src are the first n/2+1 results. The imaginary parts of
// src[0] and, when n is even, of src[n/2] are taken to be zero.
func (f *RealFFT) Inverse(dst []float64, src []complex128) { f.plan.inverse(dst, pairs64(src)) }

// SingleRealFFT is a [RealFFT] in single precision.
type SingleRealFFT struct{ plan realPlan[float32] }

// NewSingleRealFFT returns a plan for n > 0 elements.
func NewSingleRealFFT(n int) *SingleRealFFT {
	f := &SingleRealFFT{}
	f.plan.prepare(n)
	return f
}

// Len returns the number of real elements.
func (f *SingleRealFFT) Len() int { return f.plan.n }

// Forward is that of [RealFFT].
func (f *SingleRealFFT) Forward(dst []complex64, src []float32) { f.plan.forward(pairs32(dst), src) }

// Inverse is that of [RealFFT].
func (f *SingleRealFFT) Inverse(dst []float32, src []complex64) { f.plan.inverse(dst, pairs32(src)) }

// realPlan takes an even number of real elements as half as many pairs (Cooley, Lewis and Welch, "The fast Fourier transform
// algorithm: programming considerations in the calculation of sine, cosine and Laplace transforms", J. Sound Vib. 12, 1970).
type realPlan[T Float] struct {
	n     int
	plan  fftPlan[T] // of n/2 elements, or of n when n is odd
	roots []pair[T]  // root(k, n) for k <= n/4, when n is even
}

func (f *realPlan[T]) prepare(n int) {
	if n < 1 {
		panic(panicEmpty)
	}
	f.n = n
	if n%2 == 1 {
		f.plan.prepare(n)
		return
	}
	f.plan.prepare(n / 2)
	f.roots = make([]pair[T], n/4+1)
	for k := range f.roots {
		f.roots[k] = pairOf[T](root(k, n))
	}
}

func (f *realPlan[T]) forward(dst []pair[T], src []T) {
	sameLen(len(src), f.n)
	sameLen(len(dst), f.n/2+1)
	work := f.plan.borrow()
	defer f.plan.work.Put(work)
	z, h := *work, f.n/2
	if f.n%2 == 1 {
		for i, v := range src {
			z[i] = pair[T]{v, 0}
		}
		f.plan.forward(z, z)
		copy(dst, z)
		return
	}
	f.plan.forward(z, pairsOf(src))
	dst[0], dst[h] = pair[T]{z[0].re + z[0].im, 0}, pair[T]{z[0].re - z[0].im, 0}
	untangle(dst, z, f.roots)
}

func (f *realPlan[T]) inverse(dst []T, src []pair[T]) {
	sameLen(len(dst), f.n)
	sameLen(len(src), f.n/2+1)
	work := f.plan.borrow()
	defer f.plan.work.Put(work)
	z, h := *work, f.n/2
	if f.n%2 == 1 {
		z[0] = pair[T]{src[0].re, 0}
		for k := 1; k <= h; k++ {
			z[k], z[f.n-k] = src[k], src[k].conjugate()
		}
		f.plan.inverse(z, z)
		for i, v := range z {
			dst[i] = v.re
		}
		return
	}
	a, b := src[0].re, src[h].re
	z[0] = pair[T]{a + b, a - b}.half()
	entangle(z, src, f.roots)
	f.plan.inverse(pairsOf(dst), z)
}
