package kernels

import (
	"math"
	"math/bits"
	"sync"
)

// FFT is a plan for discrete Fourier transforms of one length. It may be used by many goroutines at once.
//
// Lengths whose prime factors are at most 13 are split into passes of radix 8, 4, 2, 3, 5, 7, 11 and 13 (Stockham's autosort
// algorithm, in the form of Van Loan, "Computational frameworks for the fast Fourier transform", SIAM 1992, section 1.7).
// Other lengths become a convolution of a length with small factors (Bluestein, "A linear filtering approach to the
// computation of the discrete Fourier transform", IEEE Trans. Audio Electroacoust. 18, 1970).
//
// The error of an element is about log2(n) * 2^-53 of the root mean square of the result; that of a [SingleFFT] is at most
// (2+log2(n)) * 2^-23 of it. The bits do not depend on the instruction set.
type FFT struct{ plan fftPlan[float64] }

// NewFFT returns a plan for n > 0 elements.
func NewFFT(n int) *FFT {
	f := &FFT{}
	f.plan.prepare(n)
	return f
}

// Len returns the number of elements.
func (f *FFT) Len() int { return f.plan.n }

// Forward computes dst[k] = sum of src[j] * exp(-2πi*j*k/n). Both have n elements; dst may be src, and must not overlap it
// otherwise.
func (f *FFT) Forward(dst, src []complex128) { f.plan.forward(pairs64(dst), pairs64(src)) }

// Inverse computes dst[j] = sum of src[k] * exp(2πi*j*k/n) / n, so that it undoes Forward. dst may be src.
func (f *FFT) Inverse(dst, src []complex128) { f.plan.inverse(pairs64(dst), pairs64(src)) }

// SingleFFT is an [FFT] in single precision.
type SingleFFT struct{ plan fftPlan[float32] }

// NewSingleFFT returns a plan for n > 0 elements.
func NewSingleFFT(n int) *SingleFFT {
	f := &SingleFFT{}
	f.plan.prepare(n)
	return f
}

// Len returns the number of elements.
func (f *SingleFFT) Len() int { return f.plan.n }

// Forward is that of [FFT].
func (f *SingleFFT) Forward(dst, src []complex64) { f.plan.forward(pairs32(dst), pairs32(src)) }

// Inverse is that of [FFT].
func (f *SingleFFT) Inverse(dst, src []complex64) { f.plan.inverse(pairs32(dst), pairs32(src)) }

// fftPlan is a plan in one precision.
type fftPlan[T Float] struct {
	n      int
	passes []fftPass[T]
	chirp  *bluestein[T] // in place of passes
	work   sync.Pool     // *[]pair[T] of n elements
}

func (f *fftPlan[T]) prepare(n int) {
	if n < 1 {
		panic(panicEmpty)
	}
	f.n = n
	factors, rest := factorize(n)
	if rest > 1 {
		f.chirp = newBluestein[T](n)
		return
	}
	left, stride := n, 1
	for _, r := range factors {
		f.passes = append(f.passes, newPass[T](r, left, stride))
		left, stride = left/r, stride*r
	}
}

// factorize splits n into radices and a rest without small factors. Eights and fours come first: their first pass has a body
// in vectors, and later ones have strides of whole registers.
func factorize(n int) (factors []int, rest int) {
	twos := bits.TrailingZeros(uint(n))
	for ; twos > 4 || twos == 3; twos -= 3 {
		factors = append(factors, 8)
	}
	for ; twos > 1; twos -= 2 {
		factors = append(factors, 4)
	}
	if twos == 1 {
		factors = append(factors, 2)
	}
	n >>= bits.TrailingZeros(uint(n))
	for _, r := range []int{3, 5, 7, 11, radixMax} {
		for n%r == 0 {
			factors = append(factors, r)
			n /= r
		}
	}
	return factors, n
}

func (f *fftPlan[T]) forward(dst, src []pair[T]) {
	f.check(dst, src)
	if f.chirp != nil {
		f.chirp.forward(dst, src)
		return
	}
	if len(f.passes) == 0 {
		copy(dst, src)
		return
	}
	work := f.borrow()
	from := src
	if len(f.passes)%2 == 1 && &dst[0] == &src[0] {
		copy(*work, src) // the first pass would write where it reads
		from = *work
	}
	for i := range f.passes {
		to := *work
		if (len(f.passes)-i)%2 == 1 {
			to = dst
		}
		f.passes[i].run(to, from)
		from = to
	}
	f.work.Put(work)
}

// inverse is the forward transform with real and imaginary parts exchanged before and after.
func (f *fftPlan[T]) inverse(dst, src []pair[T]) {
	f.check(dst, src)
	exchange(dst, src, 1)
	f.forward(dst, dst)
	exchange(dst, dst, 1/T(f.n))
}

func (f *fftPlan[T]) check(dst, src []pair[T]) {
	sameLen(len(dst), f.n)
	sameLen(len(src), f.n)
}

func (f *fftPlan[T]) borrow() *[]pair[T] {
	if w, ok := f.work.Get().(*[]pair[T]); ok {
		return w
	}
	w := make([]pair[T], f.n)
	return &w
}

// root returns exp(-2πi*k/n), from an angle in the first octant, so that symmetric roots have the same bits.
func root(k, n int) complex128 {
	k %= n
	octant := 8 * k / n
	at := func(k int) (c, s float64) { // of 2πk/n <= π/4
		x := 2 * math.Pi * (float64(k) / float64(n))
		return cos(x), sin(x)
	}
	quarter := func(k int) (c, s float64) { // of 2π*(k/4)/n, for angles that are no multiple of 2π/n
		x := math.Pi / 2 * (float64(k) / float64(n))
		return cos(x), sin(x)
	}
	var c, s float64
	switch octant {
	case 0:
		c, s = at(k)
	case 1:
		s, c = quarter(n - 4*k)
	case 2:
		s, c = quarter(4*k - n)
		c = -c
	case 3:
		c, s = quarter(2*n - 4*k)
		c = -c
	case 4:
		c, s = quarter(4*k - 2*n)
		c, s = -c, -s
	case 5:
		s, c = quarter(3*n - 4*k)
		c, s = -c, -s
	case 6:
		s, c = quarter(4*k - 3*n)
		s = -s
	default:
		c, s = at(n - k)
		s = -s
	}
	return complex(c, -s)
}
