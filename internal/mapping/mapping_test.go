package mapping

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/shmath/shmath/internal/layout"
)

func tempFile(t *testing.T, content string) *os.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestNew_Modes(t *testing.T) {
	f := tempFile(t, "hello")
	path := f.Name()
	shared, err := New(f, 5, ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	g, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	private, err := New(g, 5, CopyOnWrite)
	if err != nil {
		t.Fatal(err)
	}
	shared.Bytes[0] = 'J'
	private.Bytes[1] = 'u'
	if got := string(private.Bytes); got != "Jullo" {
		t.Fatalf("the private mapping reads %q", got)
	}
	if got := string(shared.Bytes); got != "Jello" {
		t.Fatalf("the shared mapping reads %q", got)
	}
	for _, m := range []*Mapping{shared, private} {
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		if err := m.Close(); !errors.Is(err, ErrClosed) {
			t.Fatalf("second Close: %v", err)
		}
	}
	if got, _ := os.ReadFile(path); string(got) != "Jello" {
		t.Fatalf("the file reads %q", got)
	}
}

func TestFind_KnowsEveryByteAndNoOther(t *testing.T) {
	m, err := New(tempFile(t, "0123456789"), 10, ReadOnly)
	if err != nil {
		t.Fatal(err)
	}
	base := layout.Address(m.Bytes)
	for off := range 10 {
		got, at := Find(base + uintptr(off))
		if got != m || at != off {
			t.Fatalf("byte %d: mapping %p, offset %d", off, got, at)
		}
	}
	heap := make([]byte, 8)
	for _, a := range []uintptr{base - 1, base + 10, layout.Address(heap)} {
		if got, _ := Find(a); got != nil {
			t.Fatalf("address %#x is said to be in a mapping of %s", a, got.File.Name())
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if got, _ := Find(base); got != nil {
		t.Fatal("a closed mapping is still found")
	}
}

func TestNew_RefusesSizes(t *testing.T) {
	f := tempFile(t, "x")
	defer f.Close()
	for _, size := range []int64{0, -1} {
		if _, err := New(f, size, ReadOnly); err == nil {
			t.Fatalf("size %d mapped", size)
		}
	}
}
