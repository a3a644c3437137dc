package expr

// call types a function call by the kind of the function.
func (b *builder) call(s *syntax) (value, error) {
	switch f := s.fn; f.kind {
	case fnFloat, fnKeep, fnRounding, fnPredicate, fnCast:
		x, err := b.expression(s.bound[0])
		if err != nil {
			return x, err
		}
		return b.unaryCall(s, x)
	case fnBinary, fnFloatPair:
		x, err := b.expression(s.bound[0])
		if err != nil {
			return x, err
		}
		y, err := b.expression(s.bound[1])
		if err != nil {
			return y, err
		}
		if f.kind == fnBinary {
			return b.binary(s, f.op, x, y, false)
		}
		dt, _ := common(x, y)
		if !dt.isFloat() {
			dt = Float64
		}
		return b.elementwise(s, f.op, dt, dt, x, y)
	case fnClip:
		return b.clip(s)
	case fnWhere:
		return b.where(s)
	case fnReduce, fnDot, fnQuantile:
		return b.reduce(s)
	case fnHistogram:
		return b.histogram(s)
	case fnScan, fnDiff:
		return b.scan(s)
	case fnLen:
		return b.length(s)
	}
	return b.generate(s)
}

// unaryCall types the elementwise functions of one argument. As in NumPy the result of a function is typed even when
// its argument is a Python number.
func (b *builder) unaryCall(s *syntax, x value) (value, error) {
	x.weak = false
	in, out := x.dt, x.dt
	switch s.fn.kind {
	case fnCast:
		v := b.cast(x, s.fn.dt)
		v.src = s
		return v, nil
	case fnFloat, fnPredicate:
		if s.fn.op == opReciprocal && x.dt == Int64 {
			return x, b.fail(s, "the reciprocal of an integer is 0 in integers; write 1/%s", b.text(x.src))
		}
		if !in.isFloat() {
			in = Float64
		}
		out = in
		if s.fn.kind == fnPredicate {
			out = Bool
		}
	case fnRounding:
		if !in.isFloat() {
			x.src = s
			return x, nil
		}
	case fnKeep:
		if in == Bool {
			if s.fn.op != opAbs {
				return x, b.fail(s, "%s does not work on a mask; write %s(int64(mask))", s.text, s.text)
			}
			x.src = s
			return x, nil
		}
		if s.text == "fabs" && in == Int64 {
			in, out = Float64, Float64
		}
	}
	return b.elementwise(s, s.fn.op, in, out, x)
}

// clip types clip(x, lo, hi): minimum(maximum(x, lo), hi).
func (b *builder) clip(s *syntax) (value, error) {
	var v [3]value
	for i := range v {
		var err error
		if v[i], err = b.expression(s.bound[i]); err != nil {
			return v[i], err
		}
	}
	dt := clipType(v)
	if dt.isFloat() && !v[0].scalar && v[1].scalar && v[2].scalar {
		return b.elementwise(s, opClamp, dt, dt, v[0], v[1], v[2])
	}
	low, err := b.elementwise(s, opMaximum, dt, dt, v[0], v[1])
	if err != nil {
		return low, err
	}
	return b.elementwise(s, opMinimum, dt, dt, low, v[2])
}

// clipType is the common type of the three arguments, at least an integer.
func clipType(v [3]value) DType {
	dt, weak := common(v[0], v[1])
	dt, _ = common(value{dt: dt, weak: weak}, v[2])
	return atLeastInteger(dt)
}

// atLeastInteger makes integers of masks.
func atLeastInteger(dt DType) DType {
	if dt == Bool {
		return Int64
	}
	return dt
}

// where types where(mask, a, b).
func (b *builder) where(s *syntax) (value, error) {
	m, err := b.expression(s.bound[0])
	if err != nil {
		return m, err
	}
	x, err := b.expression(s.bound[1])
	if err != nil {
		return x, err
	}
	y, err := b.expression(s.bound[2])
	if err != nil {
		return y, err
	}
	dt, _ := common(x, y)
	out, err := b.unify(s, &m, &x, &y)
	if err != nil {
		return out, err
	}
	m, x, y = b.cast(m, Bool), b.cast(x, dt), b.cast(y, dt)
	out.dt = dt
	if bits, known := b.g.constantBits(m.id); known {
		chosen := x
		if bits == 0 {
			chosen = y
		}
		if chosen.scalar == out.scalar {
			out.id = chosen.id
			return out, nil
		}
	}
	out.id, err = b.g.apply(opSelect, dt, m.id, x.id, y.id)
	return out, err
}

// scan types diff, cumsum and cumprod.
func (b *builder) scan(s *syntax) (value, error) {
	x, err := b.expression(s.bound[0])
	if err != nil {
		return x, err
	}
	if x.scalar {
		return x, b.fail(s, "%s needs an array, %s is a number", s.text, b.text(x.src))
	}
	if x.mask != noNode {
		return x, b.fail(s, "%s of a masked selection is not supported; assign the selection to a name in a line of its own", s.text)
	}
	out := x
	out.src, out.weak = s, false
	if s.fn.kind == fnDiff {
		if len(x.shape) != 1 {
			return x, b.fail(s, "diff needs a one-dimensional array, %s has shape %s", b.text(x.src), shapeString(x.shape))
		}
		out.n = max(x.n-1, 0)
		out.shape = []int{out.n}
		out.id, err = b.g.apply(opDiff, x.dt, x.id)
		return out, err
	}
	if x.dt == Bool {
		x = b.cast(x, Int64)
	}
	out.dt, out.shape = x.dt, []int{x.n} // NumPy, too, flattens for a running sum over everything
	out.id, err = b.g.apply(s.fn.op, x.dt, x.id)
	return out, err
}

// length types len(x): what Python's len gives, or the number of selected elements.
func (b *builder) length(s *syntax) (value, error) {
	x, err := b.expression(s.bound[0])
	if err != nil {
		return x, err
	}
	if x.scalar {
		return x, b.fail(s, "len needs an array, %s is a number", b.text(x.src))
	}
	if x.mask == noNode {
		return b.scalarOf(s, Int64, uint64(x.shape[0]), true), nil
	}
	v := b.reduction(s, redCount, reducer{kind: kindCount, x: x.mask, mask: noNode, n: x.n, dt: Bool}, Int64, 0)
	v.weak = true
	return v, nil
}
