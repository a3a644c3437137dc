package main

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"
	gonum "gonum.org/v1/gonum/blas/gonum"
	lapack "gonum.org/v1/gonum/lapack/gonum"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/cmd/bench/result"
	"github.com/shmath/shmath/kernels"
	"github.com/shmath/shmath/parallel"
	"github.com/shmath/shmath/sched"
)

// plainPeak is fusedPeak without vectors.
func plainPeak() (loop func(rounds int), flops int, isa string) {
	return func(rounds int) {
		var s [8]float64
		for range rounds {
			for i := range s {
				s[i] = math.FMA(s[i], 0.5, 1)
			}
		}
		keep = s[0]
	}, 16, "go"
}

var keep float64

// operation is a routine on n×n matrices, with the contenders that know it.
type operation struct {
	name, kind  string // kind is NumPy's: d or s
	numpy       string // what it is called there; empty for none
	cblas       string // what native.c calls it; empty for none
	flops       func(n float64) float64
	sizes       []int
	ours, peers func(n int) func() error
}

// traffic is the least that an operation moves between memory and the processor, in bytes: each matrix once.
func (o *operation) traffic(n int) float64 {
	size, matrices := 8., map[string]float64{"Dgemm": 4, "Sgemm": 4, "DgemvN": 1, "DgemvT": 1, "Dsyrk": 1.5, "DtrsmLeft": 2.5, "DtrsmRight": 2.5, "Cholesky": 1, "LU": 2}
	if o.kind == "s" {
		size = 4
	}
	return size * matrices[o.name] * float64(n) * float64(n)
}

// reading is the limit that data sets: to load each matrix once.
func (o *operation) reading(n, ops int) contender {
	bytes := int(o.traffic(n))
	s := streamLoops()[0]
	arrays := streamArrays(max(32, bytes/8/32*32))
	return contender{name: "impl=limit-" + s.op, limit: true, bound: result.Data, ops: ops, bytes: int64(bytes), turn: timed(always(func() {
		s.near(arrays[0], arrays[1], arrays[2])
	}))}
}

// quickSizes are those of a quick run.
var quickSizes = []int{8, 64, 256, 512}

// linear compares with gonum, NumPy, OpenBLAS and BLIS on one core, beside as many multiply-adds in registers
// and beside a look at each matrix.
func linear(c *config) error {
	loop, perRound, isa := fusedPeak()
	py := startNumpy(c, isa)
	defer py.close()
	libraries := startNatives(c, "blas")
	defer func() { _ = libraries.stop() }()
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	for _, o := range operations() {
		for _, n := range o.sizes {
			if c.quick && !slices.Contains(quickSizes, n) || !c.wants(fmt.Sprintf("%s/n=%d", o.name, n)) {
				continue
			}
			flops := o.flops(float64(n))
			ops := int(max(1, 4e8/flops))
			round, peak := float64(perRound), "impl=peak-fma-"+isa
			if o.kind == "s" {
				round, peak = 2*round, peak+"-float32"
			}
			all := []contender{
				o.reading(n, ops),
				{name: peak, limit: true, bound: result.Arithmetic, ops: ops, flops: int64(flops), turn: timed(func() error { loop(max(1, int(flops/round))); return nil })},
				{name: "impl=shmath", ops: ops, flops: int64(flops), flopsPerByte: flops / o.traffic(n), turn: timed(o.ours(n))},
			}
			if py != nil && o.numpy != "" {
				all = append(all, contender{name: "impl=numpy-openblas", peer: py.version, ops: ops, flops: int64(flops), flopsPerByte: flops / o.traffic(n), turn: py.turn(o.numpy, o.kind, n)})
			}
			for _, p := range libraries {
				if o.cblas != "" {
					all = append(all, contender{name: "impl=" + p.name, peer: p.version, ops: ops, flops: int64(flops), flopsPerByte: flops / o.traffic(n), turn: p.turns(o.cblas, o.kind, n)})
				}
			}
			if n <= 1024 {
				all = append(all, contender{name: "impl=gonum", peer: c.module("gonum", "gonum.org/v1/gonum"), ops: max(1, ops/8), flops: int64(flops), flopsPerByte: flops / o.traffic(n), turn: timed(o.peers(n))})
			}
			if err := contest(fmt.Sprintf("%s/n=%d", o.name, n), c, all); err != nil {
				return err
			}
		}
	}
	runtime.GOMAXPROCS(before)
	return products(c)
}

// square is the data of an operation.
type square[T kernels.Float] struct{ a, b, c, x, y []T }

func newSquare[T kernels.Float](n int) square[T] {
	make := func(size int, seed uint64) []T {
		x := make([]T, size)
		kernels.Uniform(x, [2]uint64{seed}, 0)
		return x
	}
	s := square[T]{make(n*n, 1), make(n*n, 2), make(n*n, 3), make(n, 4), make(n, 5)}
	for i := range n {
		s.a[i*n+i] += T(n)
	}
	return s
}

func always(f func()) func() error { return func() error { f(); return nil } }

// both gives the same call to both implementations.
func both(f func(b blas.Float64, s square[float64], n int)) (ours, peers func(n int) func() error) {
	with := func(b blas.Float64) func(n int) func() error {
		return func(n int) func() error {
			s := newSquare[float64](n)
			return always(func() { f(b, s, n) })
		}
	}
	return with(kernels.BLAS{}), with(gonum.Implementation{})
}

func operations() []operation {
	cube := func(share float64) func(n float64) float64 {
		return func(n float64) float64 { return share * n * n * n }
	}
	plane := func(n float64) float64 { return 2 * n * n }
	small := []int{8, 16, 32, 64, 96, 128, 256, 512, 1024, 2048}
	large := []int{64, 256, 1024}
	all := []operation{
		{name: "Dgemm", kind: "d", numpy: "gemm", cblas: "gemm", flops: cube(2), sizes: small},
		{name: "Sgemm", kind: "s", numpy: "gemm", cblas: "gemm", flops: cube(2), sizes: small},
		{name: "DgemvN", kind: "d", numpy: "gemvN", cblas: "gemvN", flops: plane, sizes: large},
		{name: "DgemvT", kind: "d", numpy: "gemvT", cblas: "gemvT", flops: plane, sizes: large},
		{name: "Dsyrk", kind: "d", numpy: "syrk", cblas: "syrk", flops: cube(1), sizes: large},
		{name: "DtrsmLeft", kind: "d", cblas: "trsmL", flops: cube(1), sizes: large},
		{name: "DtrsmRight", kind: "d", cblas: "trsmR", flops: cube(1), sizes: large},
		{name: "Cholesky", kind: "d", numpy: "potrf", flops: cube(1. / 3), sizes: large},
		{name: "LU", kind: "d", flops: cube(2. / 3), sizes: large},
	}
	calls := map[string]func(b blas.Float64, s square[float64], n int){
		"Dgemm": func(b blas.Float64, s square[float64], n int) {
			b.Dgemm(blas.NoTrans, blas.NoTrans, n, n, n, 1, s.a, n, s.b, n, 0, s.c, n)
		},
		"DgemvN": func(b blas.Float64, s square[float64], n int) {
			b.Dgemv(blas.NoTrans, n, n, 1, s.a, n, s.x, 1, 0, s.y, 1)
		},
		"DgemvT": func(b blas.Float64, s square[float64], n int) {
			b.Dgemv(blas.Trans, n, n, 1, s.a, n, s.x, 1, 0, s.y, 1)
		},
		"Dsyrk": func(b blas.Float64, s square[float64], n int) {
			b.Dsyrk(blas.Upper, blas.NoTrans, n, n, 1, s.a, n, 0, s.c, n)
		},
		"DtrsmLeft": func(b blas.Float64, s square[float64], n int) {
			copy(s.c, s.b)
			b.Dtrsm(blas.Left, blas.Lower, blas.NoTrans, blas.NonUnit, n, n, 1, s.a, n, s.c, n)
		},
		"DtrsmRight": func(b blas.Float64, s square[float64], n int) {
			copy(s.c, s.b)
			b.Dtrsm(blas.Right, blas.Upper, blas.NoTrans, blas.NonUnit, n, n, 1, s.a, n, s.c, n)
		},
		"Cholesky": func(b blas.Float64, s square[float64], n int) {
			blas64.Use(b)
			copy(s.c, s.a) // only the upper triangle is read, and its diagonal dominates
			lapack.Implementation{}.Dpotrf(blas.Upper, n, s.c, n)
		},
		"LU": func(b blas.Float64, s square[float64], n int) {
			blas64.Use(b)
			copy(s.c, s.b)
			lapack.Implementation{}.Dgetrf(n, n, s.c, n, make([]int, n))
		},
	}
	for i := range all {
		if f := calls[all[i].name]; f != nil {
			all[i].ours, all[i].peers = both(f)
		} else {
			all[i].ours, all[i].peers = single(kernels.BLAS{}), single(gonum.Implementation{})
		}
	}
	return all
}

// single is Sgemm.
func single(b blas.Float32) func(n int) func() error {
	return func(n int) func() error {
		s := newSquare[float32](n)
		blas32.Use(b)
		return always(func() { b.Sgemm(blas.NoTrans, blas.NoTrans, n, n, n, 1, s.a, n, s.b, n, 0, s.c, n) })
	}
}

// products is parallel.MatMul by pools of one worker and of all, beside one call in this process.
func products(c *config) error {
	for _, n := range []int{256, 1024, 2048} {
		if c.quick && n > 1024 {
			continue
		}
		flops := int64(2 * n * n * n)
		s := newSquare[float64](n)
		ops := int(max(1, 8e8/flops))
		all := []contender{{name: "impl=kernels.Gemm", ops: ops, flops: flops, turn: timed(always(func() {
			kernels.Gemm(n, n, n, 1, kernels.RowMajor(s.a, n), kernels.RowMajor(s.b, n), 0, s.c, n)
		}))}}
		for _, workers := range []int{1, 0} {
			pool, err := sched.Start(context.Background(), &sched.Options{Workers: workers})
			if err != nil {
				return err
			}
			defer pool.Close()
			var m [3]*arena.Array[float64]
			for i, from := range [][]float64{s.a, s.b, s.c} {
				if m[i], err = arena.New[float64](pool.Arena(), n, n); err != nil {
					return err
				}
				copy(m[i].Slice(), from)
			}
			all = append(all, contender{name: fmt.Sprintf("impl=parallel.MatMul/workers=%d", pool.Workers()), ops: ops, flops: flops,
				turn: timed(func() error { return parallel.MatMul(context.Background(), pool, m[2], m[0], m[1]) })})
		}
		if err := contest(fmt.Sprintf("MatMul/n=%d", n), c, all); err != nil {
			return err
		}
	}
	return nil
}
