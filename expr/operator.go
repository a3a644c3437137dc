package expr

import (
	"math"
	"math/bits"
)

// unary types + - ~.
func (b *builder) unary(s *syntax) (value, error) {
	x, err := b.expression(s.args[0])
	if err != nil {
		return x, err
	}
	switch {
	case s.text == "~" && x.dt == Bool:
		return b.elementwise(s, opNot, Bool, Bool, x)
	case s.text == "~" && x.dt == Int64:
		v, err := b.elementwise(s, opNot, Int64, Int64, x)
		v.weak = x.weak
		return v, err
	case s.text == "~":
		return x, b.fail(s, "~ works on masks and integers, %s is %s; compare first, as in ~(x > 0)", b.text(x.src), x.dt)
	case x.dt == Bool:
		return x, b.fail(s, "%s does not work on a mask; use ~ to invert it or int64(mask) to count with it", s.text)
	case s.text == "+":
		x.src = s
		return x, nil
	}
	if bits, known := b.g.constantBits(x.id); known && x.weak && x.dt == Int64 && int64(bits) == math.MinInt64 {
		return x, b.tooLarge(s)
	}
	v, err := b.elementwise(s, opNeg, x.dt, x.dt, x)
	v.weak = x.weak
	return v, err
}

func (b *builder) tooLarge(s *syntax) error {
	return b.fail(s, "%s does not fit in 64 bits; write one of the numbers as a float, such as 2.0", b.text(s))
}

// binary types an operator, or a function of two arguments that is typed like one. An operator between two Python
// numbers gives a Python number, a function gives a typed one.
func (b *builder) binary(s *syntax, o op, x, y value, operator bool) (value, error) {
	dt, weak := common(x, y)
	weak = weak && operator
	result := dt
	switch {
	case o.isCompare():
		if dt == Bool {
			dt = Int64
		}
		return b.elementwise(s, o, dt, Bool, x, y)
	case o == opAnd || o == opOr || o == opXor:
		if dt.isFloat() {
			bad := x
			if !x.dt.isFloat() {
				bad = y
			}
			return x, b.fail(s, "%s works on masks and integers, %s is %s; put comparisons in parentheses, as in (a > 0) %s (b < 1)",
				s.text, b.text(bad.src), bad.dt, s.text)
		}
	case dt == Bool:
		switch o {
		case opAdd, opMaximum:
			o = opOr
		case opMul, opMinimum:
			o = opAnd
		case opSub:
			return x, b.fail(s, "masks cannot be subtracted; use ^ for what differs or int64(mask) to count with it")
		case opDiv:
			dt, result = Float64, Float64
		default:
			dt, result = Int64, Int64
		}
	case o == opDiv && dt == Int64:
		dt, result = Float64, Float64
	}
	if o == opPow && dt == Int64 {
		if e, known := b.g.constantBits(y.id); known && int64(e) < 0 {
			if !x.weak || !y.weak {
				return x, b.fail(s, "integers to a negative power are not integers; write %s**%d.0 or float64(%s)**%d",
					b.text(x.src), int64(e), b.text(x.src), int64(e))
			}
			dt, result = Float64, Float64
		}
	}
	if err := b.pythonFault(s, o, dt, x, y); err != nil {
		return x, err
	}
	v, err := b.elementwise(s, o, dt, result, x, y)
	v.weak = weak
	return v, err
}

// pythonFault reports what Python refuses between two of its own numbers: dividing by zero, a complex power; and what
// it would carry on with in more than 64 bits.
func (b *builder) pythonFault(s *syntax, o op, dt DType, x, y value) error {
	if !x.weak || !y.weak {
		return nil
	}
	xb, xk := b.g.constantBits(b.g.cast(x.id, dt, b.raw))
	yb, yk := b.g.constantBits(b.g.cast(y.id, dt, b.raw))
	if !xk || !yk {
		return nil
	}
	if dt == Float64 {
		xf, yf := math.Float64frombits(xb), math.Float64frombits(yb)
		switch {
		case yf == 0 && (o == opDiv || o == opFloorDiv || o == opMod), xf == 0 && yf < 0 && o == opPow:
			return b.fail(s, "division by zero in %s; write inf or nan where it is meant", b.text(s))
		case o == opPow && xf < 0 && yf != math.Trunc(yf) && !math.IsInf(xf, 0):
			return b.fail(s, "%s is complex; complex numbers are not supported", b.text(s))
		}
		return nil
	}
	xi, yi := int64(xb), int64(yb)
	switch o {
	case opFloorDiv, opMod:
		if yi == 0 {
			return b.fail(s, "division by zero in %s; write inf or nan where it is meant", b.text(s))
		}
		if xi == math.MinInt64 && yi == -1 {
			return b.tooLarge(s)
		}
	case opAdd:
		if sum := xi + yi; (sum > xi) != (yi > 0) && yi != 0 {
			return b.tooLarge(s)
		}
	case opSub:
		if diff := xi - yi; (diff < xi) != (yi > 0) && yi != 0 {
			return b.tooLarge(s)
		}
	case opMul:
		if mulOverflows(xi, yi) {
			return b.tooLarge(s)
		}
	case opPow:
		p := int64(1)
		for i := int64(0); i < yi && xi != 0 && xi != 1 && xi != -1; i++ {
			if mulOverflows(p, xi) {
				return b.tooLarge(s)
			}
			p *= xi
		}
	}
	return nil
}

func mulOverflows(x, y int64) bool {
	if x == 0 || y == 0 {
		return false
	}
	negative := (x < 0) != (y < 0)
	hi, lo := bits.Mul64(magnitude(x), magnitude(y))
	return hi != 0 || lo > 1<<63 || lo == 1<<63 && !negative
}

func magnitude(x int64) uint64 {
	if x < 0 {
		return -uint64(x)
	}
	return uint64(x)
}
