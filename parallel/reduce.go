package parallel

import (
	"context"
	"fmt"
	"sync"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/expr"
	"github.com/shmath/shmath/sched"
)

// Real is the element types of arrays that the reductions take. Integers of any size are summed as int64, as NumPy does.
type Real interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// Sum returns the sum of x's elements, of nothing 0. Floats are added in a fixed tree (see kernels.Sum), so that the bits do
// not depend on the number of workers. Integer sums are returned as float64.
func Sum[T Real](ctx context.Context, p *sched.Pool, x *arena.Array[T]) (float64, error) {
	return number(ctx, p, "sum(x)", x)
}

// Mean returns the arithmetic mean. An empty array is an error.
func Mean[T Real](ctx context.Context, p *sched.Pool, x *arena.Array[T]) (float64, error) {
	return number(ctx, p, "mean(x)", x)
}

// Var returns the population variance (NumPy's var with ddof=0). An empty array is an error.
func Var[T Real](ctx context.Context, p *sched.Pool, x *arena.Array[T]) (float64, error) {
	return number(ctx, p, "var(x)", x)
}

// Std returns the population standard deviation (NumPy's std with ddof=0). An empty array is an error.
func Std[T Real](ctx context.Context, p *sched.Pool, x *arena.Array[T]) (float64, error) {
	return number(ctx, p, "std(x)", x)
}

// Min returns the least element, NaN if there is a NaN. An empty array is an error.
func Min[T Real](ctx context.Context, p *sched.Pool, x *arena.Array[T]) (float64, error) {
	return number(ctx, p, "min(x)", x)
}

// Max returns the greatest element, NaN if there is a NaN. An empty array is an error.
func Max[T Real](ctx context.Context, p *sched.Pool, x *arena.Array[T]) (float64, error) {
	return number(ctx, p, "max(x)", x)
}

// ArgMin returns the index in C order of the first least element. An empty array is an error.
func ArgMin[T Real](ctx context.Context, p *sched.Pool, x *arena.Array[T]) (int, error) {
	i, err := number(ctx, p, "argmin(x)", x)
	return int(i), err
}

// ArgMax returns the index in C order of the first greatest element. An empty array is an error.
func ArgMax[T Real](ctx context.Context, p *sched.Pool, x *arena.Array[T]) (int, error) {
	i, err := number(ctx, p, "argmax(x)", x)
	return int(i), err
}

// Dot returns the sum of the products of corresponding elements, which must be as many.
func Dot[T Real](ctx context.Context, p *sched.Pool, x, y *arena.Array[T]) (float64, error) {
	return evaluate(ctx, p, "dot(x, y)", map[string]any{"x": x, "y": y})
}

// CumSum sets out to the sums of x from its first element to each, in C order and in the type of out, which is that of
// expr's cumsum. Their bits do not depend on the number of workers.
func CumSum[T Real](ctx context.Context, p *sched.Pool, out arena.AnyArray, x *arena.Array[T]) error {
	prog, err := compiled("cumsum(x)")
	if err != nil {
		return err
	}
	return Eval(ctx, p, out, prog, map[string]any{"x": x})
}

// Quantile returns the q-quantile, 0 <= q <= 1, exactly, with NumPy's default interpolation ("linear"). x is not changed
// and not copied.
func Quantile[T Real](ctx context.Context, p *sched.Pool, x *arena.Array[T], q float64) (float64, error) {
	return evaluate(ctx, p, "quantile(x, q)", map[string]any{"x": x, "q": q})
}

// Histogram counts x's elements in bins of equal width over [lo, hi], as np.histogram does: the last bin includes hi, what
// is outside and NaN is not counted.
func Histogram(ctx context.Context, p *sched.Pool, x arena.AnyArray, bins int, lo, hi float64) ([]int64, error) {
	prog, err := compiled("histogram(x, bins=bins, range=(lo, hi))")
	if err != nil {
		return nil, err
	}
	values, err := Run(ctx, p, prog, map[string]any{"x": x, "bins": bins, "lo": lo, "hi": hi}, nil)
	if err != nil {
		return nil, err
	}
	counts := append([]int64(nil), values[0].Array.(*arena.Array[int64]).Slice()...)
	return counts, values[0].Array.Free()
}

func number(ctx context.Context, p *sched.Pool, line string, x arena.AnyArray) (float64, error) {
	return evaluate(ctx, p, line, map[string]any{"x": x})
}

// lines keeps the lines of this file compiled, by their text.
var lines sync.Map

func compiled(line string) (*expr.Program, error) {
	if prog, ok := lines.Load(line); ok {
		return prog.(*expr.Program), nil
	}
	prog, err := expr.Compile(line)
	if err == nil {
		lines.Store(line, prog)
	}
	return prog, err
}

func evaluate(ctx context.Context, p *sched.Pool, line string, vars map[string]any) (float64, error) {
	prog, err := compiled(line)
	if err != nil {
		return 0, err
	}
	values, err := Run(ctx, p, prog, vars, nil)
	if err != nil {
		return 0, err
	}
	switch v := values[0].Scalar.(type) {
	case float64:
		return v, nil
	case float32:
		return float64(v), nil
	case int64:
		return float64(v), nil
	}
	return 0, fmt.Errorf("%w: %s is a %T", ErrVariable, line, values[0].Scalar)
}
