//go:build linux

package multiprocessing

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/shmath/shmath/shm"
)

type mixed struct {
	I int32
	D float64
	Q int64
	S [20]byte
}

type doubling struct {
	I *Value[int32]
	D *Value[float64]
	B *Value[uint8]
	A *Array[float64]
	S *Struct[mixed]
}

var double = NewTarget("double", func(ctx context.Context, a doubling) error {
	a.I.Set(2 * a.I.Get())
	a.D.Set(2 * a.D.Get())
	a.B.Add(a.B.Get())
	for i := range a.A.Slice() {
		a.A.Slice()[i] *= 2
	}
	return a.S.Update(ctx, func(m *mixed) error {
		m.I, m.D, m.Q = 2*m.I, 2*m.D, 2*m.Q
		copy(m.S[5:], m.S[:5])
		return nil
	})
})

func TestT1_SharedTypes(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		m := mixed{3, 1.25, 1 << 40, [20]byte{'h', 'e', 'l', 'l', 'o'}}
		a := doubling{must[*Value[int32]](t)(NewValue[int32](-7)), must[*Value[float64]](t)(NewValue(1.5)),
			must[*Value[uint8]](t)(NewValue[uint8](200)), must[*Array[float64]](t)(NewArray(1.0, 2, 3)),
			must[*Struct[mixed]](t)(NewStruct(m))}
		p := start(t, double, a, opts)
		ok(t, p.Join(watchdog(t)))
		ok(t, p.Err())
		got := must[mixed](t)(a.S.Get(watchdog(t)))
		if a.I.Get() != -14 || a.D.Get() != 3 || a.B.Get() != 144 || !slices.Equal(a.A.Slice(), []float64{2, 4, 6}) ||
			got.I != 6 || got.D != 2.5 || got.Q != 1<<41 || string(got.S[:10]) != "hellohello" {
			t.Fatal(a.I.Get(), a.D.Get(), a.B.Get(), a.A.Slice(), got)
		}
	})
}

func TestV2_Locks(t *testing.T) {
	if l := must[*Array[int8]](t)(NewArrayOf[int8](3)).GetLock(); l == nil {
		t.Fatal("an array without a lock")
	}
	if l := must[*Array[int8]](t)(NewRawArray[int8](3)).GetLock(); l != nil {
		t.Fatal("a raw array with a lock")
	}
	if _, err := NewStruct(struct{ A struct{ P *int } }{}); !errors.Is(err, ErrValue) || !strings.Contains(err.Error(), "A.P") {
		t.Fatal(err)
	}
}

func TestAR2_ZeroedWhenReused(t *testing.T) {
	for range 3 {
		x := must[*Array[uint64]](t)(NewArrayOf[uint64](1000))
		for _, v := range x.Slice() {
			if v != 0 {
				t.Fatal("not zero")
			}
		}
		for i := range x.Slice() {
			x.Slice()[i] = math.MaxUint64
		}
		ok(t, x.Free())
	}
}

var writeHello = NewTarget("write hello", func(ctx context.Context, m *SharedMemory) error {
	copy(m.Buf(), "hello")
	return m.Close()
})

func TestM1_SharedMemory(t *testing.T) {
	m := must[*SharedMemory](t)(NewSharedMemory("", 100))
	defer m.Close()
	if m.Size() != 100 || !strings.Contains(m.String(), m.Name()) || !strings.Contains(m.String(), "100") {
		t.Fatal(m)
	}
	if _, err := NewSharedMemory(m.Name(), 100); !errors.Is(err, shm.ErrExist) {
		t.Fatal(err)
	}
	p := start(t, writeHello, m, nil)
	ok(t, p.Join(watchdog(t)))
	ok(t, p.Err())
	again := must[*SharedMemory](t)(OpenSharedMemory(m.Name()))
	if !bytes.Equal(again.Buf()[:5], []byte("hello")) {
		t.Fatal(again.Buf()[:5])
	}
	ok(t, again.Unlink())
	if err := m.Unlink(); !errors.Is(err, shm.ErrNotExist) {
		t.Fatal(err)
	}
	if _, err := OpenSharedMemory(m.Name()); !errors.Is(err, shm.ErrNotExist) {
		t.Fatal(err)
	}
	again.Buf()[5] = '!' // what is unlinked stays for those who have it
	if m.Buf()[5] != '!' {
		t.Fatal("two memories of one name")
	}
	ok(t, again.Close())
}

func TestM2_BadSizes(t *testing.T) {
	for _, size := range []int{0, -1} {
		if _, err := NewSharedMemory("", size); !errors.Is(err, ErrValue) {
			t.Fatal(err)
		}
	}
	if _, err := OpenSharedMemory(""); !errors.Is(err, ErrValue) {
		t.Fatal(err)
	}
	for _, name := range []string{"a/b", "a\x00b", strings.Repeat("n", 300)} {
		if _, err := NewSharedMemory(name, 1); !errors.Is(err, shm.ErrName) {
			t.Fatal(name, err)
		}
	}
}

func TestM8_Manager(t *testing.T) {
	m := NewSharedMemoryManager()
	x := must[*SharedMemory](t)(m.SharedMemory(10))
	l := must[*ShareableList](t)(m.ShareableList(1, "two"))
	names := []string{x.Name(), l.SharedMemory().Name()}
	ok(t, m.Shutdown())
	for _, n := range names {
		if _, err := os.Stat("/dev/shm/" + n); !os.IsNotExist(err) {
			t.Fatal(n, err)
		}
	}
	if _, err := m.SharedMemory(1); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
}

var changeList = NewTarget("change list", func(ctx context.Context, l *ShareableList) error { return l.Set(1, "zwölf") })

func TestSL1_ShareableList(t *testing.T) {
	l := must[*ShareableList](t)(NewShareableList("", nil, "eins", 2.5, true, 42, []byte{0, 1, 0}))
	defer l.SharedMemory().Close()
	defer l.SharedMemory().Unlink()
	want := []any{nil, "eins", 2.5, true, 42, []byte{0, 1, 0}}
	for i, v := range l.All() {
		if !same(v, want[i]) {
			t.Fatalf("element %d is %v, want %v", i, v, want[i])
		}
	}
	p := start(t, changeList, l, nil)
	ok(t, p.Join(watchdog(t)))
	ok(t, p.Err())
	if v := must[any](t)(l.Get(1)); v != "zwölf" {
		t.Fatal(v)
	}
	if err := l.Set(1, "fünfundzwanzig"); !errors.Is(err, ErrValue) {
		t.Fatal(err)
	}
	if v, w := must[any](t)(l.Get(1)), must[any](t)(l.Get(2)); v != "zwölf" || w != 2.5 {
		t.Fatal("a text that was too long changed its place or its neighbour", v, w)
	}
	ok(t, l.Set(1, 8.5))
	for _, i := range []int{-1, 6} {
		if _, err := l.Get(i); !errors.Is(err, ErrValue) {
			t.Fatal(err)
		}
	}
	if i, err := l.Index(42); err != nil || i != 4 || l.Count(true) != 1 || l.Len() != 6 {
		t.Fatal(i, err, l.Count(true))
	}
	empty := must[*ShareableList](t)(NewShareableList(""))
	if empty.Len() != 0 {
		t.Fatal(empty.Len())
	}
	ok(t, empty.SharedMemory().Unlink())
}
