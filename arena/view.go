package arena

import "math"

// Range selects indices of one axis: Lo, Lo+Step, ... below Hi. Step 0 means 1; a negative Step walks the same
// interval down from Hi-1.
type Range struct {
	Lo, Hi, Step int
}

// End as Range.Hi stands for the length of the axis.
const End = math.MaxInt

// Whole is the Range of a whole axis.
var Whole = Range{0, End, 1}

func (r Range) resolve(dim int) (start, count, step int) {
	if r.Hi == End {
		r.Hi = dim
	}
	if r.Step == 0 {
		r.Step = 1
	}
	if r.Lo < 0 || r.Hi > dim || r.Lo > r.Hi || r.Step == math.MinInt {
		panic(badRange)
	}
	step = r.Step
	if step < 0 {
		start, count = r.Hi-1, (r.Hi-r.Lo-1)/-step+1
	} else {
		start, count = r.Lo, (r.Hi-r.Lo-1)/step+1
	}
	if r.Lo == r.Hi {
		return r.Lo, 0, 1
	}
	if count == 1 {
		step = 1 // one index has no next: the stride stays that of the array
	}
	return start, count, step
}

// View returns the part of x that one range per axis selects, over the same elements; axes without a range are taken
// whole. It panics when a range does not lie in its axis.
func (x *Array[T]) View(ranges ...Range) *Array[T] {
	if len(ranges) > x.ndim {
		panic(badIndexCount)
	}
	v := x.cut()
	at := x.zero
	for k, r := range ranges {
		start, count, step := r.resolve(x.shape[k])
		if count > 0 {
			at += start * x.strides[k]
		}
		v.shape[k], v.strides[k] = count, x.strides[k]*step
	}
	return v.settle(x, at)
}

// Rows returns the elements whose first index is in [lo, hi): View of the first axis.
func (x *Array[T]) Rows(lo, hi int) *Array[T] {
	if x.ndim == 0 {
		panic(badZeroDims)
	}
	return x.View(Range{lo, hi, 1})
}

// Index returns the part of x whose first index is i, without that axis.
func (x *Array[T]) Index(i int) *Array[T] {
	if x.ndim == 0 {
		panic(badZeroDims)
	}
	if uint(i) >= uint(x.shape[0]) {
		panic(badIndex)
	}
	v := x.cut()
	v.ndim--
	copy(v.shape[:], x.shape[1:])
	copy(v.strides[:], x.strides[1:])
	v.shape[MaxDims-1], v.strides[MaxDims-1] = 0, 0
	return v.settle(x, x.zero+i*x.strides[0])
}

// T returns x with its axes in reverse order.
func (x *Array[T]) T() *Array[T] {
	v := x.cut()
	for k := range x.ndim {
		v.shape[k], v.strides[k] = x.shape[x.ndim-1-k], x.strides[x.ndim-1-k]
	}
	return v.settle(x, x.zero)
}

// Reshape returns the elements of x, which must be contiguous, under other dimensions with as many elements; one of
// them may be -1: what is left.
func (x *Array[T]) Reshape(dims ...int) *Array[T] {
	x.check()
	if !x.contiguous {
		panic(badLayout)
	}
	if len(dims) > MaxDims {
		panic(badReshape)
	}
	var shape [MaxDims]int
	count, open := 1, -1
	for k, n := range dims {
		shape[k] = n
		switch {
		case n == -1 && open < 0:
			open = k
		case n < 0 || (n > 0 && count > math.MaxInt/n):
			panic(badReshape)
		default:
			count *= n
		}
	}
	if open >= 0 {
		if count == 0 {
			panic(badReshape)
		}
		shape[open] = x.count / count
		count *= shape[open]
	}
	if count != x.count {
		panic(badReshape)
	}
	v := new(Array[T])
	v.home = x.home
	v.lay(x.off, count, shape[:len(dims)])
	return v
}

// cut returns a view of x with its shape, without elements yet.
func (x *Array[T]) cut() *Array[T] {
	x.check()
	v := new(Array[T])
	v.home, v.ndim, v.shape, v.strides = x.home, x.ndim, x.shape, x.strides
	return v
}

// settle gives the view v, whose shape and strides are set, its elements: [0, ..., 0] is x.data[at].
func (v *Array[T]) settle(x *Array[T], at int) *Array[T] {
	lo, hi := v.measure()
	v.off = x.off + (at-x.zero)*DTypeOf[T]().Size()
	if v.count == 0 {
		v.data = x.data[:0]
		return v
	}
	v.data, v.zero = x.data[at+lo:at+hi+1:at+hi+1], -lo
	return v
}

// measure counts the elements, tells whether they are contiguous, and returns the lowest and the highest of them
// relative to element [0, ..., 0].
func (e *extent) measure() (lo, hi int) {
	e.count, e.contiguous = 1, true
	for k := range e.ndim {
		e.count *= e.shape[k]
	}
	if e.count == 0 {
		return 0, 0
	}
	stride := 1
	for k := e.ndim - 1; k >= 0; k-- {
		n, s := e.shape[k], e.strides[k]
		if n != 1 && s != stride {
			e.contiguous = false
		}
		stride *= n
		if s < 0 {
			lo += (n - 1) * s
		} else {
			hi += (n - 1) * s
		}
	}
	return lo, hi
}
