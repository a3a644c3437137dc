package kernels

import "math/bits"

// bluestein computes a transform of any length as a convolution with a chirp.
type bluestein struct {
	n     int
	plan  *FFT         // of a power of two, at least 2n-1
	chirp []complex128 // exp(-πi*k²/n)
	ready []complex128 // the transform of its conjugate, wrapped around
}

func newBluestein(n int) *bluestein {
	b := &bluestein{n: n, plan: NewFFT(powerOfTwo(2*n - 1)), chirp: make([]complex128, n)}
	for k := range b.chirp {
		hi, lo := bits.Mul64(uint64(k), uint64(k))
		b.chirp[k] = root(int(bits.Rem64(hi, lo, uint64(2*n))), 2*n)
	}
	m := b.plan.n
	b.ready = make([]complex128, m)
	for k, w := range b.chirp {
		b.ready[k] = conjugate(w)
		b.ready[(m-k)%m] = conjugate(w)
	}
	b.plan.Forward(b.ready, b.ready)
	return b
}

// powerOfTwo returns the least one that is at least n.
func powerOfTwo(n int) int { return 1 << bits.Len(uint(n-1)) }

func (b *bluestein) forward(dst, src []complex128) {
	work := b.plan.borrow()
	z := *work
	for k, w := range b.chirp {
		z[k] = times(src[k], w)
	}
	clear(z[b.n:])
	b.plan.Forward(z, z)
	for k, w := range b.ready {
		z[k] = times(z[k], w)
	}
	b.plan.Inverse(z, z)
	for k, w := range b.chirp {
		dst[k] = times(z[k], w)
	}
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
	n := powerOfTwo(len(dst))
	f := NewRealFFT(n)
	fx, fy, room := make([]complex128, n/2+1), make([]complex128, n/2+1), make([]float64, n)
	for _, side := range []struct {
		values []float64
		to     []complex128
	}{{x, fx}, {y, fy}} {
		clear(room[copy(room, side.values):])
		f.Forward(side.to, room)
	}
	for i, v := range fx {
		fx[i] = times(v, fy[i])
	}
	f.Inverse(room, fx)
	copy(dst, room)
}
