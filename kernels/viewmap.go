package kernels

const (
	// viewBlock is how many elements a kernel gets at once when they have been brought together: those of three arguments and
	// the result stay in the L1 cache.
	viewBlock = 512

	// viewRun is from how many elements side by side on a kernel gets them as they are.
	viewRun = 64
)

// Map1 sets dst to f of x, elementwise: f is a kernel, such as Exp[float64], and is called with blocks of at most len(dst)
// elements. Elements that lie apart are brought together before the call and spread after it; those that lie side by side are
// handed over as they are.
//
// The shapes must be the same. dst may be the same view as an argument; any other overlap gives undefined elements. It panics
// where an axis of dst has stride zero: its elements would lie on each other. f must not keep its arguments, and the number
// and the sizes of the calls are not specified.
func Map1[D, X any](f func(dst []D, x []X), dst View[D], x View[X]) {
	sameAxes(&dst, &x)
	w := writable(&dst)
	d, a := withRoom(arranged(dst, &w)), withRoom(arranged(x, &w))
	defer d.leave()
	defer a.leave()
	for todo := dst.n; todo > 0; {
		n := piece(todo, d.run(), a.run())
		to := d.target(n)
		f(to, a.read(n, a.room))
		d.write(to)
		todo -= n
	}
}

// Map2 is [Map1] for two arguments, such as Add[float64] takes.
func Map2[D, X, Y any](f func(dst []D, x []X, y []Y), dst View[D], x View[X], y View[Y]) {
	sameAxes(&dst, &x)
	sameAxes(&dst, &y)
	w := writable(&dst)
	d, a, b := withRoom(arranged(dst, &w)), withRoom(arranged(x, &w)), withRoom(arranged(y, &w))
	defer d.leave()
	defer a.leave()
	defer b.leave()
	for todo := dst.n; todo > 0; {
		n := piece(todo, d.run(), a.run(), b.run())
		to := d.target(n)
		f(to, a.read(n, a.room), b.read(n, b.room))
		d.write(to)
		todo -= n
	}
}

// Map3 is [Map1] for three arguments, such as Fma[float64] and Select[float64] take.
func Map3[D, X, Y, Z any](f func(dst []D, x []X, y []Y, z []Z), dst View[D], x View[X], y View[Y], z View[Z]) {
	sameAxes(&dst, &x)
	sameAxes(&dst, &y)
	sameAxes(&dst, &z)
	w := writable(&dst)
	d, a, b, c := withRoom(arranged(dst, &w)), withRoom(arranged(x, &w)), withRoom(arranged(y, &w)), withRoom(arranged(z, &w))
	defer d.leave()
	defer a.leave()
	defer b.leave()
	defer c.leave()
	for todo := dst.n; todo > 0; {
		n := piece(todo, d.run(), a.run(), b.run(), c.run())
		to := d.target(n)
		f(to, a.read(n, a.room), b.read(n, b.room), c.read(n, c.room))
		d.write(to)
		todo -= n
	}
}

// piece is how many elements are done next: as many as lie side by side in all views, or a block.
func piece(todo int, runs ...int) int {
	n := todo
	for _, r := range runs {
		n = min(n, r)
	}
	if n >= min(todo, viewRun) {
		return n
	}
	return min(todo, viewBlock)
}

// sameAxes panics unless two views have the same shape.
func sameAxes[A, B any](a *View[A], b *View[B]) {
	if a.ndim != b.ndim || a.shape != b.shape {
		panic(panicAxes)
	}
}

// walk is an order of the axes, and which of them are walked backwards.
type walk struct {
	order [viewDims]int
	back  [viewDims]bool
}

// writable returns the order in which the elements of a destination lie in memory, and panics where they lie on each other.
func writable[T any](dst *View[T]) (w walk) {
	magnitude := func(k int) int { return max(dst.strides[k], -dst.strides[k]) }
	for k := range dst.ndim {
		if dst.n > 0 && dst.strides[k] == 0 && dst.shape[k] > 1 {
			panic(panicOneElement)
		}
		w.back[k] = dst.strides[k] < 0
		at := k
		for ; at > 0 && magnitude(w.order[at-1]) < magnitude(k); at-- {
			w.order[at] = w.order[at-1]
		}
		w.order[at] = k
	}
	return w
}

// arranged is v with its axes in that order, joined.
func arranged[T any](v View[T], w *walk) View[T] {
	if v.n == 0 {
		return v.joined()
	}
	from := v
	for i, k := range w.order[:v.ndim] {
		v.shape[i], v.strides[i] = from.shape[k], from.strides[k]
		if w.back[k] {
			v.first += (from.shape[k] - 1) * from.strides[k]
			v.strides[i] = -from.strides[k]
		}
	}
	return v.joined()
}

// Reduce returns merge of what of says of blocks of SumBlock elements of x in C order, the last one shorter, in the tree of
// [SumTree]. So it has the bits that the reductions of slices have:
//
//	Sum       Reduce(x, BlockSum[float64], func(a, b float64) float64 { return a + b })
//	Moments   Reduce(x, MomentsOf[float64], Merge)
//	Max       Reduce(x, Max[float64], func(a, b float64) float64 { return max(a, b) })
//
// of must not keep its argument. Of no elements it is what of says of an empty slice.
func Reduce[T, R any](x View[T], of func(x []T) R, merge func(a, b R) R) R {
	c := withRoom(x.joined())
	defer c.leave()
	return reduceTree(x.n, func(n int) R { return of(c.read(n, c.room)) }, merge)
}

// Reduce2 is [Reduce] for two views of one shape: Dot by BlockDot[float64].
func Reduce2[T, U, R any](x View[T], y View[U], of func(x []T, y []U) R, merge func(a, b R) R) R {
	sameAxes(&x, &y)
	a, b := withRoom(x.joined()), withRoom(y.joined())
	defer a.leave()
	defer b.leave()
	return reduceTree(x.n, func(n int) R { return of(a.read(n, a.room), b.read(n, b.room)) }, merge)
}

// reduceTree merges what of says of the blocks of n elements.
func reduceTree[R any](n int, of func(n int) R, merge func(a, b R) R) R {
	var level [64]R
	var used uint64
	for {
		m := min(n, SumBlock)
		r := of(m)
		n -= m
		k := 0
		for ; used>>k&1 != 0; k++ {
			r = merge(level[k], r)
			used &^= 1 << k
		}
		if n == 0 {
			for k++; used>>k != 0; k++ { // what is left merges from the right
				if used>>k&1 != 0 {
					r = merge(level[k], r)
				}
			}
			return r
		}
		level[k], used = r, used|1<<k
	}
}
