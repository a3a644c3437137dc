package arena

import (
	"iter"

	"github.com/shmath/shmath/internal/layout"
)

// All iterates over the elements in C order, whatever their layout in memory.
func (x *Array[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		x.check()
		x.runs(func(at, n, stride int) bool {
			for range n {
				if !yield(x.data[at]) {
					return false
				}
				at += stride
			}
			return true
		})
	}
}

// runs walks the innermost axis for every index of the outer ones, in C order: n elements, stride apart, the first of
// them data[at].
func (x *Array[T]) runs(f func(at, n, stride int) bool) {
	if x.count == 0 {
		return
	}
	if x.contiguous {
		f(x.zero, x.count, 1)
		return
	}
	last := x.ndim - 1
	var index [MaxDims]int
	for at := x.zero; ; {
		if !f(at, x.shape[last], x.strides[last]) {
			return
		}
		k := last - 1
		for ; k >= 0; k-- {
			index[k]++
			at += x.strides[k]
			if index[k] < x.shape[k] {
				break
			}
			at -= x.shape[k] * x.strides[k]
			index[k] = 0
		}
		if k < 0 {
			return
		}
	}
}

// Fill stores v in every element.
func (x *Array[T]) Fill(v T) {
	x.writable()
	x.runs(func(at, n, stride int) bool {
		for range n {
			x.data[at] = v
			at += stride
		}
		return true
	})
}

// CopyFrom copies the elements of src, which has the same shape; src may overlap x.
func (x *Array[T]) CopyFrom(src *Array[T]) {
	x.writable()
	src.check()
	if x.ndim != src.ndim || x.shape != src.shape {
		panic(badShapes)
	}
	if x.contiguous && src.contiguous {
		copy(x.data, src.data)
		return
	}
	if x.contiguous && !layout.Overlap(x.data, src.data) {
		src.gather(x.data[:0])
		return
	}
	if layout.Overlap(x.data, src.data) {
		src = Wrap(src.gather(nil), src.shape[:src.ndim]...)
	}
	from := src.cursor()
	x.runs(func(at, n, stride int) bool {
		for range n {
			x.data[at] = src.data[from.at]
			from.step()
			at += stride
		}
		return true
	})
}

// gather appends the elements to dst in C order.
func (x *Array[T]) gather(dst []T) []T {
	x.runs(func(at, n, stride int) bool {
		if stride == 1 {
			dst = append(dst, x.data[at:at+n]...)
			return true
		}
		for range n {
			dst = append(dst, x.data[at])
			at += stride
		}
		return true
	})
	return dst
}

// cursor walks the elements of an array one by one in C order.
type cursor struct {
	f     *frame
	at    int
	index [MaxDims]int
}

func (x *Array[T]) cursor() cursor { return cursor{f: &x.frame, at: x.zero} }

func (c *cursor) step() {
	for k := c.f.ndim - 1; k >= 0; k-- {
		c.index[k]++
		c.at += c.f.strides[k]
		if c.index[k] < c.f.shape[k] {
			return
		}
		c.at -= c.f.shape[k] * c.f.strides[k]
		c.index[k] = 0
	}
}

// Wrap returns an array over the elements of s, which stay where they are, C order; without dims it has one axis. It
// lives in this process alone unless s is shared memory. It panics when dims do not have len(s) elements.
func Wrap[T Element](s []T, dims ...int) *Array[T] {
	if len(dims) == 0 {
		dims = []int{len(s)}
	}
	count, _, err := bytesOf(DTypeOf[T](), dims)
	if err != nil || count != len(s) {
		panic(badWrap)
	}
	x := new(Array[T])
	x.own.mem = layout.Bytes(s)
	x.home = &x.own
	x.lay(0, count, dims)
	return x
}
