package expr

// histogram types histogram(x, bins, range): an array of counts.
func (b *builder) histogram(s *syntax) (value, error) {
	x, err := b.expression(s.bound[0])
	if err != nil {
		return x, err
	}
	if x.scalar {
		return x, b.fail(s, "histogram needs an array, %s is a number", b.text(s.bound[0]))
	}
	r := reducer{kind: kindHistogram, y: noNode, n: x.n, bins: 10}
	if arg := s.bound[1]; arg != nil {
		if r.bins, err = b.whole(arg, "histogram's bins"); err != nil {
			return x, err
		}
		if r.bins < 1 || r.bins > 1<<24 {
			return x, b.fail(arg, "histogram's bins must be between 1 and 2**24, %s is %d", b.text(arg), r.bins)
		}
	}
	if r.mask, err = b.selection(s, x); err != nil {
		return x, err
	}
	x = b.asFloat(x)
	r.x, r.dt = x.id, x.dt
	if err := b.histogramRange(s, x, &r); err != nil {
		return x, err
	}
	for i, old := range b.reducers {
		r.array = old.array
		if old == r {
			return b.counts(s, i), nil
		}
	}
	r.array = len(b.arrays)
	b.arrays = append(b.arrays, Array{Kind: Temp, DType: Int64, Shape: []int{r.bins}, N: r.bins})
	at := b.addReducer(r)
	b.ranges[at] = s
	return b.counts(s, at), nil
}

// histogramRange evaluates range=(lo, hi), by default the least and the greatest element.
func (b *builder) histogramRange(s *syntax, x value, r *reducer) error {
	ends := [2]*nodeID{&r.lo, &r.hi}
	arg := s.bound[2]
	if arg != nil && arg.kind != synTuple {
		return b.fail(arg, "histogram's range takes two values; write range=(lo, hi)")
	}
	for i, red := range [2]reduction{redMin, redMax} {
		switch {
		case arg != nil:
			v, err := b.number(arg.args[i], "histogram's range")
			if err != nil {
				return err
			}
			*ends[i] = b.cast(v, x.dt).id
		case x.n == 0:
			*ends[i] = b.cast(b.scalarOf(s, Int64, uint64(i), true), x.dt).id
		default:
			e := reducer{kind: [2]reducerKind{kindMin, kindMax}[i], x: x.id, mask: r.mask, n: x.n, dt: x.dt}
			*ends[i] = b.reduction(s, red, e, x.dt, 0).id
		}
	}
	lo, okLo := b.g.constantBits(r.lo)
	hi, okHi := b.g.constantBits(r.hi)
	if okLo && okHi {
		if l, h, ok := histogramRange(x.dt, lo, hi); !ok {
			return b.fail(s, "histogram's range must be finite and increasing, and wide enough for bins; it is from %v to %v", l, h)
		}
	}
	return nil
}

// counts is the array that a histogram leaves.
func (b *builder) counts(s *syntax, at int) value {
	r := b.reducers[at]
	v := b.load(r.array, b.levelOf(&r)+1)
	v.src = s
	return v
}
