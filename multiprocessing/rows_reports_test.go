//go:build linux

package multiprocessing

import (
	"context"
	"fmt"
	"slices"
	"testing"
)

// listing is what a process finds in a list: its size, and its items as Go writes them.
type listing struct {
	Size  int
	Items []string
}

var describeList = NewTarget("describe a list", func(ctx context.Context, a struct {
	L *ShareableList
	Q *Queue[listing]
}) error {
	return a.Q.Put(ctx, listingOf(a.L))
})

func listingOf(l *ShareableList) listing {
	s := listing{Size: l.SharedMemory().Size()}
	for _, v := range l.All() {
		s.Items = append(s.Items, fmt.Sprintf("%T %#v", v, v))
	}
	return s
}

// Test31_SameOnEveryHandle: zero bytes at the end, and characters of four bytes, come out as they went in, and each handle says
// the same size: of who made the list, of who opened it by its name, and in another process. (In CPython b'ab\0\0' becomes
// b'ab', and the sizes differ: cpython#96779, #106939, #145261.)
func Test31_SameOnEveryHandle(t *testing.T) {
	items := []any{[]byte{'a', 'b', 0, 0}, "ab\x00\x00", "𝛑🚀", "", []byte{}, []byte{0}, "\x00"}
	l := must[*ShareableList](t)(NewShareableList("", items...))
	defer l.SharedMemory().Unlink()
	defer l.SharedMemory().Close()
	want := listing{Size: l.SharedMemory().Size()}
	for _, v := range items {
		want.Items = append(want.Items, fmt.Sprintf("%T %#v", v, v))
	}
	opened := must[*ShareableList](t)(OpenShareableList(l.SharedMemory().Name()))
	defer opened.SharedMemory().Close()
	q := must[*Queue[listing]](t)(NewQueue[listing](0))
	p := start(t, describeList, struct {
		L *ShareableList
		Q *Queue[listing]
	}{l, q}, nil)
	for who, got := range map[string]listing{"maker": listingOf(l), "opened": listingOf(opened), "another process": must[listing](t)(q.Get(watchdog(t)))} {
		if got.Size != want.Size || !slices.Equal(got.Items, want.Items) {
			t.Errorf("%s: %v, want %v", who, got, want)
		}
	}
	ok(t, p.Join(watchdog(t)))
	ok(t, p.Err())
}
