package arena

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

func counting(t testing.TB, dims ...int) *Array[int32] {
	t.Helper()
	x := must[*Array[int32]](t)(New[int32](heap(t, 1<<18, nil), dims...))
	for i := range x.Slice() {
		x.Slice()[i] = int32(i)
	}
	return x
}

func elements[T Element](x *Array[T]) []T { return append([]T{}, slices.Collect(x.All())...) }

func TestView_Table(t *testing.T) {
	x := counting(t, 3, 4) // 0 1 2 3 / 4 5 6 7 / 8 9 10 11
	for name, c := range map[string]struct {
		v          *Array[int32]
		shape      []int
		want       []int32
		contiguous bool
	}{
		"rows":             {x.Rows(1, 3), []int{2, 4}, []int32{4, 5, 6, 7, 8, 9, 10, 11}, true},
		"no rows":          {x.Rows(2, 2), []int{0, 4}, []int32{}, true},
		"index":            {x.Index(1), []int{4}, []int32{4, 5, 6, 7}, true},
		"index twice":      {x.Index(1).Index(2), []int{}, []int32{6}, true},
		"transposed":       {x.T(), []int{4, 3}, []int32{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11}, false},
		"back":             {x.T().T(), []int{3, 4}, elements(x), true},
		"column":           {x.View(Whole, Range{1, 2, 1}), []int{3, 1}, []int32{1, 5, 9}, false},
		"column as vector": {x.T().Index(2), []int{3}, []int32{2, 6, 10}, false},
		"block":            {x.View(Range{1, End, 0}, Range{1, 3, 0}), []int{2, 2}, []int32{5, 6, 9, 10}, false},
		"every second":     {x.View(Whole, Range{0, End, 2}), []int{3, 2}, []int32{0, 2, 4, 6, 8, 10}, false},
		"reversed":         {x.View(Range{0, End, -1}, Range{1, 4, -2}), []int{3, 2}, []int32{11, 9, 7, 5, 3, 1}, false},
		"view of view":     {x.View(Range{0, End, -1}).View(Range{0, 2, 1}, Range{3, 4, 1}), []int{2, 1}, []int32{11, 7}, false},
		"one row reversed": {x.View(Range{1, 2, -5}), []int{1, 4}, []int32{4, 5, 6, 7}, true},
		"reshaped":         {x.Reshape(2, -1), []int{2, 6}, elements(x), true},
		"reshaped rows":    {x.Rows(1, 3).Reshape(8), []int{8}, []int32{4, 5, 6, 7, 8, 9, 10, 11}, true},
		"flat to none":     {x.Index(0).View(Range{2, 3, 1}).Reshape(), []int{}, []int32{2}, true},
	} {
		if !slices.Equal(c.v.Shape(), c.shape) || !slices.Equal(elements(c.v), c.want) || c.v.Contiguous() != c.contiguous {
			t.Errorf("%s: %v %v, contiguous %v; want %v %v", name, c.v, elements(c.v), c.v.Contiguous(), c.shape, c.want)
		}
		if c.v.Len() != len(c.want) {
			t.Errorf("%s: Len is %d", name, c.v.Len())
		}
		if c.contiguous && !slices.Equal(c.v.Slice(), c.want) {
			t.Errorf("%s: Slice is %v", name, c.v.Slice())
		}
		back, err := FromDescriptor[int32](c.v.Memory(), c.v.Descriptor())
		if err != nil || !slices.Equal(elements(back), c.want) || !slices.Equal(back.Shape(), c.shape) {
			t.Errorf("%s: its descriptor gives %v, %v", name, back, err)
		}
	}
}

// TestView_Random compares random chains of views with the same chains on a plain function of the index.
func TestView_Random(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	base := counting(t, 5, 4, 3, 6)
	for range 300 {
		x, at := base, func(i []int) int32 { return int32(((i[0]*4+i[1])*3+i[2])*6 + i[3]) }
		for range 1 + rng.IntN(4) {
			below := at
			switch k := rng.IntN(3); {
			case k == 0:
				n := x.NDim()
				x, at = x.T(), func(i []int) int32 {
					j := make([]int, n)
					for k := range j {
						j[k] = i[n-1-k]
					}
					return below(j)
				}
			case k == 1 && x.NDim() > 1:
				r := rng.IntN(x.Dim(0))
				x, at = x.Index(r), func(i []int) int32 { return below(append([]int{r}, i...)) }
			default:
				lo := rng.IntN(x.Dim(0))
				hi := lo + 1 + rng.IntN(x.Dim(0)-lo)
				step := []int{-3, -2, -1, 1, 2, 3}[rng.IntN(6)]
				first := lo
				if step < 0 {
					first = hi - 1
				}
				x, at = x.View(Range{lo, hi, step}), func(i []int) int32 {
					j := slices.Clone(i)
					j[0] = first + i[0]*step
					return below(j)
				}
			}
		}
		index := make([]int, x.NDim())
		for v := range x.All() {
			if v != at(index) || x.At(index...) != v {
				t.Fatalf("%v at %v: All gives %d, At %d, want %d", x, index, v, x.At(index...), at(index))
			}
			for k := len(index) - 1; k >= 0; k-- {
				if index[k]++; index[k] < x.Dim(k) {
					break
				}
				index[k] = 0
			}
		}
		y := must[*Array[int32]](t)(New[int32](base.home.arena, x.Shape()...))
		y.CopyFrom(x)
		if !slices.Equal(y.Slice(), elements(x)) {
			t.Fatalf("%v copied is %v", elements(x), y.Slice())
		}
		if err := y.Free(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCopyFrom_Overlapping(t *testing.T) {
	x := counting(t, 6)
	x.CopyFrom(x.View(Range{0, End, -1}))
	if want := []int32{5, 4, 3, 2, 1, 0}; !slices.Equal(x.Slice(), want) {
		t.Fatalf("reversed in place: %v", x.Slice())
	}
	x.Rows(1, 6).CopyFrom(x.Rows(0, 5))
	if want := []int32{5, 5, 4, 3, 2, 1}; !slices.Equal(x.Slice(), want) {
		t.Fatalf("shifted: %v", x.Slice())
	}
	m := counting(t, 3, 3)
	m.CopyFrom(m.T())
	if want := []int32{0, 3, 6, 1, 4, 7, 2, 5, 8}; !slices.Equal(m.Slice(), want) {
		t.Fatalf("transposed in place: %v", m.Slice())
	}
}

func TestFill_TouchesTheViewOnly(t *testing.T) {
	x := counting(t, 3, 4)
	x.View(Range{0, End, 2}, Range{1, 3, 1}).Fill(-1)
	if want := []int32{0, -1, -1, 3, 4, 5, 6, 7, 8, -1, -1, 11}; !slices.Equal(x.Slice(), want) {
		t.Fatal(x.Slice())
	}
}

func TestArray_CallersBugsPanicWithConstants(t *testing.T) {
	x := counting(t, 3, 4)
	scalar := counting(t)
	freed := counting(t, 3)
	row := freed.Rows(0, 1)
	if err := freed.Free(); err != nil {
		t.Fatal(err)
	}
	for want, list := range map[string][]func(){
		badIndex: {func() { x.At(3, 0) }, func() { x.At(0, -1) }, func() { x.Set(1, 0, 4) }, func() { x.Index(3) },
			func() { x.Dim(2) }},
		badIndexCount: {func() { x.At(1) }, func() { scalar.At(0) }, func() { x.View(Whole, Whole, Whole) }},
		badRange: {func() { x.Rows(0, 4) }, func() { x.Rows(2, 1) }, func() { x.Rows(-1, 1) },
			func() { x.View(Range{0, 5, 2}) }},
		badReshape: {func() { x.Reshape(5) }, func() { x.Reshape(-1, -1) }, func() { x.Reshape(-1, 0) },
			func() { x.Reshape(-2, -6) }, func() { x.Reshape(5, -1) }},
		badLayout:   {func() { x.T().Slice() }, func() { x.T().Reshape(12) }},
		badZeroDims: {func() { scalar.Rows(0, 0) }, func() { scalar.Index(0) }},
		badShapes:   {func() { x.CopyFrom(x.T()) }},
		badFreed: {func() { freed.Slice() }, func() { row.At(0) }, func() { freed.Fill(1) }, func() { freed.T() },
			func() { new(Array[int8]).Slice() }},
		badWrap: {func() { Wrap([]int8{1, 2}, 3) }, func() { Wrap([]int8{}, -1) }},
	} {
		for i, f := range list {
			func() {
				defer func() {
					if got := recover(); got != want {
						t.Errorf("case %d of %q: panic %v", i, want, got)
					}
				}()
				f()
			}()
		}
	}
}

// everyType runs a generic check for each element type.
func roundTrip[T Element](t *testing.T, a *Arena, d DType, name, descr string, v T) {
	t.Helper()
	if got := DTypeOf[T](); got != d || got.String() != name || got.Descr() != descr ||
		got.Size() != int(reflect.TypeFor[T]().Size()) || got.align() != reflect.TypeFor[T]().Align() {
		t.Errorf("%T: %v %q size %d", v, got, got.Descr(), got.Size())
	}
	for _, dims := range [][]int{{}, {0}, {1}, {7}, {2, 3}, {2, 0, 3}, {1, 2, 1, 2, 1, 2, 1, 2}} {
		x, err := New[T](a, dims...)
		if err != nil {
			t.Fatal(err)
		}
		if x.Len() > 0 {
			x.Slice()[x.Len()-1] = v
		}
		y, err := Resolve[T](a, x.Handle())
		if err != nil || y.DType() != d || !slices.Equal(y.Shape(), dims) || !slices.Equal(y.Slice(), x.Slice()) {
			t.Errorf("%T %v: %v, %v", v, dims, y, err)
			continue
		}
		if y.Len() > 0 && !slices.Contains(elements(y), v) {
			t.Errorf("%T %v: the value is not there", v, dims)
		}
		if len(x.Bytes()) != x.Len()*d.Size() {
			t.Errorf("%T %v: %d bytes", v, dims, len(x.Bytes()))
		}
		if err := y.Free(); err != nil {
			t.Error(err)
		}
	}
}

type celsius float64

func TestArray_EveryElementType(t *testing.T) {
	a := heap(t, 1<<18, nil)
	roundTrip(t, a, Bool, "bool", "|b1", true)
	roundTrip(t, a, Int8, "int8", "|i1", int8(-1))
	roundTrip(t, a, Int16, "int16", "<i2", int16(-2))
	roundTrip(t, a, Int32, "int32", "<i4", int32(-3))
	roundTrip(t, a, Int64, "int64", "<i8", int64(-4))
	roundTrip(t, a, Uint8, "uint8", "|u1", uint8(200))
	roundTrip(t, a, Uint16, "uint16", "<u2", uint16(60000))
	roundTrip(t, a, Uint32, "uint32", "<u4", uint32(4e9))
	roundTrip(t, a, Uint64, "uint64", "<u8", uint64(1<<63))
	roundTrip(t, a, Float32, "float32", "<f4", float32(1.5))
	roundTrip(t, a, Float64, "float64", "<f8", 2.5)
	roundTrip(t, a, Complex64, "complex64", "<c8", complex64(1i))
	roundTrip(t, a, Complex128, "complex128", "<c16", 2i)
	roundTrip(t, a, Float64, "float64", "<f8", celsius(36.6))
	if s := whole(t, a); s.Used != 0 {
		t.Fatalf("%+v", s)
	}
	if d := DType(0); d.Valid() || d.Size() != 0 || d.String() != "invalid" || DType(99).Valid() {
		t.Fatal("the zero DType is a type")
	}
}

func TestArray_StringIsShort(t *testing.T) {
	x := counting(t, 3, 4)
	for want, got := range map[string]string{
		fmt.Sprintf("int32(3, 4) at +%d", x.off): x.String(),
		"int32(4, 3) view":                       x.T().String(),
		"float64(2) at +0":                       Wrap([]float64{1, 2}).String(),
		"int8() nowhere":                         new(Array[int8]).String(),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
