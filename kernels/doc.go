// Package kernels provides numeric kernels over plain slices, run in place by the calling goroutine.
//
//	elementwise   Add, Mul, Fma, ...        dst, x, y of one length; dst may be x or y itself
//	integers      Add, FloorDiv, BitAnd,... wrap around; the same functions, and SumInt, DotInt, CountNonzero
//	functions     Exp, Log, Sin, Erf, ...   the bound on the error stands in each comment
//	masks         Less, And, Select, ...    []bool, one byte an element
//	reductions    Sum, Dot, Var, ...        in one fixed order: the same bits everywhere
//	              Sum2, Dot2               in twice the precision
//	              NanSum, NanMax, ...      NaN left out
//	order         Sort, TopK, Quantile, ... NaN last, as NumPy; float64, float32, int64, int32
//	places        Take, SearchSorted, ...   and Transpose, in place too
//	matrices      Gemm, BLAS               gonum's blas interfaces, levels 1 to 3
//	sparse        CSR, SpMV, SpMM          SciPy's three arrays; SELL, eight rows side by side
//	grids         Stencil, Stencil5Sweeps  any points, with halos; several sweeps in one pass
//	clusters      KMeansStep               distances by Gemm
//	transforms    FFT, RealFFT, FFT2       every length, both precisions; plans that many goroutines may share
//	              Convolve                of real numbers
//	views         Map1, Map2, Reduce, ...  kernels over NumPy's strided arrays, such as those of package arena
//	random        Uniform, Bounded, ...     element i is a pure function of (key, i)
//	generators    PCG64, SeedSequence, ...  NumPy's, word by word
//
// Arithmetic, comparisons, Select, extremes and running sums take every numeric type; int64, int32 and int have assembly as
// floats have. Integers wrap around. FloorDiv and Mod round down, as Python does, and give 0 for a zero divisor, as NumPy.
//
// The order of Sum, of Dot, of Prod, of the norms and of the moments is fixed, so that the result does not depend on
// the instruction set or on the number of workers:
//
//	x      |<- SumBlock ->|<- SumBlock ->|<- SumBlock ->|<- rest ->|
//	block  lane j of 64 adds elements j, j+64, j+128, ... of the block; then lane j with lane j+32, j+16, ... j+1
//	tree   equal complete subtrees merge as they appear (a binary counter); what is left merges from the right:
//
//	            (b0+b1)+(b2+b3)      then  + (b4 + ...)
//
// A program that splits a sum calls TreeSum on ranges that start at a multiple of SumBlock<<k and hold at most that
// many elements, and pushes the results at level k of a SumTree; it gets the bits of Sum.
//
// # Instruction sets
//
// Every kernel is written in Go, and that is its meaning. Arithmetic, functions, reductions, sorting and random numbers also
// have bodies in assembly for x86-64-v3 (AVX2 and FMA) and x86-64-v4 (AVX-512), written by asm/_gen. The best set of the
// machine is chosen once, when the program starts; the environment variable SHMATH_ISA=portable, avx2 or avx512 lowers
// it, the build tag noasm leaves assembly out. All of them give the same bits (but for the payload of a NaN): they do
// the same operations in the same order, and leave to Go the arguments that need care. So every result is reproducible
// on every machine, without a mode of its own. Only the order that SelectKth, PartialSort and Partition leave open differs.
//
//	x := []float64{1, 2, 3}
//	kernels.Exp(x, x)                     // in place
//	m := make([]bool, 3)
//	kernels.GreaterScalar(m, x, 5)
//	fmt.Println(kernels.Sum(x), kernels.Count(m))
//
// # Views
//
// A [View] has up to eight axes with any strides. Map1, Map2 and Map3 run any elementwise kernel over views, Reduce and
// Reduce2 any reduction of blocks, with the bits that it has over slices; Elements hands a view to whatever wants a slice.
// Elements that lie side by side are not copied, others are brought together in the first cache, 512 at a time.
//
//	a, b, out := kernels.ViewOf(x.T()), kernels.ViewOf(y), kernels.ViewOf(z) // of *arena.Array[float64]
//	kernels.Map2(kernels.Add, out, a, b)
//	total := kernels.Reduce(a, kernels.BlockSum, func(a, b float64) float64 { return a + b })
//
// # Caveats
//
// Slices that overlap without being the same slice give undefined elements. Slices of different lengths panic with a
// constant string. Kernels neither allocate nor start goroutines, except ArgSort, which needs room of the size of its
// argument, Quantile, Median and TopK, which need a part of it, Gemm and BLAS, which keep blocks for reuse, as views
// do, and arithmetic out of place on more than the last cache holds, which takes two KiB: its results go past the caches.
//
// make stress measures the bounds in the comments: at every argument of float32, where a result that is not the nearest
// number must be a tie but for what float64 can tell (0.51 ULP), and at more than a hundred thousand of float64 for each
// function, random ones and those of CORE-MATH that are hardest to round, against math/big.
//
// float32 functions compute in float64 and round once at the end. Every operation is written so that a compiler may
// not fuse it: a*b+c is fused where the text says math.FMA and nowhere else.
package kernels
