package arena

import (
	"errors"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/shmath/shmath/internal/layout"
)

// heap returns an arena in size bytes of this process's heap.
func heap(t testing.TB, size int, o *Options) *Arena {
	t.Helper()
	a, err := Create(layout.Aligned(size, granule), o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func whole(t testing.TB, a *Arena) Stats {
	t.Helper()
	if err := a.Check(); err != nil {
		t.Fatal(err)
	}
	s, err := a.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if s.Free+s.Used != s.Capacity {
		t.Fatalf("free %d + used %d is not %d", s.Free, s.Used, s.Capacity)
	}
	return s
}

func must[V any](t testing.TB) func(V, error) V {
	return func(v V, err error) V {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestNew_IsZeroedOnReusedMemory(t *testing.T) {
	a := heap(t, 1<<18, nil)
	for round := range 20 {
		x := must[*Array[float64]](t)(New[float64](a, 100, 10+round))
		if x.Len() != 100*(10+round) || len(x.Slice()) != x.Len() {
			t.Fatalf("%v has %d elements", x, x.Len())
		}
		for i, v := range x.Slice() {
			if v != 0 {
				t.Fatalf("round %d: element %d is %v", round, i, v)
			}
		}
		x.Fill(math.NaN())
		if err := x.Free(); err != nil {
			t.Fatal(err)
		}
	}
	whole(t, a)
}

func TestCreate_MemoryThatIsNotZero(t *testing.T) {
	for name, o := range map[string]*Options{"seen": nil, "told": {Dirty: true}} {
		mem := layout.Aligned(1<<16, granule)
		from := 0
		if o != nil {
			from = len(mem) / 2 // where Create does not look
		}
		for i := range mem[from:] {
			mem[from+i] = 0xff
		}
		a := must[*Arena](t)(Create(mem, o))
		x := must[*Array[uint8]](t)(New[uint8](a, 1<<15))
		for i, v := range x.Slice() {
			if v != 0 {
				t.Fatalf("%s: byte %d is %#x", name, i, v)
			}
		}
	}
}

func TestNew_Errors(t *testing.T) {
	a := heap(t, 1<<16, nil)
	before := whole(t, a)
	for name, c := range map[string]struct {
		dims []int
		want error
	}{
		"negative":        {[]int{3, -1}, ErrShape},
		"overflow":        {[]int{1 << 40, 1 << 40}, ErrShape},
		"overflow, empty": {[]int{0, 1 << 62, 1 << 62}, ErrShape},
		"nine axes":       {make([]int, 9), ErrShape},
		"too large":       {[]int{1 << 20}, ErrNoSpace},
		"far too large":   {[]int{1 << 45}, ErrNoSpace},
		"beyond sizeMax":  {[]int{1 << 50}, ErrNoSpace},
	} {
		_, err := New[float64](a, c.dims...)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		var space *NoSpaceError
		if errors.Is(err, ErrNoSpace) && (!errors.As(err, &space) || space.Largest != before.Free || space.Need <= space.Free) {
			t.Errorf("%s: %+v, free are %d", name, err, before.Free)
		}
	}
	if after := whole(t, a); after != before {
		t.Fatalf("errors changed %+v to %+v", before, after)
	}
}

func TestNew_TheLastByteCanBeUsed(t *testing.T) {
	a := heap(t, 1<<16, &Options{Names: 1})
	s := whole(t, a)
	x := must[*Array[uint8]](t)(New[uint8](a, s.Free-blockHeader-128))
	if s := whole(t, a); s.Free != 0 {
		t.Fatalf("%d bytes are free", s.Free)
	}
	if _, err := New[uint8](a); !errors.Is(err, ErrNoSpace) {
		t.Fatal(err)
	}
	if err := x.Free(); err != nil {
		t.Fatal(err)
	}
}

// TestArena_RandomLogNormal is CPython's test_heap: blocks tile the arena exactly at every moment.
func TestArena_RandomLogNormal(t *testing.T) {
	const liveMax = 50
	a := heap(t, 64<<20, nil)
	begin := whole(t, a)
	rng := rand.New(rand.NewPCG(1, 2))
	var live []*Array[uint8]
	for i := range 5000 {
		n := int(math.Exp(rng.NormFloat64()*1.5 + 9))
		x := must[*Array[uint8]](t)(New[uint8](a, n))
		x.Fill(0xa5)
		live = append(live, x)
		if len(live) > liveMax {
			k := rng.IntN(len(live))
			if err := live[k].Free(); err != nil {
				t.Fatal(err)
			}
			live[k] = live[len(live)-1]
			live = live[:len(live)-1]
		}
		if i%100 == 0 {
			if s := whole(t, a); s.Arrays != len(live) {
				t.Fatalf("%d arrays, %d are live", s.Arrays, len(live))
			}
		}
	}
	for _, x := range live {
		if err := x.Free(); err != nil {
			t.Fatal(err)
		}
	}
	end := whole(t, a)
	if end.Mallocs != 5000 || end.Frees != 5000 || end.Used != 0 || end.Free != begin.Free {
		t.Fatalf("%+v", end)
	}
	if w := stateWord(a.place(a.first).state.Load()); w.kind() != kindFree || w.size() != a.end-a.first {
		t.Fatalf("what is left is not one free block: %#x", uint64(w))
	}
}

func TestFree_TwiceAndStaleHandles(t *testing.T) {
	a := heap(t, 1<<16, nil)
	x := must[*Array[int32]](t)(New[int32](a, 5))
	h, d := x.Handle(), x.Descriptor()
	y := must[*Array[int32]](t)(Resolve[int32](a, h))
	if err := x.Free(); err != nil {
		t.Fatal(err)
	}
	again := must[*Array[int32]](t)(New[int32](a, 5))
	if again.Handle().Offset != h.Offset {
		t.Fatal("the block was not used again, the test shows nothing")
	}
	for name, err := range map[string]error{
		"Free twice":          x.Free(),
		"Free of another":     y.Free(),
		"Resolve":             second(Resolve[int32](a, h)),
		"zero handle":         second(Resolve[int32](a, Handle{})),
		"FromDescriptor":      second(FromDescriptor[int32](a.Bytes(), d)),
		"Arena.Free":          a.Free(y),
		"Resolve, other type": second(Resolve[float64](a, h)),
	} {
		if !errors.Is(err, ErrStale) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := again.Rows(0, 2).Free(); !errors.Is(err, ErrView) {
		t.Errorf("a view: %v", err)
	}
	if err := Wrap([]int32{1}).Free(); !errors.Is(err, ErrNotInArena) {
		t.Errorf("heap: %v", err)
	}
	whole(t, a)
}

func second[V any](_ V, err error) error { return err }

func TestReserve_IsCalledBeforeUseInSteps(t *testing.T) {
	full := errors.New("disk full")
	border, calls := 0, 0
	limit := 6 << 20
	a := heap(t, 32<<20, &Options{Reserve: func(off, n int) error {
		calls++
		if off != border {
			t.Errorf("reserved from %d, the border was %d", off, border)
		}
		if off+n > limit {
			return full
		}
		border = off + n
		return nil
	}})
	for range 1000 {
		must[*Array[uint8]](t)(New[uint8](a, 1000))
	}
	if calls > 8 || border > 2<<20 { // steps that double from 64 KiB, for one megabyte
		t.Fatalf("%d calls, border %d", calls, border)
	}
	before := whole(t, a)
	if _, err := New[uint8](a, 8<<20); !errors.Is(err, full) {
		t.Fatal(err)
	}
	if after := whole(t, a); after != before {
		t.Fatalf("%+v became %+v", before, after)
	}
	// What fits is given although the step does not.
	limit = 3<<20 + 4096
	must[*Array[uint8]](t)(New[uint8](a, 3<<20-before.Touched-1000))
	if s := whole(t, a); s.Reserved < s.Touched || s.Reserved > limit {
		t.Fatalf("%+v", s)
	}
}

func TestNew_LeavesFreshMemoryAlone(t *testing.T) {
	mem := layout.Aligned(1<<20, granule)
	a := must[*Arena](t)(Create(mem, nil))
	mem[1<<19] = 7 // nobody has told the arena: it must not clear what it believes to be fresh
	x := must[*Array[uint8]](t)(New[uint8](a, 900000))
	if i := 1<<19 - x.off; x.At(i) != 7 {
		t.Fatal("memory that was never used has been cleared, and so touched")
	}
}

func TestSize_IsEnough(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for range 200 {
		sizes := make([]int, rng.IntN(20))
		for i := range sizes {
			sizes[i] = rng.IntN(1 << rng.IntN(16))
		}
		o := &Options{Names: 1 << rng.IntN(6)}
		a := heap(t, max(Size(o, sizes...), firstBlock(o.Names)+splitMin), o)
		for _, n := range sizes {
			if _, err := New[uint8](a, n); err != nil {
				t.Fatalf("%v: %v", sizes, err)
			}
		}
	}
}

func TestArena_Goroutines(t *testing.T) {
	a := heap(t, 8<<20, nil)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			rng := rand.New(rand.NewPCG(uint64(g), 1))
			var live []*Array[int64]
			for i := range 500 {
				x, err := New[int64](a, 1+rng.IntN(200))
				if err != nil {
					t.Error(err)
					return
				}
				if x.Slice()[x.Len()-1] != 0 {
					t.Error("not zeroed")
				}
				x.Fill(int64(g*1000 + i))
				live = append(live, x)
				if len(live) > 20 {
					k := rng.IntN(len(live))
					if x := live[k]; x.At(0) != x.At(x.Len()-1) {
						t.Error("arrays overlap")
					}
					y, err := Resolve[int64](a, live[k].Handle())
					if err != nil || y.Len() != live[k].Len() {
						t.Error(y, err)
					}
					if err := live[k].Free(); err != nil {
						t.Error(err)
					}
					live = append(live[:k], live[k+1:]...)
				}
			}
			for _, x := range live {
				if err := x.Free(); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wg.Wait()
	if s := whole(t, a); s.Used != 0 {
		t.Fatalf("%+v", s)
	}
}
