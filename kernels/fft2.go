package kernels

// FFT2 is a plan for transforms of rows×cols elements in C order, along both axes.
type FFT2 struct{ plan fft2Plan[float64] }

// NewFFT2 returns a plan for rows×cols elements, both > 0.
func NewFFT2(rows, cols int) *FFT2 {
	f := &FFT2{}
	f.plan.prepare(rows, cols)
	return f
}

// Forward computes dst[k, l] = sum of src[i, j] * exp(-2πi*(i*k/rows + j*l/cols)). dst may be src.
func (f *FFT2) Forward(dst, src []complex128) {
	f.plan.run(pairs64(dst), pairs64(src), (*fftPlan[float64]).forward)
}

// Inverse undoes Forward. dst may be src.
func (f *FFT2) Inverse(dst, src []complex128) {
	f.plan.run(pairs64(dst), pairs64(src), (*fftPlan[float64]).inverse)
}

// SingleFFT2 is an [FFT2] in single precision.
type SingleFFT2 struct{ plan fft2Plan[float32] }

// NewSingleFFT2 returns a plan for rows×cols elements, both > 0.
func NewSingleFFT2(rows, cols int) *SingleFFT2 {
	f := &SingleFFT2{}
	f.plan.prepare(rows, cols)
	return f
}

// Forward is that of [FFT2].
func (f *SingleFFT2) Forward(dst, src []complex64) {
	f.plan.run(pairs32(dst), pairs32(src), (*fftPlan[float32]).forward)
}

// Inverse is that of [FFT2].
func (f *SingleFFT2) Inverse(dst, src []complex64) {
	f.plan.run(pairs32(dst), pairs32(src), (*fftPlan[float32]).inverse)
}

// fft2Plan is a plan in one precision.
type fft2Plan[T Float] struct {
	rows, cols *fftPlan[T] // of a column's and of a row's length
}

func (f *fft2Plan[T]) prepare(rows, cols int) {
	f.rows = &fftPlan[T]{}
	f.rows.prepare(rows)
	f.cols = f.rows
	if cols != rows {
		f.cols = &fftPlan[T]{}
		f.cols.prepare(cols)
	}
}

// fftColumns is how many columns are taken aside at once: a cache line of each row, or half of one.
const fftColumns = 4

func (f *fft2Plan[T]) run(dst, src []pair[T], transform func(f *fftPlan[T], dst, src []pair[T])) {
	m, n := f.rows.n, f.cols.n
	sameLen(len(dst), m*n)
	sameLen(len(src), m*n)
	for i := 0; i < m*n; i += n {
		transform(f.cols, dst[i:i+n], src[i:i+n])
	}
	aside := make([]pair[T], fftColumns*m)
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
