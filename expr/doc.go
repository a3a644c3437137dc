// Package expr compiles one-line array expressions, written as NumPy users write them, to fused cache-sized blocks of
// kernels.
//
//	Program   a parsed line; knows names and targets, no types        Compile
//	Plan      a program fitted to its variables: arrays and stages    Program.Plan
//	Stage     one pass over a domain, cut into blocks                 Plan.Stages
//	Frame     the buffers of one goroutine that runs blocks           Plan.NewFrame
//	Eval      all of these in one call, in one goroutine
//
// The language is Python's: + - * / // % ** with Python's precedence, comparisons, & | ^ ~ on masks and integers, numbers
// such as 1_000 and 0xff, the constants pi, e, inf, nan, True and False, x[mask], x[start:stop:step] and x[i], and calls
// with positional and named arguments. A line is `name = expr`, or one or several expressions separated by commas.
//
//	elementwise  exp exp2 expm1 log log2 log10 log1p sqrt cbrt square reciprocal abs sign floor ceil trunc round rint
//	             sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh (and asin ...) erf erfc sigmoid
//	             arctan2 hypot copysign minimum maximum clip where power mod isnan isinf isfinite float64 float32 int64
//	reductions   sum prod mean var std min max argmin argmax count any all dot median quantile percentile histogram,
//	             each with where=mask
//	scans        diff cumsum cumprod
//	generators   uniform(n) normal(n, mean=, std=) bootstrap(r, paths=, horizon=) arange linspace
//	and          len(x)
//
// A line becomes stages; a stage reads its arrays once, and no stage leaves a whole-array temporary behind:
//
//	(x - mean(x)) / std(x)
//
//	stage 0  reduce   block | block | block ...     each block: leaves of 4096 elements, each leaf: 4 tiles
//	                    \       |       /
//	                   Combine: fixed tree over the leaves -> scalars mean, std
//	stage 1  map      block | block | block ...     each tile: SubScalar, DivScalar in a register, into the result
//
// A tile is 1024 elements, so that the registers of a stage stay in the first level of the cache; inputs of the
// computing type are read where they lie, and the last operation writes into the result; past the caches, when a stage touches
// more than they hold. A polynomial by Horner's rule, (a*x + b)*x + c, is one instruction, with each step rounded. Who runs the blocks is not this
// package's business: Eval does it in a loop, package parallel with many processes. A block is a pure function of the
// operands and the scalars, so it may run anywhere and again; sums, means and moments are merged in the tree of
// kernels.Sum, so that results have the same bits for any number of workers, and sum(x) those of kernels.Sum(x).
//
// # Types
//
// Types promote as in NumPy 2: bool, int64, float32, float64; numbers in the line give way (float32 * 2.0 is float32);
// the result of a function or a reduction does not (float32 * sqrt(2) is float64). Every integer type is loaded as int64,
// but uint64 as float64, so there is no 8-bit wrap-around, and float32 with int8 is float64.
//
// # Caveats
//
// Arrays broadcast as in NumPy: shapes are compared from the last axis on, and axes must be equal or 1. What is repeated is
// read again and again, not copied. An array repeated along an axis between others, (2, 1, 4) with (2, 3, 4), is an error.
// There is no axis=: reductions work on the whole array. A mean, an extreme or a quantile of nothing is an error, not NaN; the sum of nothing is 0.
//
// A running sum is the sequential one within a block of 32768 elements, and adds the total of the blocks before: beyond
// one block its last bits are not those of a sequential loop, but they are the same for any number of workers.
//
// sum(x[mask]) adds, leaf by leaf, what the mask leaves of each 4096 elements of x. That is not the order in which the sum
// of the selected elements as an array of their own would be added, so its last bits may differ.
//
// quantile(x, q) and median(x) evaluate x in up to seven passes, rather than keep a copy of it.
//
// An argument that is read at random places (the array that bootstrap draws from, a slice of a running sum) is written to
// a temporary when it is not an array already.
package expr
