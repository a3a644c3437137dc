//go:build linux

package multiprocessing

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"
)

func TestDict_AgainstMap(t *testing.T) {
	d := must[*Dict[int32, [3]uint16]](t)(NewDict[int32, [3]uint16]())
	want := map[int32][3]uint16{}
	ctx := watchdog(t)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 50_000 {
		k := int32(r.IntN(3000)) - 1500
		switch v := [3]uint16{uint16(i), uint16(k), uint16(i >> 8)}; r.IntN(3) {
		case 0:
			ok(t, d.Delete(ctx, k))
			delete(want, k)
		default:
			ok(t, d.Set(ctx, k, v))
			want[k] = v
		}
		k = int32(r.IntN(3000)) - 1500
		v, has, err := d.Get(k)
		ok(t, err)
		if w, should := want[k]; has != should || v != w {
			t.Fatalf("step %d: d[%d] is %v, %v; want %v, %v", i, k, v, has, w, should)
		}
		if d.Len() != len(want) {
			t.Fatal(d.Len(), len(want))
		}
	}
	n := 0
	for k, v := range d.All() {
		if want[k] != v {
			t.Fatal(k, v)
		}
		n++
	}
	if n != len(want) {
		t.Fatal(n, len(want))
	}
	ok(t, d.Clear(ctx))
	if _, has, _ := d.Get(0); has || d.Len() != 0 {
		t.Fatal("not clear")
	}
	ok(t, d.Free())
}

func TestDict_RefusesWhatDoesNotCompareByBytes(t *testing.T) {
	if _, err := NewDict[float64, int](); !errors.Is(err, ErrValue) {
		t.Fatal(err)
	}
	if _, err := NewDict[struct {
		A int8
		B int64
	}, int](); !errors.Is(err, ErrValue) {
		t.Fatal(err)
	}
	if _, err := NewDict[string, int](); !errors.Is(err, ErrValue) {
		t.Fatal(err)
	}
	d := must[*Dict[Name, Name]](t)(NewDict[Name, Name]())
	k := must[Name](t)(NameOf("schlüssel"))
	ok(t, d.Set(watchdog(t), k, k))
	if v, has, err := d.Get(k); !has || err != nil || v.String() != "schlüssel" {
		t.Fatal(v, has, err)
	}
	if _, err := NameOf(string(make([]byte, 64))); !errors.Is(err, ErrValue) {
		t.Fatal(err)
	}
}

type dictWork struct {
	Dict *Dict[int64, [4]int64]
	List *List[[4]int64]
	N    int
	Seed uint64
}

// change counts up random entries; the four numbers of each entry stay equal, as far as anybody can see.
var change = NewTarget("change", func(ctx context.Context, a dictWork) error {
	r := rand.New(rand.NewPCG(a.Seed, 0))
	for range a.N {
		k := r.Int64N(500)
		err := a.Dict.Update(ctx, k, func(v [4]int64, ok bool) ([4]int64, bool) {
			for i := range v {
				v[i]++
			}
			return v, true
		})
		if err != nil {
			return err
		}
		if err := a.List.Append(ctx, [4]int64{k, k, k, k}); err != nil {
			return err
		}
	}
	return nil
})

func TestDict_ManyProcesses(t *testing.T) {
	a := dictWork{must[*Dict[int64, [4]int64]](t)(NewDict[int64, [4]int64]()),
		must[*List[[4]int64]](t)(NewList[[4]int64]()), 3000, 0}
	var crew []*Process
	for i := range 3 {
		a.Seed = uint64(i)
		crew = append(crew, start(t, change, a, nil))
	}
	for len(ActiveChildren()) > 0 {
		whole(t, a)
	}
	for _, p := range crew {
		ok(t, p.Join(watchdog(t)))
		ok(t, p.Err())
	}
	sum := int64(0)
	for _, v := range a.Dict.All() {
		sum += v[0]
	}
	if sum != 9000 || a.List.Len() != 9000 {
		t.Fatal(sum, a.List.Len())
	}
}

// whole looks at every entry while others write.
func whole(t *testing.T, a dictWork) {
	t.Helper()
	for k := range int64(500) {
		if v, _, err := a.Dict.Get(k); err != nil || v[0] != v[3] || v[1] != v[2] || v[0] != v[1] {
			t.Fatal(k, v, err)
		}
	}
	for i, v := range a.List.All() {
		if v[0] != v[3] || v[1] != v[2] {
			t.Fatal(i, v)
		}
	}
}

// TestDict_WritersKilled: whoever dies in a change leaves a dict that holds whole values and counts itself right.
func TestDict_WritersKilled(t *testing.T) {
	a := dictWork{must[*Dict[int64, [4]int64]](t)(NewDict[int64, [4]int64]()),
		must[*List[[4]int64]](t)(NewList[[4]int64]()), 1 << 30, 0}
	for i := range 15 {
		a.Seed = uint64(i)
		p := start(t, change, a, nil)
		time.Sleep(time.Duration(rand.IntN(5000)) * time.Microsecond)
		ok(t, p.Kill())
		ok(t, p.Join(watchdog(t)))
		whole(t, a)
		ok(t, a.Dict.Set(watchdog(t), -1, [4]int64{}))
		n := 0
		for range a.Dict.All() {
			n++
		}
		if n != a.Dict.Len() {
			t.Fatalf("%d keys, Len says %d", n, a.Dict.Len())
		}
	}
}

func TestList_Basics(t *testing.T) {
	l := must[*List[int16]](t)(NewList[int16](1, 2, 3))
	ctx := watchdog(t)
	for i := range 1000 {
		ok(t, l.Append(ctx, int16(i)))
	}
	ok(t, l.Set(ctx, 1, -2))
	ok(t, l.Update(ctx, 2, func(v int16) int16 { return 2 * v }))
	if v := must[int16](t)(l.Get(1)); v != -2 {
		t.Fatal(v)
	}
	if v := must[int16](t)(l.Get(2)); v != 6 {
		t.Fatal(v)
	}
	if v := must[int16](t)(l.Pop(ctx)); v != 999 || l.Len() != 1002 {
		t.Fatal(v, l.Len())
	}
	for _, i := range []int{-1, 1002} {
		if _, err := l.Get(i); !errors.Is(err, ErrValue) {
			t.Fatal(err)
		}
	}
	empty := must[*List[int16]](t)(NewList[int16]())
	if _, err := empty.Pop(ctx); err != ErrEmpty {
		t.Fatal(err)
	}
	ok(t, empty.Free())
	ok(t, l.Free())
}

func BenchmarkDict_Get(b *testing.B) {
	d, _ := NewDict[int64, int64]()
	for i := range int64(1000) {
		_ = d.Set(context.Background(), i, i)
	}
	for i := 0; b.Loop(); i++ {
		_, _, _ = d.Get(int64(i) % 1000)
	}
}

func BenchmarkDict_Set(b *testing.B) {
	d, _ := NewDict[int64, int64]()
	for i := 0; b.Loop(); i++ {
		_ = d.Set(context.Background(), int64(i)%1000, int64(i))
	}
}

func BenchmarkQueue_PutGet(b *testing.B) {
	q, _ := NewQueue[int64](0)
	for b.Loop() {
		_ = q.Put(context.Background(), 1)
		_, _ = q.Get(context.Background())
	}
}
