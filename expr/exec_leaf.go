package expr

import (
	"errors"

	"github.com/shmath/shmath/kernels"
)

// load reads elements of an array that cannot be used where they lie: they are of another type, or not consecutive.
func (f *Frame) load(in *instr, at, m int) {
	start, step := int(in.imm[1])+at*int(in.imm[2]), int(in.imm[2])
	switch x := f.arrays[in.imm[0]].(type) {
	case []bool:
		dst := f.b.cur[in.dst][:m]
		for i := range dst {
			dst[i] = x[start+i*step]
		}
	case []int8:
		loadFrom(f, in, x, start, step, m)
	case []int16:
		loadFrom(f, in, x, start, step, m)
	case []int32:
		loadFrom(f, in, x, start, step, m)
	case []int64:
		loadFrom(f, in, x, start, step, m)
	case []uint8:
		loadFrom(f, in, x, start, step, m)
	case []uint16:
		loadFrom(f, in, x, start, step, m)
	case []uint32:
		loadFrom(f, in, x, start, step, m)
	case []uint64:
		loadFrom(f, in, x, start, step, m)
	case []float32:
		loadFrom(f, in, x, start, step, m)
	case []float64:
		loadFrom(f, in, x, start, step, m)
	default:
		panic(panicOperand)
	}
}

func loadFrom[S kernels.Number](f *Frame, in *instr, x []S, start, step, m int) {
	switch in.out {
	case Int64:
		loadTo(f.i64.cur[in.dst][:m], x, start, step)
	case Float32:
		loadTo(f.f32.cur[in.dst][:m], x, start, step)
	default:
		loadTo(f.f64.cur[in.dst][:m], x, start, step)
	}
}

func loadTo[D, S kernels.Number](dst []D, x []S, start, step int) {
	if step == 1 {
		kernels.Convert(dst, x[start:start+len(dst)])
		return
	}
	for i := range dst {
		dst[i] = D(x[start+i*step])
	}
}

var errNothingToDraw = errors.New("bootstrap draws from nothing: the mask selects no element; test count(mask) first")

// generate runs the leaves that make their elements from the place in the domain.
func (f *Frame) generate(in *instr, at, m int) error {
	offset, step := int(in.imm[1]), int(in.imm[2])
	key := [2]uint64{f.plan.opt.Seed, f.plan.opt.Stream + uint64(in.imm[0])}
	switch in.op {
	case opUniform:
		dst := f.f64.cur[in.dst][:m]
		if step == 1 {
			kernels.Uniform(dst, key, uint64(offset+at))
			return nil
		}
		for i := range dst {
			kernels.Uniform(dst[i:i+1], key, uint64(offset+(at+i)*step))
		}
	case opNormal:
		dst := f.f64.cur[in.dst][:m]
		mean, std := scalar[float64](f, Float64, in.s), scalar[float64](f, Float64, in.s2)
		if step == 1 {
			kernels.Normal(dst, key, uint64(offset+at), mean, std)
			return nil
		}
		for i := range dst {
			kernels.Normal(dst[i:i+1], key, uint64(offset+(at+i)*step), mean, std)
		}
	case opBootstrap:
		array, horizon := int(in.imm[2]&0xffff), int(in.imm[2]>>16)
		n := f.Len(array)
		if n == 0 && horizon > 0 {
			return errNothingToDraw
		}
		if in.out == Float32 {
			kernels.Bootstrap(f.f32.cur[in.dst][:m], f.f32.arrays[array][:n], key, uint64(offset+at), horizon)
		} else {
			kernels.Bootstrap(f.f64.cur[in.dst][:m], f.f64.arrays[array][:n], key, uint64(offset+at), horizon)
		}
	case opArange:
		if in.out == Int64 {
			start, delta := int64(f.scalars[in.s]), int64(f.scalars[in.s2])
			fillInt(f.i64.cur[in.dst][:m], start+int64(offset+at*step)*delta, int64(step)*delta)
			return nil
		}
		start, delta := scalar[float64](f, Float64, in.s), scalar[float64](f, Float64, in.s2)
		for i, dst := 0, f.f64.cur[in.dst][:m]; i < m; i++ {
			dst[i] = start + float64(float64(offset+(at+i)*step)*delta)
		}
	case opLinspace:
		f.linspace(in, f.f64.cur[in.dst][:m], offset, step, at)
	}
	return nil
}

// linspace computes elements as NumPy does: i*step + start, and stop itself for the last.
func (f *Frame) linspace(in *instr, dst []float64, offset, step, at int) {
	start, stop := scalar[float64](f, Float64, in.s), scalar[float64](f, Float64, in.s2)
	num := int(in.imm[0])
	div := float64(num - 1)
	delta := stop - start
	width := delta / div
	for i := range dst {
		k := offset + (at+i)*step
		switch {
		case k == num-1 && num > 1:
			dst[i] = stop
		case num == 1:
			dst[i] = float64(0*delta) + start
		case width == 0:
			dst[i] = float64(float64(k)/div*delta) + start
		default:
			dst[i] = float64(float64(k)*width) + start
		}
	}
}
