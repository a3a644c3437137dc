package arena

import "testing"

func TestEmpty_IsNotCleared(t *testing.T) {
	a, err := Create(make([]byte, 1<<16), nil)
	if err != nil {
		t.Fatal(err)
	}
	x, err := New[int64](a, 100)
	if err != nil {
		t.Fatal(err)
	}
	for i := range x.Slice() {
		x.Slice()[i] = 7
	}
	if err := x.Free(); err != nil {
		t.Fatal(err)
	}
	kept := false
	for _, make := range []func() (AnyArray, error){
		func() (AnyArray, error) { return orNil(Empty[int64](a, 50, 2)) },
		func() (AnyArray, error) { return EmptyAny(a, Int64, 50, 2) },
	} {
		y, err := make()
		if err != nil {
			t.Fatal(err)
		}
		if y.DType() != Int64 || y.Len() != 100 || y.NDim() != 2 {
			t.Errorf("Empty made %v", y)
		}
		kept = kept || y.(*Array[int64]).At(49, 1) == 7
		if err := y.Free(); err != nil {
			t.Fatal(err)
		}
	}
	if !kept {
		t.Error("the elements were cleared")
	}
	z, err := New[int64](a, 100)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range z.Slice() {
		if v != 0 {
			t.Fatalf("element %d of New after Empty is %d", i, v)
		}
	}
	if _, err := EmptyAny(a, 99, 1); err == nil {
		t.Error("EmptyAny of no type")
	}
}
