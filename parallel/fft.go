package parallel

import (
	"context"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/kernels"
	"github.com/shmath/shmath/sched"
)

const (
	// fftRows is the rows of a block, fftColumns the columns: each row of such columns is some cache lines.
	fftRows    = 16
	fftColumns = 16
)

// FFT2 sets dst to the discrete Fourier transform of the matrix src over both axes, as np.fft.fft2 does, on all workers: of
// each row, then of each column. dst may be src. It needs room for another matrix in the pool's arena.
//
// Errors: [ErrOutput] for shapes that do not fit, empty matrices, arrays that are not contiguous or a dst that is read-only;
// [ErrOverlap] for a dst that shares a part of src; those of sched.Loop.Run.
func FFT2(ctx context.Context, p *sched.Pool, dst, src *arena.Array[complex128]) error {
	return transform2(ctx, p, dst, src, fftForward)
}

// InverseFFT2 undoes [FFT2], as np.fft.ifft2.
func InverseFFT2(ctx context.Context, p *sched.Pool, dst, src *arena.Array[complex128]) error {
	return transform2(ctx, p, dst, src, fftInverse)
}

// direction is the way of a transform.
type direction int

const (
	fftForward direction = iota
	fftInverse
)

// run transforms one row.
func (d direction) run(f *kernels.FFT, dst, src []complex128) {
	if d == fftForward {
		f.Forward(dst, src)
	} else {
		f.Inverse(dst, src)
	}
}

func transform2(ctx context.Context, p *sched.Pool, dst, src *arena.Array[complex128], d direction) error {
	if err := p.Err(); err != nil {
		return err
	}
	if err := input(src, 2); err != nil {
		return err
	}
	rows, cols := src.Dim(0), src.Dim(1)
	if err := firstError(output(dst, rows, cols), ctx.Err()); err != nil {
		return err
	}
	if rows == 0 || cols == 0 {
		return nil
	}
	if same := &dst.Slice()[0] == &src.Slice()[0]; !same {
		if err := apart(dst, src); err != nil {
			return err
		}
	}
	if len(src.Bytes()) <= inlineBytes/4 {
		return p.Inline(func() error {
			f := kernels.NewFFT2(rows, cols)
			if d == fftForward {
				f.Forward(dst.Slice(), src.Slice())
			} else {
				f.Inverse(dst.Slice(), src.Slice())
			}
			return nil
		})
	}
	room, err := arena.Empty[complex128](p.Arena(), rows, cols)
	if err != nil {
		return err
	}
	defer room.Free()
	if err := fftRowLoop.Run(ctx, p, blocksOf(rows, fftRows), fftArgs{room, src, d}); err != nil {
		return err
	}
	return fftColumnLoop.Run(ctx, p, blocksOf(cols, fftColumns), fftArgs{dst, room, d})
}

type fftArgs struct {
	Dst, Src  *arena.Array[complex128]
	Direction direction
}

// boundFFT is a pass in a worker, which makes its plan once.
type boundFFT struct {
	fftArgs
	plan *kernels.FFT
}

func bindRows(_ int, a fftArgs) (*boundFFT, error) {
	return &boundFFT{a, kernels.NewFFT(a.Src.Dim(1))}, nil
}

func bindColumns(_ int, a fftArgs) (*boundFFT, error) {
	return &boundFFT{a, kernels.NewFFT(a.Src.Dim(0))}, nil
}

func rowsFFT(c *sched.Chunk, f *boundFFT) error {
	rows, cols := f.Src.Dim(0), f.Src.Dim(1)
	for i := c.Lo * fftRows; i < min(c.Hi*fftRows, rows) && !c.Canceled(); i++ {
		f.Direction.run(f.plan, f.Dst.Slice()[i*cols:(i+1)*cols], f.Src.Slice()[i*cols:(i+1)*cols])
	}
	return nil
}

// columnsFFT takes some columns aside, so that each line of memory is read and written once.
func columnsFFT(c *sched.Chunk, f *boundFFT) error {
	rows, cols := f.Src.Dim(0), f.Src.Dim(1)
	aside := make([]complex128, fftColumns*rows)
	src, dst := f.Src.Slice(), f.Dst.Slice()
	for b := c.Lo; b < c.Hi && !c.Canceled(); b++ {
		j, n := b*fftColumns, min(fftColumns, cols-b*fftColumns)
		for i := range rows {
			for k, v := range src[i*cols+j:][:n] {
				aside[k*rows+i] = v
			}
		}
		for k := range n {
			column := aside[k*rows : (k+1)*rows]
			f.Direction.run(f.plan, column, column)
		}
		for i := range rows {
			for k := range n {
				dst[i*cols+j+k] = aside[k*rows+i]
			}
		}
	}
	return nil
}

var (
	fftRowLoop    = sched.NewLoopWith("parallel.fft2.rows", bindRows, rowsFFT, idempotent)
	fftColumnLoop = sched.NewLoopWith("parallel.fft2.columns", bindColumns, columnsFFT, idempotent)
)
