package main

import (
	"fmt"
	"math"
	"runtime"

	"gonum.org/v1/gonum/dsp/fourier"

	"github.com/shmath/shmath/kernels"
)

// transforms compares complex and real transforms of powers of two, of a smooth length and of a prime on one core.
// Operations are counted as 5*n*log2(n), and half as many for real ones, as is the custom.
func transforms(c *config) error {
	py := startNumpy(c, kernels.InstructionSet())
	defer py.close()
	libraries := startNatives(c, "fftw")
	defer func() { _ = libraries.stop() }()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	sizes := []int{64, 1000, 1024, 1 << 12, 4099, 1 << 14, 1 << 16, 1 << 18, 1 << 20}
	if c.quick { // FFTW takes seconds to plan primes, and what is longer
		sizes = []int{64, 1000, 1024, 1 << 14}
	}
	for _, n := range sizes {
		flops := 5 * float64(n) * math.Log2(float64(n))
		ops := int(max(1, 1e8/flops))
		x := make([]float64, 2*n)
		kernels.Uniform(x, [2]uint64{1}, 0)
		z, y := make([]complex128, n), make([]complex128, n)
		for i := range z {
			z[i] = complex(x[2*i], x[2*i+1])
		}
		ours, peer := kernels.NewFFT(n), fourier.NewCmplxFFT(n)
		all := []contender{
			{name: "impl=shmath", ops: ops, flops: int64(flops), flopsPerByte: flops / float64(32*n), turn: timed(always(func() { ours.Forward(y, z) }))},
			{name: "impl=gonum", peer: c.module("gonum", "gonum.org/v1/gonum"), ops: max(1, ops/8), flops: int64(flops), flopsPerByte: flops / float64(32*n), turn: timed(always(func() { peer.Coefficients(y, z) }))},
		}
		if py != nil {
			all = append(all, contender{name: "impl=numpy", peer: py.version, ops: ops, flops: int64(flops), flopsPerByte: flops / float64(32*n), turn: py.turn("fft", "d", n)})
		}
		for _, p := range libraries {
			all = append(all, contender{name: "impl=" + p.name, peer: p.version, ops: ops, flops: int64(flops), flopsPerByte: flops / float64(32*n), turn: p.turns("fft", "d", n)})
		}
		if err := contest(fmt.Sprintf("FFT/n=%d", n), c, all); err != nil {
			return err
		}
		oursReal, peerReal := kernels.NewRealFFT(n), fourier.NewFFT(n)
		all = []contender{
			{name: "impl=shmath", ops: ops, flops: int64(flops / 2), flopsPerByte: flops / float64(32*n), turn: timed(always(func() { oursReal.Forward(y[:n/2+1], x[:n]) }))},
			{name: "impl=gonum", peer: c.module("gonum", "gonum.org/v1/gonum"), ops: max(1, ops/8), flops: int64(flops / 2), flopsPerByte: flops / float64(32*n), turn: timed(always(func() { peerReal.Coefficients(y[:n/2+1], x[:n]) }))},
		}
		if py != nil {
			all = append(all, contender{name: "impl=numpy", peer: py.version, ops: ops, flops: int64(flops / 2), flopsPerByte: flops / float64(32*n), turn: py.turn("rfft", "d", n)})
		}
		for _, p := range libraries {
			all = append(all, contender{name: "impl=" + p.name, peer: p.version, ops: ops, flops: int64(flops / 2), flopsPerByte: flops / float64(32*n), turn: p.turns("rfft", "d", n)})
		}
		if err := contest(fmt.Sprintf("RealFFT/n=%d", n), c, all); err != nil {
			return err
		}
	}
	return nil
}
