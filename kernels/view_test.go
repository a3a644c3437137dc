package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// viewSteps are the strides of the table: dense, apart, backwards.
var viewSteps = []int{1, 2, 3, 7, -1, -2, -5}

// spreadOut lays values step apart between guards, and returns the view of them and a check of everything between.
func spreadOut[T Number](values []T, step int) (v View[T], intact func() bool) {
	n := len(values)
	gap := max(step, -step, 1)
	all, _ := guarded(make([]T, max(n, 1)*gap+gap), 3)
	mark := T(77)
	Fill(all, mark)
	first := gap / 2
	if step < 0 {
		first += (n - 1) * gap
	}
	at := first
	own := make([]bool, len(all))
	for _, w := range values {
		all[at], own[at] = w, true
		at += step
	}
	return Strided(all, max(first, 0), n, step), func() bool {
		for i, w := range all {
			if !own[i] && w != mark {
				return false
			}
		}
		return true
	}
}

// TestMap_EveryKernelAndStride runs every elementwise kernel of floats and of integers over views of every length and several
// strides, and compares with the kernel over slices.
func TestMap_EveryKernelAndStride(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		lengths := []int{viewBlock - 1, viewBlock, viewBlock + 1, 2*viewBlock + 37}
		every := 1
		if active < bestISA() { // the strides are the business of Go alone
			every = 9
		}
		for n := 0; n <= 130; n += every {
			lengths = append(lengths, n)
		}
		t.Run("type=float64", func(t *testing.T) { testMapFloats[float64](t, lengths) })
		t.Run("type=float32", func(t *testing.T) { testMapFloats[float32](t, lengths) })
		t.Run("type=int64", func(t *testing.T) { testMapInts[int64](t, lengths) })
		t.Run("type=int32", func(t *testing.T) { testMapInts[int32](t, lengths) })
	})
}

func testMapFloats[T Float](t *testing.T, lengths []int) {
	values := func(n int, from uint64) []T {
		v := make([]T, n)
		Normal(v, testKey, from, 0, 3)
		for i := 0; i < n; i += 11 {
			v[i] = T([]float64{nan, inf, -inf, 0, negZero}[i%5])
		}
		return v
	}
	for i, k := range sliceKernels[T]() {
		for _, n := range lengths {
			x, y, z := values(n, 0), values(n, 1000), values(n, 2000)
			want := make([]T, n)
			k.run(want, x, y, z)
			s := func(at int) int { return viewSteps[(i+n+at)%len(viewSteps)] }
			dst, intact := spreadOut(make([]T, n), s(0))
			a, _ := spreadOut(x, s(1))
			b, _ := spreadOut(y, s(3))
			c, _ := spreadOut(z, s(4))
			Map3(k.run, dst, a, b, c)
			wantSame(t, fmt.Sprintf("%s n=%d", k.name, n), dst.Elements(nil), want)
			if !intact() {
				t.Fatalf("%s n=%d wrote between the elements", k.name, n)
			}
			same, intact := spreadOut(x, s(2))
			Map3(k.run, same, same, b, c)
			wantSame(t, fmt.Sprintf("%s n=%d in place", k.name, n), same.Elements(nil), want)
			if !intact() {
				t.Fatalf("%s n=%d in place wrote between the elements", k.name, n)
			}
		}
	}
}

func testMapInts[T int64 | int32](t *testing.T, lengths []int) {
	for i, k := range intKernels(T(5)) {
		for _, n := range lengths {
			x, y := randomInts[T](n, uint64(n)), randomInts[T](n, uint64(n+999))
			want := make([]T, n)
			k.run(want, x, y)
			dst, intact := spreadOut(make([]T, n), viewSteps[(i+n)%len(viewSteps)])
			a, _ := spreadOut(x, viewSteps[(i+n+1)%len(viewSteps)])
			b, _ := spreadOut(y, viewSteps[(i+n+3)%len(viewSteps)])
			Map2(k.run, dst, a, b)
			if got := dst.Elements(nil); !slices.Equal(got, want) || !intact() {
				t.Fatalf("%s n=%d: %d, want %d", k.name, n, got, want)
			}
		}
	}
}

// TestReduce_EveryStride compares reductions over views with those over slices, bit for bit.
func TestReduce_EveryStride(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		t.Run("type=float64", testReduceFloats[float64])
		t.Run("type=float32", testReduceFloats[float32])
		t.Run("type=int64", testReduceInts[int64])
		t.Run("type=int32", testReduceInts[int32])
	})
}

var reduceLengths = []int{0, 1, 2, 63, 64, 65, 130, SumBlock - 1, SumBlock, SumBlock + 1, 2 * SumBlock, 3*SumBlock + 17, 7*SumBlock + 1}

func testReduceFloats[T Float](t *testing.T) {
	plus := func(a, b float64) float64 { return a + b }
	for _, n := range reduceLengths {
		x, y := make([]T, n), make([]T, n)
		Normal(x, testKey, 0, 1, 3)
		Normal(y, testKey, uint64(n), 1, 3)
		for _, step := range viewSteps {
			a, _ := spreadOut(x, step)
			b, _ := spreadOut(y, -step)
			m, wantM := Reduce(a, MomentsOf[T], Merge), MomentsOf(x)
			got := []float64{Reduce(a, BlockSum[T], plus), Reduce2(a, b, BlockDot[T], plus), m.Mean, m.M2}
			want := []float64{TreeSum(x), TreeDot(x, y), wantM.Mean, wantM.M2}
			if n > 0 {
				got = append(got, float64(Reduce(a, Max[T], func(a, b T) T { return max(a, b) })))
				want = append(want, float64(Max(x)))
			}
			wantSame(t, fmt.Sprintf("n=%d step=%d", n, step), got, want)
		}
	}
}

func testReduceInts[T int64 | int32](t *testing.T) {
	plus := func(a, b int64) int64 { return a + b }
	for _, n := range reduceLengths {
		x := randomInts[T](n, uint64(n))
		for _, step := range viewSteps {
			a, _ := spreadOut(x, step)
			b, _ := spreadOut(x, 3)
			if got, want := Reduce(a, SumInt[T], plus), SumInt(x); got != want {
				t.Fatalf("n=%d step=%d: sum %d, want %d", n, step, got, want)
			}
			if got, want := Reduce2(a, b, DotInt[T], plus), DotInt(x, x); got != want {
				t.Fatalf("n=%d step=%d: dot %d, want %d", n, step, got, want)
			}
		}
	}
}

// randomView is a view of random shape and strides into data of its own, axes in any order, some backwards and, unless
// distinct is wanted, some with stride zero.
func randomView(r *rand.Rand, shape []int, distinct bool) View[float64] {
	strides := make([]int, len(shape))
	step, first := 1+r.IntN(2), 0
	for _, k := range r.Perm(len(shape)) {
		strides[k] = step
		step *= max(shape[k], 1)
		if r.IntN(3) == 0 {
			step += r.IntN(3)
		}
		switch r.IntN(6) {
		case 0:
			first += max(shape[k]-1, 0) * strides[k]
			strides[k] = -strides[k]
		case 1:
			if !distinct {
				strides[k] = 0
			}
		}
	}
	data := make([]float64, first+step*2+9)
	for i := range data {
		data[i] = r.NormFloat64()
	}
	return NewView(data, first, shape, strides)
}

// each calls f with the place in data of every element, in C order.
func (v View[T]) each(f func(i, at int)) {
	var index [viewDims]int
	for i := range v.n {
		at := v.first
		for k := range v.ndim {
			at += index[k] * v.strides[k]
		}
		f(i, at)
		for k := v.ndim - 1; k >= 0; k-- {
			if index[k]++; index[k] < v.shape[k] {
				break
			}
			index[k] = 0
		}
	}
}

// TestMap_AnyShape adds and reduces random views, element by element by their definition.
func TestMap_AnyShape(t *testing.T) {
	for seed := range uint64(1000) {
		checkAnyShape(t, seed)
	}
}

// FuzzMap_AnyShape leaves the choice of the views to the fuzzer.
func FuzzMap_AnyShape(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(checkAnyShape)
}

func checkAnyShape(t *testing.T, seed uint64) {
	r := newRand(seed)
	shape := make([]int, r.IntN(5))
	for k := range shape {
		shape[k] = []int{0, 1, 2, 3, 5, 8, 40, 70}[min(r.IntN(20), 7-len(shape)/2)]
	}
	dst, x, y := randomView(r, shape, true), randomView(r, shape, false), randomView(r, shape, false)
	want := slices.Clone(dst.data)
	xs, ys, places := make([]float64, x.n), make([]float64, y.n), make([]int, dst.n)
	x.each(func(i, at int) { xs[i] = x.data[at] })
	y.each(func(i, at int) { ys[i] = y.data[at] })
	dst.each(func(i, at int) { places[i] = at })
	for i, at := range places {
		want[at] = xs[i] - ys[i]
	}
	what := fmt.Sprintf("seed %d, shape %d, strides %d", seed, shape, dst.strides)
	Map2(Sub, dst, x, y)
	wantSame(t, what, dst.data, want)
	wantSame(t, "Elements", x.Elements(nil), xs)
	wantSame(t, "Elements into room", y.Elements(make([]float64, 3)), ys)
	if got, want := Reduce2(x, y, BlockDot[float64], func(a, b float64) float64 { return a + b }), TreeDot(xs, ys); !sameFloat(got, want) {
		t.Fatalf("%s: dot %g, want %g", what, got, want)
	}
	Map1(func(d, x []float64) { AddScalar(d, x, 1) }, dst, dst)
	for _, at := range places {
		want[at]++
	}
	wantSame(t, what+", in place", dst.data, want)
}

// TestView_OtherTypes compares and chooses: masks beside numbers.
func TestView_OtherTypes(t *testing.T) {
	x, y := []float64{1, 5, 3, 7, 2, 9}, []float64{4, 4, 4, 4, 4, 4}
	mask := make([]bool, 3)
	Map2(Less, Strided(mask, 0, 3, 1), Strided(x, 0, 3, 2), Strided(y, 0, 3, 1))
	if want := []bool{true, true, true}; !slices.Equal(mask, want) {
		t.Errorf("mask %v, want %v", mask, want)
	}
	Map2(Less, Strided(mask, 2, 3, -1), Strided(x, 1, 3, 2), Strided(x, 5, 3, -2))
	if want := []bool{false, false, true}; !slices.Equal(mask, want) {
		t.Errorf("mask %v, want %v", mask, want)
	}
	Map3(Select, Strided(x, 0, 3, 2), Strided(mask, 0, 3, 1), Strided(y, 0, 3, 0), Strided(x, 0, 3, 2))
	if want := []float64{1, 5, 3, 7, 4, 9}; !slices.Equal(x, want) {
		t.Errorf("chosen %v, want %v", x, want)
	}
}

// TestView_Bounds checks what is refused, and what is not.
func TestView_Bounds(t *testing.T) {
	x := make([]float64, 10)
	for _, ok := range []func(){
		func() { Strided(x, 9, 10, -1) }, func() { Strided(x, 0, 4, 3) }, func() { Strided(x, 3, 1<<40, 0) }, func() { Strided(x, -1, 0, -1) },
		func() { Strided([]float64(nil), 0, 0, 1) }, func() { NewView(x, 9, []int{2, 5}, []int{-5, -1}) }, func() { NewView(x, 3, nil, nil) },
		func() { NewView(x, 99, []int{5, 0}, []int{100, 100}) },
	} {
		ok()
	}
	for _, bad := range []struct {
		want string
		run  func()
	}{
		{panicOutside, func() { Strided(x, 0, 11, 1) }},
		{panicOutside, func() { Strided(x, 8, 10, -1) }},
		{panicOutside, func() { Strided(x, -1, 1, 1) }},
		{panicOutside, func() { Strided(x, 10, 1, 1) }},
		{panicOutside, func() { Strided(x, 0, 3, math.MaxInt) }},
		{panicOutside, func() { Strided(x, 0, 3, math.MinInt) }},
		{panicOutside, func() { Strided(x, 0, 1<<62, 4) }},
		{panicOutside, func() { NewView(x, 0, []int{2, 2}, []int{9, 1}) }},
		{panicOutside, func() { NewView(x, 4, []int{3, 3}, []int{-4, 1}) }},
		{panicShape, func() { Strided(x, 0, -1, 1) }},
		{panicShape, func() { NewView(x, 0, []int{1 << 40, 1 << 40}, []int{0, 0}) }},
		{panicAxes, func() { NewView(x, 0, []int{1}, nil) }},
		{panicAxes, func() { NewView(x, 0, make([]int, 9), make([]int, 9)) }},
		{panicAxes, func() { Map1(Neg, Strided(x, 0, 4, 1), Strided(x, 4, 5, 1)) }},
		{panicAxes, func() { Map1(Neg, Strided(x, 0, 4, 1), NewView(x, 4, []int{2, 2}, []int{2, 1})) }},
		{panicOneElement, func() { Map1(Neg, Strided(x, 0, 4, 0), Strided(x, 4, 4, 1)) }},
		{panicEmpty, func() { Reduce(Strided(x, 0, 0, 1), Max[float64], func(a, b float64) float64 { return max(a, b) }) }},
	} {
		wantPanic(t, "view", bad.want, bad.run)
	}
}

// TestView_LongRunsAreNotCopied looks at where a kernel reads and writes.
func TestView_LongRunsAreNotCopied(t *testing.T) {
	x, d := make([]float64, 1000*1000), make([]float64, 1000*1000)
	calls := 0
	inside := func(dst, src []float64) {
		calls++
		if &dst[0] != &d[(calls-1)*1000] || &src[0] != &x[(calls-1)*1000] {
			t.Errorf("call %d was handed a copy", calls)
		}
	}
	view := func(x []float64) View[float64] { return NewView(x, 0, []int{1000, 900}, []int{1000, 1}) }
	Map1(inside, view(d), view(x))
	if calls != 1000 {
		t.Errorf("%d calls", calls)
	}
	whole := 0
	turned := func(x []float64) View[float64] { return NewView(x, 0, []int{1000, 1000}, []int{1, 1000}) }
	Map1(func(dst, src []float64) { whole++ }, turned(d), turned(x))
	if whole != 1 {
		t.Errorf("%d calls for two arrays in Fortran's order", whole)
	}
}

// TestView_Allocates no rooms of its own, and takes types that are no numbers.
func TestView_Allocates(t *testing.T) {
	x, y := make([]float64, 5000), make([]int64, 5000)
	plus := func(a, b float64) float64 { return a + b }
	var kept float64
	if n := testing.AllocsPerRun(20, func() {
		v, w := Strided(x, 0, 1000, 3), Strided(y, 4999, 1000, -2)
		Map2(Add[float64], v, v, v)
		Map1(Convert[float64, int64], v, w)
		kept += Reduce(v, BlockSum[float64], plus)
	}); n >= 4 { // there are six rooms; the race detector loses some, now and then
		t.Errorf("%g allocations", n)
	}
	words := []string{"a", "b", "c", "d"}
	Map1(func(dst, x []string) { copy(dst, x) }, Strided(words, 0, 2, 2), Strided(words, 3, 2, -2))
	if want := []string{"d", "b", "b", "d"}; !slices.Equal(words, want) {
		t.Errorf("%v, want %v", words, want)
	}
}
