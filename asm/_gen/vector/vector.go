// Package vector writes one loop for several instruction sets: a kernel names its operations, and the width of the
// registers, the type of the elements and the constants follow from the set and the type it is written for.
package vector

import (
	"flag"
	"fmt"
	"math"
	"os"
	"reflect"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Set is an instruction set.
type Set struct {
	Name  string
	Bytes int // in one register
}

// The instruction sets for which everything is generated: x86-64-v3 and x86-64-v4.
var (
	AVX2   = Set{"AVX2", 32}
	AVX512 = Set{"AVX512", 64}
	Sets   = []Set{AVX2, AVX512}
)

// Elem is the type of the elements in memory and of the lanes in registers.
type Elem struct {
	Name   string // in the name of a function
	Go     string
	Size   int    // bytes in memory
	Suffix string // of the instructions: PD or PS
}

// F64, F32 and the integers compute in their own type. Wide loads float32 as float64 and rounds when it stores.
var (
	F64  = Elem{"F64", "float64", 8, "PD"}
	F32  = Elem{"F32", "float32", 4, "PS"}
	Wide = Elem{"F32", "float32", 4, "PD"}
	I64  = Elem{"I64", "int64", 8, "PD"} // the instructions of floats serve wherever they only move bits
	I32  = Elem{"I32", "int32", 4, "PS"}
)

// V is a vector register; Op is a register or memory.
type (
	V      = reg.VecVirtual
	Op     = operand.Op
	Base   = reg.Register // a general register
	Scalar = reg.Register // a number in the low lane of a vector register
)

// F is a function in the making.
type F struct {
	*build.Context
	Set
	Elem
	constants  map[uint64]Op
	order      []uint64
	tables     map[string][2]V
	tableOrder []namedTable
	static     *statics
	probe      bool // the run that learns the constants
}

func newF(c *build.Context, s Set, e Elem, static *statics, probe bool) *F {
	return &F{c, s, e, map[uint64]Op{}, nil, map[string][2]V{}, nil, static, probe}
}

// statics are the constants of a file, each written once.
type statics struct{ names map[string]operand.Mem }

// HoistMax is the usual [File.Hoist].
const HoistMax = 20

// File is a generated file.
type File struct {
	// Hoist is how many constants may stay in registers of AVX-512 through the loops that follow.
	Hoist int

	ctx    *build.Context
	static *statics
}

// Generate runs body and writes what it built to the files that the command line names.
func Generate(body func(*File)) {
	line := flag.NewFlagSet(os.Args[0], flag.ExitOnError)
	flags := build.NewFlags(line)
	line.Parse(os.Args[1:])
	f := &File{HoistMax, build.NewContext(), &statics{map[string]operand.Mem{}}}
	f.ctx.ConstraintExpr("!noasm")
	body(f)
	os.Exit(build.Main(flags.Config(), f.ctx))
}

// Func writes a function. The body is run twice: first to learn its constants, then in earnest; setup, which loads
// the arguments, runs before the constants are loaded, loop behind.
func (file *File) Func(s Set, e Elem, name, signature, doc string, setup, loop func(*F)) {
	probe := newF(build.NewContext(), s, e, &statics{map[string]operand.Mem{}}, true)
	probe.begin(name, signature, "")
	setup(probe)
	loop(probe)
	f := newF(file.ctx, s, e, file.static, false)
	f.begin(name+e.Name+s.Name, signature, name+e.Name+s.Name+" "+doc)
	setup(f)
	for i, bits := range probe.order {
		m := f.memory(bits)
		if s == AVX512 && i < file.Hoist {
			r := f.New()
			f.I("VBROADCASTS"+e.Suffix[1:], m, r)
			f.constants[bits] = r
		} else {
			f.constants[bits] = m
		}
	}
	f.loadTables(probe.tableOrder)
	loop(f)
	f.VZEROUPPER()
	f.RET()
}

func (f *F) begin(name, signature, doc string) {
	f.Function(name)
	f.Attributes(attr.NOSPLIT)
	f.SignatureExpr(signature)
	if doc != "" {
		f.Doc(doc)
	}
	f.Pragma("noescape")
}

// I writes one instruction by its name.
func (f *F) I(name string, ops ...Op) {
	m := reflect.ValueOf(f.Context).MethodByName(name)
	if !m.IsValid() {
		panic("no instruction " + name)
	}
	args := make([]reflect.Value, len(ops))
	for i, o := range ops {
		args[i] = reflect.ValueOf(o)
	}
	m.Call(args)
}

// P writes one packed instruction of the element's type.
func (f *F) P(name string, ops ...Op) { f.I(name+f.Suffix, ops...) }

// New returns a fresh register.
func (f *F) New() V {
	if f.Set == AVX512 {
		return f.ZMM()
	}
	return f.YMM()
}

// Lanes is the number of elements in one register.
func (f *F) Lanes() int {
	if f.Suffix == "PD" {
		return f.Bytes / 8
	}
	return f.Bytes / 4
}

// Stride is the number of bytes in memory of one register's elements.
func (f *F) Stride() int { return f.Lanes() * f.Size }

func (f *F) isWide() bool { return f.Size == 4 && f.Suffix == "PD" }

// Load returns a register with the elements at m, as float64 where the lanes are wide.
func (f *F) Load(m operand.Mem) V {
	r := f.New()
	if f.isWide() {
		f.VCVTPS2PD(m, r)
	} else {
		f.P("VMOVU", m, r)
	}
	return r
}

// Store writes the elements of r to m.
func (f *F) Store(r V, m operand.Mem) {
	switch {
	case !f.isWide():
		f.P("VMOVU", r, m)
	case f.Set == AVX512:
		h := f.YMM()
		f.VCVTPD2PS(r, h)
		f.VMOVUPS(h, m)
	default:
		h := f.XMM()
		f.VCVTPD2PSY(r, h)
		f.VMOVUPS(h, m)
	}
}

// Bits is a constant in every lane: a register or memory.
func (f *F) Bits(bits uint64) Op {
	if f.Suffix == "PS" {
		bits &= math.MaxUint32
	}
	if o, ok := f.constants[bits]; ok {
		if m, is := o.(operand.Mem); is && f.Set == AVX512 {
			r := f.New()
			f.I("VBROADCASTS"+f.Suffix[1:], m, r)
			return r
		}
		return o
	}
	if !f.probe {
		panic(fmt.Sprintf("constant %#x was not seen before", bits))
	}
	f.order = append(f.order, bits)
	f.constants[bits] = f.New()
	return f.constants[bits]
}

// Const is Bits of a number.
func (f *F) Const(v float64) Op {
	if f.Suffix == "PS" {
		return f.Bits(uint64(math.Float32bits(float32(v))))
	}
	return f.Bits(math.Float64bits(v))
}

// memory is where a constant lies: one word, which AVX-512 broadcasts, or one for each lane of AVX2.
func (f *F) memory(bits uint64) operand.Mem {
	copies, words := 1, []uint64{bits}
	if f.Set == AVX2 {
		copies = f.Lanes()
	}
	for len(words) < copies {
		words = append(words, bits)
	}
	return f.Table(fmt.Sprintf("k%s%dx%x", f.Suffix, copies, bits), words)
}

// Table is a static table of words of the lanes' size.
func (f *F) Table(name string, words []uint64) operand.Mem {
	if m, ok := f.static.names[name]; ok {
		return m
	}
	m := f.StaticGlobal(name)
	f.DataAttributes(attr.RODATA | attr.NOPTR)
	for i, w := range words {
		if f.Suffix == "PD" {
			f.AddDatum(8*i, operand.U64(w))
		} else {
			f.AddDatum(4*i, operand.U32(uint32(w)))
		}
	}
	f.static.names[name] = m
	return m
}

// Param loads an argument into a general register.
func (f *F) Param(name string) reg.Register { return f.Context.Load(f.Context.Param(name), f.GP64()) }

// Broadcast loads a scalar argument into every lane.
func (f *F) Broadcast(name string) V {
	c, err := f.Context.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	r := f.New()
	if f.isWide() {
		x := f.XMM()
		f.VCVTSS2SD(c.Addr, x, x)
		f.VBROADCASTSD(x, r)
		return r
	}
	f.I("VBROADCASTS"+f.Suffix[1:], c.Addr, r)
	return r
}
