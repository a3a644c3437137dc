package arena

import (
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/shmath/shmath/internal/layout"
)

// pristine returns the bytes of a small arena with arrays, names, holes and a free tail, and a handle and a descriptor
// of arrays in it.
func pristine(t testing.TB) ([]byte, Handle, Descriptor) {
	mem := layout.Aligned(16<<10, granule)
	a := must[*Arena](t)(Create(mem, &Options{Names: 4}))
	x := must[*Array[int32]](t)(New[int32](a, 5, 6))
	hole := must[*Array[int32]](t)(New[int32](a, 100))
	y := must[*Array[int32]](t)(Named[int32](a, "name", 50))
	if err := hole.Free(); err != nil {
		t.Fatal(err)
	}
	return mem, x.Handle(), y.View(Range{0, 50, 3}).Descriptor()
}

// exercise does everything that one can do with memory that may hold anything. It must neither panic nor read outside,
// and whatever it is told must be an error of this package.
func exercise(t testing.TB, mem []byte, h Handle, d Descriptor) {
	check := func(what string, err error) {
		if err == nil {
			return
		}
		for _, known := range []error{ErrCorrupt, ErrStale, ErrType, ErrNotFound, ErrExists, ErrNoSpace, ErrNamesFull,
			ErrShortMemory, ErrNotInArena} {
			if errors.Is(err, known) {
				return
			}
		}
		t.Fatalf("%s: %v", what, err)
	}
	if x, err := FromDescriptor[int32](mem, d); err == nil {
		touch(x)
	} else {
		check("FromDescriptor", err)
	}
	for _, o := range []*Options{{ReadOnly: true}, {Members: crew{3, map[uint32]bool{1: true, 2: true}}}} {
		// Nobody but the test holds the lock: any other holder would be waited for.
		if len(mem) >= headerSize {
			layout.View[header](mem, 0).lock.Store(lockBroken)
		}
		a, err := Attach(mem, o)
		if err != nil {
			check("Attach", err)
			continue
		}
		if x, err := Resolve[int32](a, h); err == nil {
			touch(x)
		} else {
			check("Resolve", err)
		}
		if x, err := Lookup[int32](a, "name"); err == nil {
			touch(x)
		} else {
			check("Lookup", err)
		}
		_, err = a.Names()
		check("Names", err)
		if o.ReadOnly {
			continue
		}
		check("Check", a.Check())
		x, err := New[int32](a, 20)
		check("New", err)
		_, err = Named[int32](a, "other", 20)
		check("Named", err)
		if x != nil {
			touch(x)
			check("Free", x.Free())
		}
		_, err = a.Reap()
		check("Reap", err)
		check("Check", a.Check())
	}
}

func touch(x *Array[int32]) {
	n := 0
	for range x.All() {
		if n++; n > 1000 {
			return
		}
	}
}

func TestAttach_NamesTheField(t *testing.T) {
	for field, c := range map[string]struct {
		off   int
		value uint64
	}{
		"magic":       {0, 1},
		"version":     {8, 4<<32 | 9},
		"names":       {8, 5<<32 | layoutVersion},
		"capacity":    {16, 1 << 40},
		"first block": {24, 64},
	} {
		mem, _, _ := pristine(t)
		binary.LittleEndian.PutUint64(mem[c.off:], c.value)
		if _, err := Attach(mem, nil); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := Attach(make([]byte, 100), nil); !errors.Is(err, ErrShortMemory) {
		t.Error(err)
	}
	if _, err := Attach(layout.Aligned(1<<16, granule)[8:], nil); !errors.Is(err, ErrShortMemory) {
		t.Error(err)
	}
	if _, err := Attach(layout.Aligned(1<<16, granule), nil); !errors.Is(err, ErrCorrupt) {
		t.Error(err)
	}
	for _, o := range []*Options{{Names: 3}, {Names: -1}, {Members: crew{tag: 0}}, {Members: crew{tag: 1 << 30}}} {
		if _, err := Create(layout.Aligned(1<<16, granule), o); err == nil {
			t.Errorf("%+v accepted", o)
		}
	}
	if _, err := Create(layout.Aligned(1<<12, granule), nil); !errors.Is(err, ErrShortMemory) {
		t.Error(err)
	}
}

// TestArena_EveryWordCorrupted replaces each word of an arena by values that hurt.
func TestArena_EveryWordCorrupted(t *testing.T) {
	clean, h, d := pristine(t)
	mem := layout.Aligned(len(clean), granule)
	for off := 0; off+8 <= len(clean); off += 8 {
		if off >= int(512) && off < headerSize && binary.LittleEndian.Uint64(clean[off:]) == 0 && off%512 != 0 {
			continue // one empty list is as good as another
		}
		for _, v := range []uint64{0, 1, 64, math.MaxUint64, 1 << 63, marker | kindFree, marker | 64 | kindUsed,
			marker | 1<<46 | kindFree, uint64(off)} {
			copy(mem, clean)
			binary.LittleEndian.PutUint64(mem[off:], v)
			exercise(t, mem, h, d)
		}
	}
}

func TestDescriptor_RandomFieldsNeverReachOutside(t *testing.T) {
	mem, _, good := pristine(t)
	rng := rand.New(rand.NewPCG(9, 10))
	odd := []int64{0, 1, -1, 2, 3, 8, 50, 63, 64, 1000, 4096, 16384, 1 << 31, 1 << 32, 1 << 61, math.MaxInt64,
		math.MinInt64, math.MinInt64 + 1}
	pick := func() int64 { return odd[rng.IntN(len(odd))] }
	accepted := 0
	for range 200000 {
		d := good
		if rng.IntN(2) == 0 {
			d.Block = 0
		}
		for range 1 + rng.IntN(3) {
			switch rng.IntN(7) {
			case 0:
				d.Offset = pick()
			case 1:
				d.Block = uint64(pick())
			case 2:
				d.Gen = uint64(pick())
			case 3:
				d.DType = DType(rng.IntN(16))
			case 4:
				d.NDim = uint8(rng.IntN(10))
			case 5:
				d.Shape[rng.IntN(MaxDims)] = pick()
			default:
				d.Strides[rng.IntN(MaxDims)] = pick()
			}
		}
		x, err := FromDescriptor[int32](mem, d)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrStale) && !errors.Is(err, ErrType) {
				t.Fatalf("%+v: %v", d, err)
			}
			continue
		}
		accepted++
		if x.Len() < 0 || len(x.data) > len(mem)/4 {
			t.Fatalf("%+v: %v over %d elements", d, x, len(x.data))
		}
		touch(x)
	}
	if accepted == 0 {
		t.Fatal("nothing was accepted: the test shows nothing")
	}
}

func TestRebind_LeavesTheArrayAloneOnErrors(t *testing.T) {
	mem, _, d := pristine(t)
	x := Wrap([]int32{1, 2, 3})
	for name, c := range map[string]struct {
		change func(*Descriptor)
		want   error
	}{
		"type":         {func(d *Descriptor) { d.DType = Float32 }, ErrType},
		"no type":      {func(d *Descriptor) { *d = Descriptor{} }, ErrCorrupt},
		"stale":        {func(d *Descriptor) { d.Gen++ }, ErrStale},
		"outside":      {func(d *Descriptor) { d.Block = 0; d.Offset = int64(len(mem)) }, ErrCorrupt},
		"header bytes": {func(d *Descriptor) { d.Offset = int64(d.Block) }, ErrCorrupt},
		"past block":   {func(d *Descriptor) { d.Shape[0] = 40 }, ErrCorrupt},
		"misaligned":   {func(d *Descriptor) { d.Offset++ }, ErrCorrupt},
	} {
		bad := d
		c.change(&bad)
		if err := x.Rebind(mem, bad); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if !slices.Equal(x.Slice(), []int32{1, 2, 3}) {
			t.Fatalf("%s: the array has changed to %v", name, x)
		}
	}
	if err := x.Rebind(mem, d); err != nil || x.Len() != 17 {
		t.Fatal(x, err)
	}
}

func FuzzAttach(f *testing.F) {
	clean, h, d := pristine(f)
	f.Add(uint16(0), uint64(0), uint16(6144), uint64(1))
	f.Add(uint16(16), uint64(1<<20), uint16(6464), uint64(marker|1<<20|kindFree))
	f.Fuzz(func(t *testing.T, at1 uint16, v1 uint64, at2 uint16, v2 uint64) {
		mem := layout.Aligned(len(clean), granule)
		copy(mem, clean)
		for _, c := range []struct {
			at uint16
			v  uint64
		}{{at1, v1}, {at2, v2}} {
			binary.LittleEndian.PutUint64(mem[int(c.at)%(len(mem)-8):], c.v)
		}
		exercise(t, mem, h, d)
	})
}
