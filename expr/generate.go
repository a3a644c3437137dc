package expr

import "math"

// generate types the calls that make an array from numbers.
func (b *builder) generate(s *syntax) (value, error) {
	switch s.fn.kind {
	case fnRandom:
		n, err := b.size(s.bound[0], s.text+"'s n")
		if err != nil {
			return value{}, err
		}
		nd := node{op: s.fn.op, dt: Float64, args: noArgs, imm: [3]int64{int64(s.stream), 0, 1}}
		for i, def := range [2]float64{0, 1} {
			if s.fn.op != opNormal {
				break
			}
			nd.args[i] = b.g.constant(Float64, math.Float64bits(def))
			if arg := s.bound[1+i]; arg != nil {
				v, err := b.number(arg, "normal's "+[2]string{"mean", "std"}[i])
				if err != nil {
					return v, err
				}
				if bits, known := b.g.constantBits(v.id); i == 1 && known && math.Float64frombits(bits) < 0 {
					return v, b.fail(arg, "normal's std must not be negative, %s is %v", b.text(arg), math.Float64frombits(bits))
				}
				nd.args[i] = v.id
			}
		}
		return b.generated(s, nd, n), nil
	case fnArange:
		return b.arange(s)
	case fnLinspace:
		return b.linspace(s)
	}
	return b.bootstrap(s)
}

// generated is the value of a leaf of n elements.
func (b *builder) generated(s *syntax, nd node, n int) value {
	return value{id: b.g.add(nd, 0), dt: nd.dt, shape: []int{n}, n: n, mask: noNode, src: s}
}

// sizeMax bounds what one line may ask for: 2^44 elements are 128 TiB of float64.
const sizeMax = 1 << 44

// size evaluates a number of elements.
func (b *builder) size(s *syntax, what string) (int, error) {
	n, err := b.whole(s, what)
	if err == nil && (n < 0 || n > sizeMax) {
		err = b.fail(s, "%s must be between 0 and 2**44, %s is %d", what, b.text(s), n)
	}
	return n, err
}

func (b *builder) linspace(s *syntax) (value, error) {
	num := 50
	if s.bound[2] != nil {
		var err error
		if num, err = b.size(s.bound[2], "linspace's num"); err != nil {
			return value{}, err
		}
	}
	nd := node{op: opLinspace, dt: Float64, args: noArgs, imm: [3]int64{int64(num), 0, 1}}
	for i, what := range [2]string{"linspace's start", "linspace's stop"} {
		v, err := b.number(s.bound[i], what)
		if err != nil {
			return v, err
		}
		nd.args[i] = v.id
	}
	return b.generated(s, nd, num), nil
}

// arange types arange(stop), arange(start, stop) and arange(start, stop, step), of integers or of floats.
func (b *builder) arange(s *syntax) (value, error) {
	var v [3]value
	dt := Int64
	for i := range v {
		v[i] = b.scalarOf(s, Int64, uint64(i/2), true) // 0, -, 1
		if s.bound[i] == nil {
			continue
		}
		x, err := b.expression(s.bound[i])
		if err != nil {
			return x, err
		}
		if _, known := b.g.constantBits(x.id); !known || x.dt == Bool {
			return x, b.fail(s.bound[i], "arange needs numbers known before the run, %s is not; compute it in a line of its own", b.text(s.bound[i]))
		}
		if x.dt.isFloat() {
			dt = Float64
		}
		v[i] = x
	}
	if s.bound[1] == nil {
		v[0], v[1] = b.scalarOf(s, Int64, 0, true), v[0]
	}
	var bits [3]uint64
	var f [3]float64
	for i := range v {
		bits[i], _ = b.g.constantBits(b.cast(v[i], dt).id)
		fb, _ := b.g.constantBits(b.cast(v[i], Float64).id)
		f[i] = math.Float64frombits(fb)
	}
	count := math.Ceil((f[1] - f[0]) / f[2])
	if f[2] != 0 && count > sizeMax {
		return v[0], b.fail(s, "arange from %v to %v by %v has more than %d elements; choose a larger step", f[0], f[1], f[2], sizeMax)
	}
	if f[2] == 0 || math.IsNaN(count) {
		return v[0], b.fail(s, "arange from %v to %v by %v has no end; choose another step", f[0], f[1], f[2])
	}
	step := bits[2]
	if dt == Float64 { // NumPy steps by the difference of the first two elements
		step = math.Float64bits((f[0] + f[2]) - f[0])
	}
	nd := node{op: opArange, dt: dt, args: noArgs, imm: [3]int64{0, 0, 1}}
	nd.args[0], nd.args[1] = b.g.constant(dt, bits[0]), b.g.constant(dt, step)
	return b.generated(s, nd, max(int(count), 0)), nil
}

// bootstrap types bootstrap(r, paths, horizon): r is read at random, so it must be an array in memory.
func (b *builder) bootstrap(s *syntax) (value, error) {
	r, err := b.expression(s.bound[0])
	if err != nil {
		return r, err
	}
	paths, err := b.size(s.bound[1], "bootstrap's paths")
	if err != nil {
		return r, err
	}
	horizon, err := b.size(s.bound[2], "bootstrap's horizon")
	if err != nil {
		return r, err
	}
	switch {
	case r.scalar:
		return r, b.fail(s.bound[0], "bootstrap draws from an array, %s is a number", b.text(r.src))
	case r.n == 0 && paths > 0:
		return r, b.fail(s.bound[0], "bootstrap cannot draw from %s, it is empty", b.text(r.src))
	case horizon > 1<<30 || paths > 0 && horizon > math.MaxInt64/paths:
		return r, b.fail(s.bound[2], "bootstrap's horizon must be at most 2**30, %s is %d", b.text(s.bound[2]), horizon)
	}
	r = b.asFloat(r)
	source, level := b.inPlace(r)
	nd := node{op: opBootstrap, dt: r.dt, args: noArgs, imm: [3]int64{int64(s.stream), 0, int64(horizon)<<16 | int64(source)}}
	v := b.generated(s, nd, paths)
	b.g.level[v.id] = max(b.g.level[v.id], level)
	b.faults[v.id] = s
	return v, nil
}

// inPlace returns an array that holds v as it is: the array it was loaded from, or one written for the purpose.
func (b *builder) inPlace(v value) (array, level int) {
	n := b.g.nodes[v.id]
	if n.op == opLoad && v.mask == noNode && n.imm[1] == 0 && n.imm[2] == 1 {
		if a := &b.arrays[n.imm[0]]; a.DType == v.dt && a.N == v.n {
			return int(n.imm[0]), b.g.level[v.id]
		}
	}
	return b.materialise(v)
}
