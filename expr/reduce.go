package expr

import "math"

// item is the one element of a value.
func (b *builder) item(s *syntax, v value) (value, error) {
	return b.reduction(s, redItem, reducer{kind: kindItem, x: v.id, mask: noNode, n: 1, dt: v.dt}, v.dt, 0), nil
}

// selection evaluates the where= argument of a reduction of x, and joins it with the mask that x carries.
func (b *builder) selection(s *syntax, x value) (mask nodeID, err error) {
	arg := s.argument("where")
	if arg == nil {
		return x.mask, nil
	}
	w, err := b.expression(arg)
	if err != nil {
		return noNode, err
	}
	if w.dt != Bool {
		return noNode, b.fail(arg, "where= needs a mask, %s is %s; compare first, as in where=x > 0", b.text(arg), w.dt)
	}
	if w.scalar {
		if bits, known := b.g.constantBits(w.id); known && bits != 0 {
			return x.mask, nil
		}
		w.id, w.shape, w.n, w.mask, w.scalar = b.splat(w), x.shape, x.n, x.mask, false
	}
	if w.mask == noNode && x.mask != noNode && w.n == x.n {
		return noNode, b.fail(arg, "%s is a masked selection and %s is not; put both masks in where=, joined by &", b.text(x.src), b.text(arg))
	}
	shape := x.shape
	if _, err = b.unify(arg, &x, &w); err != nil {
		return noNode, err
	}
	if !sameShape(x.shape, shape) {
		return noNode, b.fail(arg, "shapes do not match: %s at column %d has %s, where=%s has %s; the mask must not have more elements",
			b.text(x.src), b.column(x.src), shapeString(shape), b.text(arg), shapeString(w.shape))
	}
	return b.both(x.mask, w.id)
}

// both joins two masks; noNode selects everything.
func (b *builder) both(x, y nodeID) (nodeID, error) {
	if x == noNode || x == y {
		return y, nil
	}
	if y == noNode {
		return x, nil
	}
	return b.g.apply(opAnd, Bool, x, y)
}

// splat makes an array of a scalar.
func (b *builder) splat(v value) nodeID {
	return b.g.add(node{op: opSplat, dt: v.dt, args: [3]nodeID{v.id, noNode, noNode}}, 0)
}

// reduce types the reducing functions.
func (b *builder) reduce(s *syntax) (value, error) {
	x, err := b.expression(s.bound[0])
	if err != nil {
		return x, err
	}
	if x.scalar {
		return x, b.fail(s, "%s needs an array, %s is a number", s.text, b.text(s.bound[0]))
	}
	r := reducer{n: x.n}
	masked := x.mask != noNode
	if s.fn.kind == fnDot {
		y, err := b.expression(s.bound[1])
		if err != nil {
			return y, err
		}
		if y.scalar {
			return y, b.fail(s.bound[1], "dot needs two arrays, %s is a number", b.text(s.bound[1]))
		}
		return b.dot(s, x, y)
	}
	if r.mask, err = b.selection(s, x); err != nil {
		return x, err
	}
	if s.fn.kind == fnQuantile {
		return b.quantile(s, x, r)
	}
	red := s.fn.red
	result := x.dt
	ddof := 0.0
	switch red {
	case redSum, redProd:
		result = atLeastInteger(x.dt)
		if x.dt == Bool && red == redSum {
			red, r.kind = redCount, kindCount
		} else {
			x = b.cast(x, result)
			r.kind = [2][2]reducerKind{{kindSum, kindSumInt}, {kindProd, kindProdInt}}[oneIf(red == redProd)][oneIf(result == Int64)]
		}
	case redMean:
		x = b.asFloat(x)
		r.kind, result = kindSum, x.dt
	case redVar, redStd:
		x = b.asFloat(x)
		r.kind, result = kindMoments, x.dt
		if ddof, err = b.ddof(s); err != nil {
			return x, err
		}
	case redMin, redMax, redArgMin, redArgMax:
		r.kind = map[reduction]reducerKind{redMin: kindMin, redMax: kindMax, redArgMin: kindArgMin, redArgMax: kindArgMax}[red]
		x = b.cast(x, atLeastInteger(x.dt))
		if red == redArgMin || red == redArgMax {
			result = Int64
			if masked {
				ddof = 1 // marks the rank, not the index, as the result
			}
		}
	default: // count, any, all
		x = b.cast(x, Bool)
		r.kind, result = kindCount, Bool
		if red == redCount {
			result = Int64
		}
	}
	r.x, r.dt = x.id, x.dt
	return b.reduction(s, red, r, result, ddof), nil
}

// oneIf is 1 for true.
func oneIf(c bool) int {
	if c {
		return 1
	}
	return 0
}

// ddof evaluates the argument of that name.
func (b *builder) ddof(s *syntax) (float64, error) {
	arg := s.argument("ddof")
	if arg == nil {
		return 0, nil
	}
	v, err := b.number(arg, "ddof")
	if err != nil {
		return 0, err
	}
	bits, known := b.g.constantBits(v.id)
	if !known {
		return 0, b.fail(arg, "ddof must be known before the run, %s is not; write a number such as 1", b.text(arg))
	}
	return math.Float64frombits(bits), nil
}

func (b *builder) dot(s *syntax, x, y value) (value, error) {
	if !sameShape(x.shape, y.shape) {
		return y, b.fail(s, "shapes do not match: %s at column %d has %s, %s at column %d has %s; dot multiplies arrays of equal shape",
			b.text(x.src), b.column(x.src), shapeString(x.shape), b.text(y.src), b.column(y.src), shapeString(y.shape))
	}
	if _, err := b.unify(s, &x, &y); err != nil {
		return y, err
	}
	mask, err := b.selection(s, x)
	if err != nil {
		return x, err
	}
	dt, _ := common(x, y)
	if dt == Bool { // NumPy: whether any pair is true
		both, err := b.g.apply(opAnd, Bool, x.id, y.id)
		return b.reduction(s, redAny, reducer{kind: kindCount, x: both, mask: mask, n: x.n, dt: Bool}, Bool, 0), err
	}
	r := reducer{kind: kindDot, x: b.cast(x, dt).id, y: b.cast(y, dt).id, mask: mask, n: x.n, dt: dt}
	if dt == Int64 {
		r.kind = kindDotInt
	}
	return b.reduction(s, redDot, r, dt, 0), nil
}

// quantile types median, quantile and percentile. The result of integers is float64, of floats their own type.
func (b *builder) quantile(s *syntax, x value, r reducer) (value, error) {
	x = b.cast(x, atLeastInteger(x.dt))
	r.kind, r.x, r.dt = kindSelect, x.id, x.dt
	result := x.dt
	if !result.isFloat() {
		result = Float64
	}
	if s.fn.red == redMedian {
		r.median = true
		return b.reduction(s, redMedian, r, result, 0), nil
	}
	limit, name := 1.0, "q"
	if s.fn.red == redPercentile {
		limit = 100
	}
	v, err := b.number(s.bound[1], s.text+"'s "+name)
	if err != nil {
		return v, err
	}
	bits, known := b.g.constantBits(v.id)
	if !known {
		return v, b.fail(s.bound[1], "%s's q must be known before the run, %s is not; compute it in a line of its own", s.text, b.text(s.bound[1]))
	}
	if q := math.Float64frombits(bits); !(q >= 0 && q <= limit) {
		remedy := "; a percentage goes to percentile(x, q)"
		if s.fn.red == redPercentile {
			remedy = ""
		}
		return v, b.fail(s.bound[1], "%s's q must be between 0 and %v, %s is %v%s", s.text, limit, b.text(s.bound[1]), q, remedy)
	}
	r.q, r.percent = bits, s.fn.red == redPercentile
	return b.reduction(s, redQuantile, r, result, 0), nil
}
