package expr

import (
	"fmt"

	"github.com/shmath/shmath/kernels"
)

// The panics of this package: each is a bug of the caller.
const (
	panicOp       = "expr: operation without a kernel"
	panicBlock    = "expr: range is not a block of the stage"
	panicPartial  = "expr: partial result has the wrong length"
	panicOperand  = "expr: operand is missing or too short"
	panicScalars  = "expr: scalars of another plan"
	panicNoScalar = "expr: result is not a scalar"
)

// Operand is the memory of one array: a []bool, []int8, ..., []uint64, []float32 or []float64 of the type and length that
// Plan.Arrays names. Results must not overlap inputs.
type Operand any

// bank holds the operands of one element type.
type bank[T any] struct {
	cur       [][]T // of each slot of the running program: where it lies for the tile at hand
	registers [][]T
	leaves    [][]T
	arrays    [][]T // operands of this type, by number
	packed    [][]T // of each pack: the selected elements of the leaf at hand
	carries   []T
	prefix    []T
	coefs     []T // of a polynomial
}

// Frame is the state of one goroutine that runs a plan. Any number of frames, in any number of processes, may run
// blocks of one stage at the same time; one of them also combines.
type Frame struct {
	plan    *Plan
	scalars []uint64
	arrays  []Operand
	b       bank[bool]
	i64     bank[int64]
	f32     bank[float32]
	f64     bank[float64]
	accs    []accumulator
	written []int // of each writer of the running block: elements appended so far
	wide    []float64
	ready   bool // the buffers are allocated
}

// NewFrame makes a frame, or takes one that was freed, and checks the operands, one for each of Plan.Arrays. The operand of
// a result or a temporary may be nil until the stage that writes it: SetOperand. The buffers that running blocks takes, a
// few hundred KiB at most, are allocated by the first block.
func (pl *Plan) NewFrame(operands []Operand) (*Frame, error) {
	if len(operands) != len(pl.arrays) {
		return nil, fmt.Errorf("expr: %d operands given, the plan has %d arrays", len(operands), len(pl.arrays))
	}
	f, _ := pl.idle.Get().(*Frame)
	if f == nil {
		f = pl.newFrame()
	}
	for i, o := range operands {
		if o == nil {
			if pl.arrays[i].Kind == Input {
				return nil, fmt.Errorf("expr: no operand for input %s", pl.arrays[i].Name)
			}
			continue
		}
		if err := f.SetOperand(i, o); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (pl *Plan) newFrame() *Frame {
	n := len(pl.arrays)
	f := &Frame{plan: pl, scalars: append([]uint64(nil), pl.start...), arrays: make([]Operand, n)}
	f.b.arrays, f.i64.arrays, f.f32.arrays, f.f64.arrays = make([][]bool, n), make([][]int64, n), make([][]float32, n), make([][]float64, n)
	reducers, packs, writers := 0, 0, 0
	for i := range pl.stages {
		for _, p := range pl.stages[i].passes {
			reducers, packs, writers = max(reducers, len(p.sinks)), max(packs, len(p.packs)), max(writers, len(p.writers))
		}
	}
	f.accs = make([]accumulator, reducers)
	f.written = make([]int, writers)
	f.b.packed, f.i64.packed, f.f32.packed, f.f64.packed = make([][]bool, packs), make([][]int64, packs), make([][]float32, packs), make([][]float64, packs)
	return f
}

// Free lets the plan use the frame again. The frame forgets its operands and what it computed; its owner forgets the frame.
func (f *Frame) Free() {
	copy(f.scalars, f.plan.start)
	clear(f.arrays)
	f.b.forget()
	f.i64.forget()
	f.f32.forget()
	f.f64.forget()
	f.plan.idle.Put(f)
}

func (b *bank[T]) forget() {
	clear(b.arrays)
	clear(b.cur[:cap(b.cur)])
}

// allocate makes the buffers of a frame that is to run its first block.
func (f *Frame) allocate() {
	need := &f.plan.buffers
	allocate(&f.b, need, Bool)
	allocate(&f.i64, need, Int64)
	allocate(&f.f32, need, Float32)
	allocate(&f.f64, need, Float64)
	f.ready = true
}

func allocate[T any](b *bank[T], need *bufferNeeds, dt DType) {
	for range need.registers[dt] {
		b.registers = append(b.registers, make([]T, tileLen+need.ext))
	}
	for range need.leaves[dt] {
		b.leaves = append(b.leaves, make([]T, leafLen+need.ext))
	}
	b.carries, b.prefix = make([]T, need.carries), make([]T, need.carries)
}

// SetOperand gives the frame the memory of one array, in place of what it had. A dynamic array may have any length from
// Frame.Len up.
func (f *Frame) SetOperand(array int, o Operand) error {
	a := &f.plan.arrays[array]
	dt, n, ok := operandType(o)
	if !ok || dt != a.DType {
		return fmt.Errorf("expr: operand %d (%s) is %T, the plan has %s", array, a.Name, o, a.DType)
	}
	if n != a.N && !(a.Dynamic && n >= f.Len(array)) {
		return fmt.Errorf("expr: operand %d (%s) has %d elements, the plan has %d", array, a.Name, n, a.N)
	}
	f.arrays[array] = o
	switch o := o.(type) {
	case []bool:
		f.b.arrays[array] = o
	case []int64:
		f.i64.arrays[array] = o
	case []float32:
		f.f32.arrays[array] = o
	case []float64:
		f.f64.arrays[array] = o
	}
	return nil
}

// operandType names the element type of a slice.
func operandType(o Operand) (dt DType, n int, ok bool) {
	switch o := o.(type) {
	case []bool:
		return Bool, len(o), true
	case []int8:
		return Int8, len(o), true
	case []int16:
		return Int16, len(o), true
	case []int32:
		return Int32, len(o), true
	case []int64:
		return Int64, len(o), true
	case []uint8:
		return Uint8, len(o), true
	case []uint16:
		return Uint16, len(o), true
	case []uint32:
		return Uint32, len(o), true
	case []uint64:
		return Uint64, len(o), true
	case []float32:
		return Float32, len(o), true
	case []float64:
		return Float64, len(o), true
	}
	return 0, 0, false
}

// Scalars returns the words that every frame of the plan must hold before it runs a stage: what earlier stages left, and
// how far the running stage has come. The slice is the frame's own.
func (f *Frame) Scalars() []uint64 { return f.scalars }

// SetScalars copies the words of the frame that combines.
func (f *Frame) SetScalars(s []uint64) {
	if len(s) != len(f.scalars) {
		panic(panicScalars)
	}
	copy(f.scalars, s)
}

// Len returns the number of elements of an array. For a dynamic one it is 0 until the first pass of the stage that
// writes it has been combined.
func (f *Frame) Len(array int) int {
	if at := f.plan.lengths[array]; at >= 0 {
		return int(f.scalars[at])
	}
	return f.plan.arrays[array].N
}

// Value returns a scalar result as bool, int64, float32 or float64, once all stages are done.
func (f *Frame) Value(result int) any {
	r := &f.plan.results[result]
	if !r.Scalar {
		panic(panicNoScalar)
	}
	return scalarValue(r.DType, f.scalars[f.plan.slots[r.node]])
}

// Var describes a scalar result as a variable of another line, once all stages are done.
func (f *Frame) Var(result int) Var {
	r := &f.plan.results[result]
	if !r.Scalar {
		panic(panicNoScalar)
	}
	return Var{DType: r.DType, Bits: f.scalars[f.plan.slots[r.node]], Weak: r.Weak}
}

// scalar reads a scalar operand of a float instruction.
func scalar[T kernels.Float](f *Frame, dt DType, at int32) T { return T(toFloat(dt, f.scalars[at])) }
