//go:build linux

package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func newManager(t *testing.T) *Manager {
	t.Helper()
	m := must[*Manager](t)(NewManager(watchdog(t), nil))
	t.Cleanup(func() {
		if m.Process().IsAlive() {
			ok(t, m.Shutdown(context.Background()))
		}
	})
	return m
}

type fillArgs struct {
	Dict DictProxy[string, int]
	List ListProxy[string]
	Who  string
}

var fillManaged = NewTarget("fill managed", func(ctx context.Context, a fillArgs) error {
	for i := range 100 {
		if err := a.Dict.Set(ctx, fmt.Sprint(a.Who, i), i); err != nil {
			return err
		}
		if err := a.List.Append(ctx, a.Who); err != nil {
			return err
		}
	}
	return nil
})

func TestMG1_DictAndList(t *testing.T) {
	m, ctx := newManager(t), watchdog(t)
	a := fillArgs{Dict: must[DictProxy[string, int]](t)(ManagerDict[string, int](ctx, m)),
		List: must[ListProxy[string]](t)(ManagerList(ctx, m, "first"))}
	var crew []*Process
	for _, who := range []string{"a", "b", "c"} {
		a.Who = who
		crew = append(crew, start(t, fillManaged, a, nil))
	}
	for _, p := range crew {
		ok(t, p.Join(ctx))
		ok(t, p.Err())
	}
	if n := must[int](t)(a.Dict.Len(ctx)); n != 300 {
		t.Fatal(n)
	}
	v, has, err := a.Dict.Get(ctx, "b42")
	if err != nil || !has || v != 42 {
		t.Fatal(v, has, err)
	}
	if _, has, _ := a.Dict.Get(ctx, "nobody"); has {
		t.Fatal("a key that was never set")
	}
	keys, values, err := a.Dict.Items(ctx)
	if err != nil || len(keys) != 300 || len(values) != 300 || keys[slices.Index(values, 7)][1:] != "7" {
		t.Fatal(len(keys), err)
	}
	if gone := must[bool](t)(a.Dict.Delete(ctx, "b42")); !gone {
		t.Fatal("not deleted")
	}
	list := must[[]string](t)(a.List.Slice(ctx))
	if len(list) != 301 || list[0] != "first" {
		t.Fatal(len(list), list[0])
	}
	ok(t, a.List.Set(ctx, 0, "zero"))
	if s := must[string](t)(a.List.Get(ctx, 0)); s != "zero" {
		t.Fatal(s)
	}
	if _, err := a.List.Get(ctx, 301); !errors.Is(err, ErrRemote) || !strings.Contains(err.Error(), "301") {
		t.Fatal(err)
	}
}

func TestMG1_NamespaceAndNested(t *testing.T) {
	m, ctx := newManager(t), watchdog(t)
	n := must[Namespace](t)(m.Namespace(ctx))
	inner := must[ListProxy[float64]](t)(ManagerList(ctx, m, 1.5))
	ok(t, SetAttr(ctx, n, "inner", inner))
	ok(t, SetAttr(ctx, n, "name", "shmath"))
	found, has, err := GetAttr[ListProxy[float64]](ctx, n, "inner")
	if err != nil || !has {
		t.Fatal(has, err)
	}
	ok(t, found.Append(ctx, 2.5))
	if list := must[[]float64](t)(inner.Slice(ctx)); !slices.Equal(list, []float64{1.5, 2.5}) {
		t.Fatal(list)
	}
	if _, has, err := GetAttr[string](ctx, n, "missing"); has || err != nil {
		t.Fatal(has, err)
	}
}

// counter is a type of the program's own.
type counter struct{ n int }

func (c *counter) Add(delta int) int { c.n += delta; return c.n }

func (c *counter) Fail(why string) error { return errors.New(why) }

func (c *counter) Panic() { panic("inside") }

func (c *counter) Hidden() int { return c.n }

var _ = RegisterType[counter]("counter", "Add", "Fail", "Panic")

type addArgs struct {
	Counter Proxy
	N       int
}

var addMany = NewTarget("add many", func(ctx context.Context, a addArgs) error {
	for range a.N {
		if _, err := Invoke[int](ctx, a.Counter, "Add", 1); err != nil {
			return err
		}
	}
	return nil
})

func TestMG3_RegisteredType(t *testing.T) {
	m, ctx := newManager(t), watchdog(t)
	c := must[Proxy](t)(m.New(ctx, "counter"))
	p := start(t, addMany, addArgs{c, 500}, nil)
	for range 500 {
		must[int](t)(Invoke[int](ctx, c, "Add", 1))
	}
	ok(t, p.Join(ctx))
	ok(t, p.Err())
	if n := must[int](t)(Invoke[int](ctx, c, "Add", 0)); n != 1000 {
		t.Fatal(n)
	}
	if _, err := Invoke[struct{}](ctx, c, "Fail", "because"); !errors.Is(err, ErrRemote) || !strings.Contains(err.Error(), "because") {
		t.Fatal(err)
	}
	if _, err := Invoke[struct{}](ctx, c, "Panic"); !errors.Is(err, ErrRemote) || !strings.Contains(err.Error(), "inside") {
		t.Fatal(err)
	}
	if _, err := Invoke[int](ctx, c, "Hidden"); !errors.Is(err, ErrExposed) {
		t.Fatal(err)
	}
	if _, err := Invoke[int](ctx, c, "Add", "one"); err == nil {
		t.Fatal("a text was added")
	}
	if _, err := m.New(ctx, "nobody"); !errors.Is(err, ErrRemote) || !strings.Contains(err.Error(), "RegisterType") {
		t.Fatal(err)
	}
	ok(t, c.Free(ctx))
	if _, err := Invoke[int](ctx, c, "Add", 1); !errors.Is(err, ErrRemote) {
		t.Fatal(err)
	}
}

func TestManager_Killed(t *testing.T) {
	m, ctx := newManager(t), watchdog(t)
	l := must[ListProxy[int]](t)(ManagerList(ctx, m, 1))
	ok(t, m.Process().Kill())
	ok(t, m.Process().Join(ctx))
	if _, err := l.Len(ctx); err == nil {
		t.Fatal("a dead manager answers")
	}
}

func TestManager_ContextEndsACall(t *testing.T) {
	m := newManager(t)
	l := must[ListProxy[int]](t)(ManagerList(watchdog(t), m, 1))
	ctx, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
	defer cancel()
	<-ctx.Done()
	if _, err := l.Len(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if n := must[int](t)(l.Len(watchdog(t))); n != 1 {
		t.Fatal(n)
	}
}

func BenchmarkManager_DictSet(b *testing.B) {
	ctx := context.Background()
	m, err := NewManager(ctx, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer m.Shutdown(ctx)
	d, _ := ManagerDict[int, int](ctx, m)
	for i := 0; b.Loop(); i++ {
		_ = d.Set(ctx, i%1000, i)
	}
}
