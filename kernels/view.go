package kernels

import "math/bits"

// viewDims is the most axes of a view.
const viewDims = 8

// View is a view of elements that lie apart, NumPy's strided array: element (i, j, ...) is element first + i*strides[0] +
// j*strides[1] + ... of a slice. Strides count elements; negative ones walk backwards, and zero shows one element many times.
// Make one by [Strided], [NewView] or [ViewOf]; [Map1] and its kin run kernels over views, [Reduce] reduces them.
type View[T any] struct {
	data    []T
	first   int
	n       int // elements
	ndim    int
	shape   [viewDims]int
	strides [viewDims]int
}

// Strided returns the n elements data[first], data[first+step], data[first+2*step], ... Python's slices in its terms:
// x[2::3] is Strided(x, 2, (len(x)-2+2)/3, 3), and x[::-1] is Strided(x, len(x)-1, len(x), -1). It panics where one of them
// is outside of data.
func Strided[T any](data []T, first, n, step int) View[T] {
	return NewView(data, first, []int{n}, []int{step})
}

// NewView returns the view of a shape; element (0, 0, ...) is data[first]. It panics where an element is outside of data, a
// dimension is negative, or there are more than eight.
func NewView[T any](data []T, first int, shape, strides []int) View[T] {
	if len(shape) != len(strides) || len(shape) > viewDims {
		panic(panicAxes)
	}
	v := View[T]{data: data, first: first, n: 1, ndim: len(shape)}
	copy(v.shape[:], shape)
	copy(v.strides[:], strides)
	for _, d := range shape {
		if d < 0 {
			panic(panicShape)
		}
	}
	for _, d := range shape {
		hi, n := bits.Mul64(uint64(v.n), uint64(d))
		if hi != 0 || int(n) < 0 {
			panic(panicShape)
		}
		v.n = int(n)
	}
	if v.n == 0 {
		v.first = 0
	} else if !v.inside() {
		panic(panicOutside)
	}
	return v
}

// inside reports whether every element is one of data.
func (v *View[T]) inside() bool {
	if v.first < 0 || v.first >= len(v.data) {
		return false
	}
	below, above := uint64(v.first), uint64(len(v.data)-1-v.first) // how many elements there are on both sides
	for k, d := range v.shape[:v.ndim] {
		side, step := &above, uint64(v.strides[k])
		if v.strides[k] < 0 {
			side, step = &below, -step
		}
		hi, far := bits.Mul64(uint64(d-1), step)
		if hi != 0 || far > *side {
			return false
		}
		*side -= far
	}
	return true
}

// Spread is an array that says where its elements lie, as *arena.Array does: the slice that holds them, the index of the first,
// and sizes and strides, in elements, of its axes.
type Spread[T any] interface {
	Span() (data []T, first int)
	Shape() []int
	Strides() []int
}

// ViewOf returns the view of an array.
func ViewOf[T any](x Spread[T]) View[T] {
	data, first := x.Span()
	return NewView(data, first, x.Shape(), x.Strides())
}

// Len returns the number of elements.
func (v View[T]) Len() int { return v.n }

// Elements returns the elements in C order: themselves where they lie so, else copied into room, which is made longer where it
// must be. Whatever takes a slice takes a view by it.
func (v View[T]) Elements(room []T) []T {
	if cap(room) < v.n {
		room = make([]T, v.n)
	}
	c := newCursor(v.joined())
	return c.read(v.n, room[:v.n])
}

// joined is v with fewer axes where they can be walked as one.
func (v View[T]) joined() View[T] {
	n := 0
	for k := range v.ndim {
		if v.shape[k] == 1 {
			continue
		}
		if n > 0 && v.strides[n-1] == v.shape[k]*v.strides[k] {
			v.shape[n-1] *= v.shape[k]
			v.strides[n-1] = v.strides[k]
			continue
		}
		v.shape[n], v.strides[n] = v.shape[k], v.strides[k]
		n++
	}
	if n == 0 {
		v.shape[0], v.strides[0], n = v.n, 1, 1
	}
	v.ndim = n
	return v
}

// cursor walks the elements of a joined view in C order.
type cursor[T any] struct {
	View[T]
	at    int // index in data of the next element
	left  int // how many follow on the innermost axis
	index [viewDims]int
	room  []T       // where elements that lie apart are brought together
	words *viewRoom // what room is made of, if it is borrowed
}

func newCursor[T any](v View[T]) cursor[T] {
	return cursor[T]{View: v, at: v.first, left: v.shape[v.ndim-1]}
}

// withRoom returns a cursor that has room for SumBlock elements, if it needs it; give it back by leave.
func withRoom[T any](v View[T]) cursor[T] {
	c := newCursor(v)
	if c.ndim == 1 && c.strides[0] == 1 {
		return c
	}
	c.words = viewRooms.Get().(*viewRoom)
	c.room = roomOf[T](c.words)
	return c
}

func (c *cursor[T]) leave() {
	if c.words != nil {
		viewRooms.Put(c.words)
	}
}

// run is how many of the next elements lie side by side.
func (c *cursor[T]) run() int {
	if c.strides[c.ndim-1] == 1 {
		return c.left
	}
	return 0
}

// read returns the next n elements and goes on: themselves where they lie side by side, else copied into room.
func (c *cursor[T]) read(n int, room []T) []T {
	if c.run() >= n {
		x := c.data[c.at : c.at+n : c.at+n]
		c.skip(n)
		return x
	}
	for i := 0; i < n; {
		m, at, step := min(n-i, c.left), c.at, c.strides[c.ndim-1]
		if part := room[i : i+m]; step == 1 {
			copy(part, c.data[at:at+m])
		} else {
			for k := range part {
				part[k] = c.data[at]
				at += step
			}
		}
		c.skip(m)
		i += m
	}
	return room[:n]
}

// target returns where the next n elements are to be written: themselves where they lie side by side, else c.room.
func (c *cursor[T]) target(n int) []T {
	if c.run() >= n {
		return c.data[c.at : c.at+n : c.at+n]
	}
	return c.room[:n]
}

// write stores what target has been set to, and goes on.
func (c *cursor[T]) write(x []T) {
	if c.run() >= len(x) {
		c.skip(len(x))
		return
	}
	for len(x) > 0 {
		m, at, step := min(len(x), c.left), c.at, c.strides[c.ndim-1]
		for _, v := range x[:m] {
			c.data[at] = v
			at += step
		}
		c.skip(m)
		x = x[m:]
	}
}

// skip goes on by n <= c.left elements.
func (c *cursor[T]) skip(n int) {
	last := c.ndim - 1
	c.at += n * c.strides[last]
	if c.left -= n; c.left > 0 {
		return
	}
	c.left = c.shape[last]
	c.at -= c.left * c.strides[last]
	for k := last - 1; k >= 0; k-- {
		c.index[k]++
		c.at += c.strides[k]
		if c.index[k] < c.shape[k] {
			return
		}
		c.at -= c.shape[k] * c.strides[k]
		c.index[k] = 0
	}
}
