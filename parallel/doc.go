// Package parallel runs kernels and expressions over arrays by all workers of a pool.
//
//	Run, Eval              a compiled expression (package expr), fused, block by block
//	Sum, Mean, Std, ...    the reductions, by name
//	Sort, ArgSort, Unique  samplesort
//	Quantile, Histogram    order and counts
//	CumSum                 running sums
//	MatMul, Gemm, SpMV     products of matrices, by blocks; of a sparse one, by rows
//	Transpose, FFT2        by rows, then by columns
//	Stencil5               rows with halos, several sweeps between two barriers
//	KMeansStep             and SquaredDistances, by rows
//
// Results have the same bits for any number of workers, on either backend, and when workers die meanwhile: blocks are cut
// by the array alone, and their results combined in a fixed tree.
//
//	x, err := arena.MapFile[float64]("prices.npy")
//	m, err := parallel.Mean(ctx, pool, x)
//	p, err := expr.Compile("exp(-x*x/2) / sqrt(2*pi)")
//	err = parallel.Eval(ctx, pool, out, p, map[string]any{"x": x})
//
// # Caveats
//
// Arrays must be in shared memory: in Pool.Arena(), in a segment, or a mapped file. An output must not overlap an
// input, unless the function says so. Inputs of expressions and of Gemm that are not contiguous (Fortran order, views with steps) are
// copied into the pool's arena first. What is done, by an estimate of its cost, before the workers would be awake, the caller
// computes.
package parallel
