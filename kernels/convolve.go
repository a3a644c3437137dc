package kernels

import "math/bits"

// bluestein computes a transform of any length as a convolution with a chirp.
type bluestein[T Float] struct {
	n     int
	plan  fftPlan[T] // of at least 2n-1
	chirp []pair[T]  // exp(-πi*k²/n)
	ready []pair[T]  // the transform of its conjugate, wrapped around
}

func newBluestein[T Float](n int) *bluestein[T] {
	b := &bluestein[T]{n: n, chirp: make([]pair[T], n)}
	b.plan.prepare(smoothLength(2*n - 1))
	for k := range b.chirp {
		hi, lo := bits.Mul64(uint64(k), uint64(k))
		b.chirp[k] = pairOf[T](root(int(bits.Rem64(hi, lo, uint64(2*n))), 2*n))
	}
	m := b.plan.n
	b.ready = make([]pair[T], m)
	for k, w := range b.chirp {
		b.ready[k] = w.conjugate()
		b.ready[(m-k)%m] = w.conjugate()
	}
	b.plan.forward(b.ready, b.ready)
	return b
}

// smoothLength returns a length of at least n whose transform is fast: it takes the least work, an element times a pass, among
// powers of two and their products with small odd numbers.
func smoothLength(n int) int {
	best, least := 0, 0
	for _, odd := range []int{1, 3, 5, 7, 9, 15, 21, 25, 27, 35, 45, 49, 63} {
		m := odd
		for m < n || m < 16*odd {
			m *= 2
		}
		factors, _ := factorize(m)
		if work := m * len(factors); best == 0 || work < least {
			best, least = m, work
		}
	}
	return best
}

func (b *bluestein[T]) forward(dst, src []pair[T]) {
	work := b.plan.borrow()
	z := *work
	multiply(z[:b.n], src, b.chirp)
	clear(z[b.n:])
	b.plan.forward(z, z)
	multiply(z, z, b.ready)
	b.plan.inverse(z, z)
	multiply(dst, z[:b.n], b.chirp)
	b.plan.work.Put(work)
}

// convolveShort is the length of the shorter argument up to which a convolution is done by its definition.
const convolveShort = 64

// Convolve sets dst[k] to the sum of x[j]*y[k-j], as np.convolve(x, y) does. dst has len(x)+len(y)-1 elements and overlaps
// neither; both have at least one. Long convolutions go through a RealFFT: their error is that of the largest result.
func Convolve(dst, x, y []float64) {
	if len(x) < len(y) {
		x, y = y, x
	}
	if len(y) == 0 {
		panic(panicEmpty)
	}
	sameLen(len(dst), len(x)+len(y)-1)
	if len(y) <= convolveShort {
		clear(dst)
		for i := range y {
			tile64.adds(dst[i:], y[i:], x, 0, 1, len(x))
		}
		return
	}
	n := smoothLength(len(dst)) // even
	f := NewRealFFT(n)
	fx, fy, room := make([]complex128, n/2+1), make([]complex128, n/2+1), make([]float64, n)
	for _, side := range []struct {
		values []float64
		to     []complex128
	}{{x, fx}, {y, fy}} {
		clear(room[copy(room, side.values):])
		f.Forward(side.to, room)
	}
	multiply(pairs64(fx), pairs64(fx), pairs64(fy))
	f.Inverse(room, fx)
	copy(dst, room)
}
