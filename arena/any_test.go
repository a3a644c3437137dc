package arena

import (
	"bytes"
	"errors"
	"path/filepath"
	"slices"
	"testing"
)

func TestAnyArray_EveryDoor(t *testing.T) {
	a := heap(t, 1<<18, nil)
	dir := t.TempDir()
	dims := []int{2, 3}
	for d := Bool; d.Valid(); d++ {
		path := filepath.Join(dir, d.String())
		made := must[AnyArray](t)(NewAny(a, d, dims...))
		made.Bytes()[0] = 1
		named := must[AnyArray](t)(NamedAny(a, d.String(), d, dims...))
		named.Bytes()[0] = 1
		file := must[AnyArray](t)(CreateFileAny(path, d, dims...))
		file.Bytes()[0] = 1
		if err := errors.Join(file.Commit(), file.Close()); err != nil {
			t.Fatal(err)
		}
		for name, x := range map[string]AnyArray{
			"NewAny":            made,
			"LookupAny":         must[AnyArray](t)(LookupAny(a, d.String())),
			"ResolveAny":        must[AnyArray](t)(ResolveAny(a, made.Handle())),
			"FromDescriptorAny": must[AnyArray](t)(FromDescriptorAny(a.Bytes(), made.Descriptor())),
			"MapFileAny":        must[AnyArray](t)(MapFileAny(path)),
		} {
			if x.DType() != d || !slices.Equal(x.Shape(), dims) || !bytes.Equal(x.Bytes(), made.Bytes()) {
				t.Errorf("%s of %v: %v", name, d, x)
			}
			if err := x.Close(); err != nil {
				t.Error(err)
			}
		}
		if err := errors.Join(made.Free(), named.Free()); err != nil {
			t.Error(err)
		}
	}
	for name, err := range map[string]error{
		"NewAny": second(NewAny(a, 0, 1)), "NamedAny": second(NamedAny(a, "x", 99, 1)),
		"CreateFileAny": second(CreateFileAny(filepath.Join(dir, "x"), 0, 1)),
	} {
		if !errors.Is(err, ErrType) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if x, err := FromDescriptorAny(a.Bytes(), Descriptor{}); x != nil || !errors.Is(err, ErrCorrupt) {
		t.Error(x, err)
	}
	if x, err := NewAny(a, Int8, -1); x != nil || !errors.Is(err, ErrShape) {
		t.Error(x, err)
	}
	if s := whole(t, a); s.Used != 0 {
		t.Error(s)
	}
}
