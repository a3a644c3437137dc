package parallel

import (
	"fmt"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/expr"
	"github.com/shmath/shmath/internal/layout"
)

// Types describes variables to expr's Plan.
func Types(vars map[string]any) (map[string]expr.Var, error) {
	types := make(map[string]expr.Var, len(vars))
	for name, v := range vars {
		t, err := typeOf(v)
		if err != nil {
			return nil, fmt.Errorf("variable %s: %w", name, err)
		}
		types[name] = t
	}
	return types, nil
}

func typeOf(v any) (expr.Var, error) {
	switch v := v.(type) {
	case arena.AnyArray:
		dt, err := expr.DTypeOf(v.DType().String())
		if err != nil {
			return expr.Var{}, err
		}
		return expr.ArrayVar(dt, v.Shape()...), nil
	case expr.Var:
		if v.Array {
			return v, fmt.Errorf("%w: it describes an array, and is none", ErrVariable)
		}
		return v, nil
	}
	t, err := expr.VarOf(v)
	if err == nil && t.Array {
		err = fmt.Errorf("%w: %T is memory of this process alone; make an array with arena.New in Pool.Arena()", ErrVariable, v)
	}
	return t, err
}

// operand is the elements of an array, as expr wants them.
func operand(x arena.AnyArray) (expr.Operand, error) {
	switch x := x.(type) {
	case nil:
		return nil, nil
	case *arena.Array[bool]:
		return x.Slice(), nil
	case *arena.Array[int8]:
		return x.Slice(), nil
	case *arena.Array[int16]:
		return x.Slice(), nil
	case *arena.Array[int32]:
		return x.Slice(), nil
	case *arena.Array[int64]:
		return x.Slice(), nil
	case *arena.Array[uint8]:
		return x.Slice(), nil
	case *arena.Array[uint16]:
		return x.Slice(), nil
	case *arena.Array[uint32]:
		return x.Slice(), nil
	case *arena.Array[uint64]:
		return x.Slice(), nil
	case *arena.Array[float32]:
		return x.Slice(), nil
	case *arena.Array[float64]:
		return x.Slice(), nil
	}
	return nil, fmt.Errorf("%w: an array of %s", ErrVariable, x.DType())
}

// dense returns x itself if its elements lie in C order without gaps, else a copy in a that does.
func dense(a *arena.Arena, x arena.AnyArray) (_ arena.AnyArray, copied bool, _ error) {
	if x.Contiguous() {
		return x, false, nil
	}
	switch x := x.(type) {
	case *arena.Array[float64]:
		return denseOf(a, x)
	case *arena.Array[float32]:
		return denseOf(a, x)
	case *arena.Array[bool]:
		return denseOf(a, x)
	case *arena.Array[int8]:
		return denseOf(a, x)
	case *arena.Array[int16]:
		return denseOf(a, x)
	case *arena.Array[int32]:
		return denseOf(a, x)
	case *arena.Array[int64]:
		return denseOf(a, x)
	case *arena.Array[uint8]:
		return denseOf(a, x)
	case *arena.Array[uint16]:
		return denseOf(a, x)
	case *arena.Array[uint32]:
		return denseOf(a, x)
	case *arena.Array[uint64]:
		return denseOf(a, x)
	}
	return nil, false, fmt.Errorf("%w: an array of %s", ErrVariable, x.DType())
}

func denseOf[T arena.Element](a *arena.Arena, x *arena.Array[T]) (arena.AnyArray, bool, error) {
	y, err := arena.Empty[T](a, x.Shape()...)
	if err != nil {
		return nil, false, err
	}
	y.CopyFrom(x)
	return y, true, nil
}

// overlap reports whether two arrays share memory. Only whole extents are compared: the arrays are dense.
func overlap(x, y arena.AnyArray) bool {
	return x.Len() > 0 && y.Len() > 0 && layout.Overlap(x.Bytes(), y.Bytes())
}
