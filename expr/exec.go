package expr

import "github.com/shmath/shmath/kernels"

// exec runs one instruction on the tile of n elements that starts at element at of the domain.
func (f *Frame) exec(in *instr, at, n int) error {
	m := n + int(in.ext)
	switch {
	case in.op == opLoad:
		f.load(in, at, m)
		return nil
	case in.op == opRepeat:
		f.repeat(in, at, m)
		return nil
	case in.op == opUniform || in.op == opNormal || in.op == opBootstrap || in.op == opArange || in.op == opLinspace:
		return f.generate(in, at, m)
	case in.op == opSplat:
		f.fillScalar(in.out, in.dst, in.s, m)
		return nil
	case in.op == opCast || in.op == opToBool:
		f.convert(in, m)
		return nil
	case in.op == opSelect:
		f.selectTile(in, m)
		return nil
	}
	switch in.in {
	case Bool:
		f.execBool(in, m)
	case Int64:
		return f.execInt(in, n)
	case Float32:
		execFloat(f, &f.f32, in, n)
	default:
		execFloat(f, &f.f64, in, n)
	}
	return nil
}

func execFloat[T kernels.Float](f *Frame, b *bank[T], in *instr, n int) {
	m := n + int(in.ext)
	switch {
	case in.op.isCompare():
		dst := f.b.cur[in.dst][:m]
		switch in.form {
		case formRight:
			compareScalar(in.op, dst, b.cur[in.a][:m], scalar[T](f, in.in, in.s))
		case formLeft:
			compareScalar(mirrored(in.op), dst, b.cur[in.b][:m], scalar[T](f, in.in, in.s))
		default:
			compare(in.op, dst, b.cur[in.a][:m], b.cur[in.b][:m])
		}
		return
	case in.op.isPredicate():
		predicate(in.op, f.b.cur[in.dst][:m], b.cur[in.a][:m])
		return
	case in.op.isScan():
		scanTile(b, in, n)
		return
	}
	dst := b.cur[in.dst][:m]
	switch {
	case in.op == opNone:
		copy(dst, b.cur[in.a][:m])
	case in.op == opDiff:
		kernels.Diff(dst, b.cur[in.a][:m+1])
	case in.op == opStream:
		kernels.Stream(dst, b.cur[in.a][:m])
	case in.op == opHorner:
		b.coefs = b.coefs[:0]
		for _, s := range in.coefs {
			b.coefs = append(b.coefs, scalar[T](f, in.in, s))
		}
		kernels.Horner(dst, b.cur[in.a][:m], b.coefs)
	case in.op == opClamp:
		kernels.Clamp(dst, b.cur[in.a][:m], scalar[T](f, in.in, in.s), scalar[T](f, in.in, in.s2))
	case in.form == formRight:
		floatScalar(in.op, dst, b.cur[in.a][:m], scalar[T](f, in.in, in.s))
	case in.form == formLeft:
		scalarFloat(in.op, dst, scalar[T](f, in.in, in.s), b.cur[in.b][:m])
	case in.op >= opAdd && in.op <= opCopysign:
		binaryFloat(in.op, dst, b.cur[in.a][:m], b.cur[in.b][:m])
	default:
		unaryFloat(in.op, dst, b.cur[in.a][:m])
	}
}

func (f *Frame) execInt(in *instr, n int) error {
	b, m := &f.i64, n+int(in.ext)
	if in.op.isCompare() {
		dst := f.b.cur[in.dst][:m]
		switch in.form {
		case formRight:
			compareScalar(in.op, dst, b.cur[in.a][:m], int64(f.scalars[in.s]))
		case formLeft:
			compareScalar(mirrored(in.op), dst, b.cur[in.b][:m], int64(f.scalars[in.s]))
		default:
			compare(in.op, dst, b.cur[in.a][:m], b.cur[in.b][:m])
		}
		return nil
	}
	if in.op.isScan() {
		scanInts(b, in, n)
		return nil
	}
	dst := b.cur[in.dst][:m]
	switch {
	case in.op == opNone:
		copy(dst, b.cur[in.a][:m])
	case in.op == opDiff:
		kernels.Diff(dst, b.cur[in.a][:m+1])
	case in.op >= opAdd && in.op <= opCopysign || in.op == opAnd || in.op == opOr || in.op == opXor:
		return binaryInt(in.op, dst, b.cur[in.a][:m], b.cur[in.b][:m])
	default:
		unaryInt(in.op, dst, b.cur[in.a][:m])
	}
	return nil
}

func (f *Frame) execBool(in *instr, m int) {
	b := &f.b
	dst, x := b.cur[in.dst][:m], b.cur[in.a]
	switch in.op {
	case opNone:
		copy(dst, x[:m])
	case opDiff:
		kernels.Xor(dst, x[1:m+1], x[:m])
	case opAnd:
		kernels.And(dst, x[:m], b.cur[in.b][:m])
	case opOr:
		kernels.Or(dst, x[:m], b.cur[in.b][:m])
	case opXor:
		kernels.Xor(dst, x[:m], b.cur[in.b][:m])
	case opNot:
		kernels.Not(dst, x[:m])
	default:
		panic(panicOp)
	}
}

// selectTile chooses between two arrays by a mask.
func (f *Frame) selectTile(in *instr, m int) {
	mask := f.b.cur[in.a][:m]
	switch in.out {
	case Bool:
		dst, x, y := f.b.cur[in.dst][:m], f.b.cur[in.b][:m], f.b.cur[in.c][:m]
		for i, c := range mask {
			dst[i] = c && x[i] || !c && y[i]
		}
	case Int64:
		kernels.Select(f.i64.cur[in.dst][:m], mask, f.i64.cur[in.b][:m], f.i64.cur[in.c][:m])
	case Float32:
		kernels.Select(f.f32.cur[in.dst][:m], mask, f.f32.cur[in.b][:m], f.f32.cur[in.c][:m])
	default:
		kernels.Select(f.f64.cur[in.dst][:m], mask, f.f64.cur[in.b][:m], f.f64.cur[in.c][:m])
	}
}

// fillScalar sets a slot to one scalar.
func (f *Frame) fillScalar(dt DType, slot, at int32, m int) {
	switch dt {
	case Bool:
		v := f.scalars[at] != 0
		dst := f.b.cur[slot][:m]
		for i := range dst {
			dst[i] = v
		}
	case Int64:
		kernels.Fill(f.i64.cur[slot][:m], int64(f.scalars[at]))
	case Float32:
		kernels.Fill(f.f32.cur[slot][:m], scalar[float32](f, dt, at))
	default:
		kernels.Fill(f.f64.cur[slot][:m], scalar[float64](f, dt, at))
	}
}

// convert changes the type of a tile.
func (f *Frame) convert(in *instr, m int) {
	switch in.in {
	case Bool:
		x := f.b.cur[in.a][:m]
		switch in.out {
		case Int64:
			kernels.BoolTo(f.i64.cur[in.dst][:m], x)
		case Float32:
			kernels.BoolTo(f.f32.cur[in.dst][:m], x)
		default:
			kernels.BoolTo(f.f64.cur[in.dst][:m], x)
		}
	case Int64:
		convertFrom(f, in, f.i64.cur[in.a][:m], m)
	case Float32:
		convertFrom(f, in, f.f32.cur[in.a][:m], m)
	default:
		convertFrom(f, in, f.f64.cur[in.a][:m], m)
	}
}

func convertFrom[S kernels.Number](f *Frame, in *instr, x []S, m int) {
	switch in.out {
	case Bool:
		kernels.ToBool(f.b.cur[in.dst][:m], x)
	case Int64:
		kernels.Convert(f.i64.cur[in.dst][:m], x)
	case Float32:
		kernels.Convert(f.f32.cur[in.dst][:m], x)
	default:
		kernels.Convert(f.f64.cur[in.dst][:m], x)
	}
}
