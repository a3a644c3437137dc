package expr

import "fmt"

// index types x[mask], x[i] and x[start:stop:step].
func (b *builder) index(s *syntax) (value, error) {
	x, err := b.expression(s.args[0])
	if err != nil {
		return x, err
	}
	if x.scalar {
		return x, b.fail(s, "%s is a number and cannot be indexed; remove the brackets", b.text(s.args[0]))
	}
	at := s.args[1]
	if at.kind == synSlice {
		return b.slice(s, x, at)
	}
	i, err := b.expression(at)
	if err != nil {
		return i, err
	}
	switch {
	case i.dt == Bool && !i.scalar:
		return b.masked(s, x, i)
	case !i.scalar:
		return x, b.fail(at, "indexing by an array of %s is not supported; select with a mask such as %s[%s > 0]", i.dt, b.text(s.args[0]), b.text(s.args[0]))
	case i.dt != Int64:
		return x, b.fail(at, "an index must be an integer or a mask, %s is %s", b.text(at), i.dt)
	}
	k, err := b.whole(at, "an index")
	if err != nil {
		return x, err
	}
	n := x.shape[0]
	if k < -n || k >= n {
		return x, b.fail(at, "index %d is out of range for %s of length %d", k, b.text(s.args[0]), n)
	}
	if k < 0 {
		k += n
	}
	row, err := b.view(s, x, k, 1, 1)
	if err != nil {
		return row, err
	}
	if len(x.shape) == 1 {
		return b.item(s, row)
	}
	row.shape = x.shape[1:]
	return row, nil
}

// masked types x[mask]: it costs nothing yet, reductions and further operations take the mask along.
func (b *builder) masked(s *syntax, x, m value) (value, error) {
	if m.mask != x.mask || !sameShape(m.shape, x.shape) {
		if m.mask == noNode && x.mask != noNode {
			return x, b.fail(s, "%s is a masked selection and its mask is not; join the masks with &", b.text(s.args[0]))
		}
		return x, b.fail(s, "shapes do not match: %s at column %d has %s, the mask at column %d has %s",
			b.text(s.args[0]), s.args[0].col, shapeString(x.shape), s.args[1].col, shapeString(m.shape))
	}
	mask, err := b.both(x.mask, m.id)
	x.mask, x.shape, x.src = mask, []int{x.n}, s
	return x, err
}

// slice types x[start:stop:step] along the first axis, with Python's clipping and negative places.
func (b *builder) slice(s *syntax, x value, sl *syntax) (value, error) {
	n := x.shape[0]
	step := 1
	var err error
	if sl.args[2] != nil {
		if step, err = b.whole(sl.args[2], "a slice's step"); err != nil {
			return x, err
		}
		if step == 0 {
			return x, b.fail(sl.args[2], "a slice's step cannot be 0; leave it out or write 1")
		}
	}
	start, stop := 0, n
	lowest, highest := 0, n
	if step < 0 {
		start, stop = n-1, -1
		lowest, highest = -1, n-1
	}
	for i, end := range [2]*int{&start, &stop} {
		if sl.args[i] == nil {
			continue
		}
		k, err := b.whole(sl.args[i], "a slice's "+[2]string{"start", "stop"}[i])
		if err != nil {
			return x, err
		}
		if k < 0 {
			k += n
		}
		*end = min(max(k, lowest), highest)
	}
	count := 0
	switch {
	case step > 0 && stop > start:
		count = (stop-start-1)/step + 1
	case step < 0 && stop < start:
		count = (start-stop-1)/-step + 1
	}
	if count == 0 {
		start, step = 0, 1
	}
	return b.view(s, x, start, step, count)
}

// view is count rows of x from row start on, step rows apart.
func (b *builder) view(s *syntax, x value, start, step, count int) (value, error) {
	if x.mask != noNode {
		return x, b.fail(s, "%s is a masked selection, whose length only the run can tell; assign it to a name in a line of its own, then index that",
			b.text(s.args[0]))
	}
	row := elements(x.shape[1:])
	if len(x.shape) > 1 && step != 1 {
		return x, b.fail(s, "a step is supported for one-dimensional arrays only, %s has shape %s", b.text(s.args[0]), shapeString(x.shape))
	}
	out := x
	out.src, out.weak = s, false
	out.shape = append([]int{count}, x.shape[1:]...)
	out.n = count * row
	if out.n == 0 {
		start = 0
	}
	moved := map[viewKey]nodeID{}
	id, ok := b.g.view(x.id, int64(start*row), int64(step), moved)
	for from, to := range moved {
		if call := b.faults[from.id]; call != nil && to != noNode {
			b.faults[to] = call
		}
	}
	if !ok { // a running sum: its elements depend on all before, so it is written out once
		array, level := b.materialise(x)
		at := b.load(array, level)
		if id, ok = b.g.view(at.id, int64(start*row), int64(step), map[viewKey]nodeID{}); !ok {
			return x, fmt.Errorf("expr: array %d cannot be sliced", array)
		}
	}
	out.id = id
	return out, nil
}
