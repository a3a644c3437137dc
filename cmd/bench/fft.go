package main

import (
	"fmt"
	"math"
	"runtime"
	"time"

	"gonum.org/v1/gonum/dsp/fourier"

	"github.com/shmath/shmath/kernels"
)

// transform is a Fourier transform, as it is called here and in the peers that know it.
type transform struct {
	name, op, kind string // op and kind are NumPy's and native.c's
	flops          float64
	bytes          int
	ours, gonum    func()
}

// transforms compares complex and real transforms of powers of two, of a smooth length and of a prime on one core, complex
// ones in single precision as well. Operations are counted as 5*n*log2(n), and half as many for real ones, as is the custom.
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
		for _, t := range transformsOf(n) {
			ops := int(max(1, 1e8/(5*float64(n)*math.Log2(float64(n)))))
			add := func(all []contender, name, peer string, ops int, turn func(ops int) (time.Duration, error)) []contender {
				return append(all, contender{name: "impl=" + name, peer: peer, ops: ops, flops: int64(t.flops),
					flopsPerByte: t.flops / float64(t.bytes), turn: turn})
			}
			all := add(nil, "shmath", "", ops, timed(always(t.ours)))
			if t.gonum != nil {
				all = add(all, "gonum", c.module("gonum", "gonum.org/v1/gonum"), max(1, ops/8), timed(always(t.gonum)))
			}
			if py != nil {
				all = add(all, "numpy", py.version, ops, py.turn(t.op, t.kind, n))
			}
			for _, p := range libraries {
				if t.kind == "d" {
					all = add(all, p.name, p.version, ops, p.turns(t.op, t.kind, n))
				}
			}
			if err := contest(fmt.Sprintf("%s/n=%d", t.name, n), c, all); err != nil {
				return err
			}
		}
	}
	return nil
}

func transformsOf(n int) []transform {
	x := make([]float64, 2*n)
	kernels.Uniform(x, [2]uint64{1}, 0)
	z, y := make([]complex128, n), make([]complex128, n)
	single, to := make([]complex64, n), make([]complex64, n)
	for i := range z {
		z[i] = complex(x[2*i], x[2*i+1])
		single[i] = complex64(z[i])
	}
	flops := 5 * float64(n) * math.Log2(float64(n))
	ours, peer := kernels.NewFFT(n), fourier.NewCmplxFFT(n)
	oursReal, peerReal := kernels.NewRealFFT(n), fourier.NewFFT(n)
	oursSingle := kernels.NewSingleFFT(n)
	return []transform{
		{"FFT", "fft", "d", flops, 32 * n, func() { ours.Forward(y, z) }, func() { peer.Coefficients(y, z) }},
		{"RealFFT", "rfft", "d", flops / 2, 16 * n, func() { oursReal.Forward(y[:n/2+1], x[:n]) }, func() { peerReal.Coefficients(y[:n/2+1], x[:n]) }},
		{"SingleFFT", "fft", "s", flops, 16 * n, func() { oursSingle.Forward(to, single) }, nil},
	}
}
