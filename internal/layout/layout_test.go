package layout

import (
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
)

type sample struct {
	A atomic.Uint64
	B [3]float32
}

func TestView_SeesTheSameBytes(t *testing.T) {
	mem := Aligned(256, 64)
	View[sample](mem, 64).A.Store(7)
	if got := Slice[uint64](mem, 64, 1)[0]; got != 7 {
		t.Fatalf("slice over the same bytes reads %d, want 7", got)
	}
	if Address(mem)%64 != 0 {
		t.Fatalf("Aligned(256, 64) begins at %#x", Address(mem))
	}
}

func TestView_RefusesWhatDoesNotFit(t *testing.T) {
	mem := Aligned(64, 64)
	cases := map[string]func(){
		"beyond the end":  func() { View[sample](mem, 56) },
		"negative offset": func() { View[sample](mem, -8) },
		"misaligned":      func() { View[uint64](mem, 4) },
		"too many":        func() { Slice[uint64](mem, 0, 9) },
		"huge count":      func() { Slice[uint64](mem, 0, 1<<62) },
	}
	for name, f := range cases {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Fatal("no panic")
				}
			}()
			f()
		})
	}
}

func TestPointerFree_NamesThePath(t *testing.T) {
	type inner struct{ Name string }
	type outer struct {
		N    int
		Deep [2]inner
	}
	err := PointerFree(reflect.TypeFor[outer]())
	if err == nil || !strings.Contains(err.Error(), "outer.Deep[...].Name") {
		t.Fatalf("error %v does not name outer.Deep[...].Name", err)
	}
	if err := PointerFree(reflect.TypeFor[sample]()); err != nil {
		t.Fatal(err)
	}
}

func TestOverlap(t *testing.T) {
	x := make([]float64, 10)
	if !Overlap(x[:5], x[4:]) || Overlap(x[:5], x[5:]) || Overlap(x[:0], x) {
		t.Fatal("overlap is wrong at the borders")
	}
}
