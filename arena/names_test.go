package arena

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/internal/mapping"
)

func TestNamed_IsFoundByAnotherAttach(t *testing.T) {
	mem := layout.Aligned(1<<18, granule)
	a := must[*Arena](t)(Create(mem, nil))
	x := must[*Array[float32]](t)(Named[float32](a, "prices", 3, 4))
	x.Set(2.5, 1, 2)
	for _, o := range []*Options{nil, {ReadOnly: true}} {
		b := must[*Arena](t)(Attach(mem, o))
		y := must[*Array[float32]](t)(Lookup[float32](b, "prices"))
		if y.At(1, 2) != 2.5 || !slices.Equal(y.Shape(), []int{3, 4}) {
			t.Fatal(y)
		}
		_, err := Lookup[int64](b, "prices")
		if !errors.Is(err, ErrType) || !strings.Contains(err.Error(), "float32") || !strings.Contains(err.Error(), "int64") {
			t.Fatalf("wrong type: %v", err)
		}
		if _, err := Lookup[int64](b, "price"); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), `"price"`) {
			t.Fatalf("missing: %v", err)
		}
		if names := must[[]string](t)(b.Names()); !slices.Equal(names, []string{"prices"}) {
			t.Fatal(names)
		}
	}
	ro := must[*Arena](t)(Attach(mem, &Options{ReadOnly: true}))
	y := must[*Array[float32]](t)(Lookup[float32](ro, "prices"))
	if !y.ReadOnly() {
		t.Fatal("the array of a read-only arena says that it can be written")
	}
	if _, err := New[int8](ro, 1); !errors.Is(err, ErrReadOnly) {
		t.Fatal(err)
	}
	if err := y.Free(); !errors.Is(err, ErrReadOnly) {
		t.Fatal(err)
	}
	if _, err := Named[int8](a, "prices"); !errors.Is(err, ErrExists) {
		t.Fatal(err)
	}
	if err := x.Free(); err != nil {
		t.Fatal(err)
	}
	if _, err := Lookup[float32](a, "prices"); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	whole(t, a)
}

// TestAttach_ReadOnlyMappingIsNeverStoredTo maps an arena so that any store would kill the test.
func TestAttach_ReadOnlyMappingIsNeverStoredTo(t *testing.T) {
	mem := layout.Aligned(1<<18, granule)
	a := must[*Arena](t)(Create(mem, nil))
	must[*Array[int16]](t)(Named[int16](a, "x", 2)).Set(5, 1)
	h := must[*Array[int16]](t)(New[int16](a, 2)).Handle()
	m := mapped(t, mem, mapping.ReadOnly)
	b := must[*Arena](t)(Attach(m, &Options{ReadOnly: true}))
	x := must[*Array[int16]](t)(Lookup[int16](b, "x"))
	y := must[*Array[int16]](t)(Resolve[int16](b, h))
	z := must[*Array[int16]](t)(FromDescriptor[int16](m, x.Rows(1, 2).Descriptor()))
	if x.At(1) != 5 || y.Handle() != h || z.At(0) != 5 || z.Descriptor() != x.Rows(1, 2).Descriptor() {
		t.Fatal(x, y, z)
	}
	var w Array[int16]
	if err := b.Rebind(&w, y.Descriptor()); err != nil || !w.ReadOnly() {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"Free": y.Free(), "Arena.Free": b.Free(z), "Reap": second(b.Reap()), "Stats": second(b.Stats()), "Check": b.Check(),
		"Named": second(Named[int8](b, "y")),
	} {
		if !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// mapped writes mem to a file and maps that.
func mapped(t *testing.T, mem []byte, mode mapping.Mode) []byte {
	t.Helper()
	f, err := os.Open(writeFile(t, mem))
	if err != nil {
		t.Fatal(err)
	}
	m := must[*mapping.Mapping](t)(mapping.New(f, int64(len(mem)), mode))
	t.Cleanup(func() { _ = m.Close() })
	return m.Bytes
}

func TestNamed_BadNames(t *testing.T) {
	a := heap(t, 1<<18, nil)
	for _, name := range []string{"", strings.Repeat("x", 56), "a\x00b"} {
		if _, err := Named[int8](a, name); !errors.Is(err, ErrName) {
			t.Errorf("Named %q: %v", name, err)
		}
		if _, err := Lookup[int8](a, name); !errors.Is(err, ErrName) {
			t.Errorf("Lookup %q: %v", name, err)
		}
	}
	long := strings.Repeat("é", 27) + "x"
	must[*Array[int8]](t)(Named[int8](a, long))
	must[*Array[int8]](t)(Lookup[int8](a, long))
}

func TestNamed_FullCatalogue(t *testing.T) {
	a := heap(t, 1<<18, &Options{Names: 8})
	for i := range 8 {
		must[*Array[int8]](t)(Named[int8](a, fmt.Sprint(i)))
	}
	before := whole(t, a)
	if _, err := Named[int8](a, "one more"); !errors.Is(err, ErrNamesFull) {
		t.Fatal(err)
	}
	if after := whole(t, a); after != before {
		t.Fatal(after)
	}
	if _, err := Lookup[int8](a, "one more"); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
}

// TestNamed_RandomAgainstAMap adds and removes names in a small table, where they collide, and compares with a map.
func TestNamed_RandomAgainstAMap(t *testing.T) {
	a := heap(t, 1<<18, &Options{Names: 16})
	want := map[string]int32{}
	rng := rand.New(rand.NewPCG(7, 8))
	for i := range 4000 {
		name := fmt.Sprint("n", rng.IntN(24))
		x, err := Lookup[int32](a, name)
		v, known := want[name]
		if known != (err == nil) || known && x.At() != v {
			t.Fatalf("step %d: %q is %v, want %v %v", i, name, err, v, known)
		}
		switch {
		case known:
			delete(want, name)
			err = x.Free()
		case len(want) < 16:
			if x, err = Named[int32](a, name); err == nil {
				x.Set(int32(i))
				want[name] = int32(i)
			}
		default:
			err = nil
		}
		if err != nil {
			t.Fatal(err)
		}
		if i%50 == 0 {
			if s := whole(t, a); s.Named != len(want) {
				t.Fatal(s)
			}
		}
	}
}

func TestReap_FreesWhatTheDeadToldNobody(t *testing.T) {
	mem := layout.Aligned(1<<18, granule)
	must[*Arena](t)(Create(mem, nil))
	a := mustAttach(t, mem, crew{tag: 2})
	must[*Array[int8]](t)(New[int8](a, 10))
	shared := must[*Array[int8]](t)(New[int8](a, 10)).Handle()
	described := must[*Array[int8]](t)(New[int8](a, 10)).Rows(2, 3).Descriptor()
	must[*Array[int8]](t)(Named[int8](a, "named", 10))
	must[*Array[int8]](t)(New[int8](a, 10))
	alive := mustAttach(t, mem, crew{tag: 3})
	mine := must[*Array[int8]](t)(New[int8](alive, 10))
	if n, err := alive.Reap(); n != 0 || err != nil {
		t.Fatalf("reaped %d of the living, %v", n, err)
	}
	other := mustAttach(t, mem, crew{3, map[uint32]bool{2: true}})
	if n, err := other.Reap(); n != 2 || err != nil {
		t.Fatalf("reaped %d, want 2, %v", n, err)
	}
	must[*Array[int8]](t)(Resolve[int8](other, shared))
	must[*Array[int8]](t)(FromDescriptor[int8](mem, described))
	must[*Array[int8]](t)(Lookup[int8](other, "named"))
	if err := mine.Free(); err != nil {
		t.Fatal(err)
	}
	whole(t, other)
}

func TestArenaRebind_CanFree(t *testing.T) {
	a := heap(t, 1<<18, nil)
	x := must[*Array[int8]](t)(New[int8](a, 10))
	y := must[*Array[int8]](t)(FromDescriptor[int8](a.Bytes(), x.Descriptor()))
	if err := y.Free(); !errors.Is(err, ErrNotInArena) {
		t.Fatal(err)
	}
	var z Array[int8]
	if err := a.Rebind(&z, x.Descriptor()); err != nil {
		t.Fatal(err)
	}
	if err := z.Free(); err != nil {
		t.Fatal(err)
	}
	if err := a.Free(y); !errors.Is(err, ErrStale) {
		t.Fatal(err)
	}
	w := must[*Array[int8]](t)(New[int8](a, 10))
	if err := a.Free(must[*Array[int8]](t)(FromDescriptor[int8](a.Bytes(), w.Descriptor()))); err != nil {
		t.Fatal(err)
	}
	if err := a.Free(Wrap([]int8{1})); !errors.Is(err, ErrNotInArena) {
		t.Fatal(err)
	}
	if s := whole(t, a); s.Used != 0 {
		t.Fatal(s)
	}
}
