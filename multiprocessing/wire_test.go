//go:build linux

package multiprocessing

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"testing"
	"time"
)

// trickle is a connection that gives at most step bytes at a time.
type trickle struct {
	bytes.Buffer
	step int
}

func (c *trickle) Read(b []byte) (int, error)      { return c.Buffer.Read(b[:min(len(b), c.step)]) }
func (c *trickle) Close() error                    { return nil }
func (c *trickle) SetDeadline(time.Time) error     { return nil }
func (c *trickle) SetReadDeadline(time.Time) error { return nil }

func messages() [][][]byte {
	return [][][]byte{
		{[]byte("a"), {}, []byte("bc")}, {{}},
		{bytes.Repeat([]byte("x"), wireRoom-6), []byte("yz")}, {bytes.Repeat([]byte("long"), 3*wireRoom)}, {[]byte("last")},
	}
}

// TestWire_Messages: messages come whole and apart, however the stream cuts them or puts several together.
func TestWire_Messages(t *testing.T) {
	for _, step := range []int{1, 3, wireRoom - 1, 1 << 20} {
		w := newWire(&trickle{step: step})
		for _, m := range messages() {
			ok(t, w.send(m...))
		}
		var kept [][][]byte
		for range messages() {
			kept = append(kept, must[[][]byte](t)(w.receive()))
		}
		if !reflect.DeepEqual(kept, messages()) { // later ones have not overwritten earlier ones
			t.Fatalf("steps of %d: %.60q", step, kept)
		}
		if _, err := w.receive(); err != io.EOF {
			t.Fatal(err)
		}
	}
}

// TestWire_CutShort: a stream that ends within a message, or lies about lengths, is an error.
func TestWire_CutShort(t *testing.T) {
	whole := &trickle{step: 7}
	ok(t, newWire(whole).send([]byte("a message"), []byte("of two parts")))
	for n := 1; n < whole.Len(); n++ {
		c := &trickle{step: 5}
		c.Write(whole.Bytes()[:n])
		if _, err := newWire(c).receive(); !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			t.Fatalf("%d bytes: %v", n, err)
		}
	}
	for _, lie := range []string{"\xff\xff\xff\xff", "\x02\x00\x00\x00\x05a"} {
		c := &trickle{step: 5}
		c.WriteString(lie)
		if _, err := newWire(c).receive(); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("%q: %v", lie, err)
		}
	}
}

// TestUnixConn_LooksWhereItPays: answers that come late are waited for asleep; looking for them is given up, and taken up again.
func TestUnixConn_LooksWhereItPays(t *testing.T) {
	l := must[TransportListener](t)(unixTransport{}.Listen("@shmath-test-prompt", TLSFiles{}))
	defer l.Close()
	near := must[Conn](t)(unixTransport{}.Dial(watchdog(t), "@shmath-test-prompt", TLSFiles{}))
	defer near.Close()
	far := must[Conn](t)(l.Accept())
	c, b := near.(*unixConn), make([]byte, 1)
	for range 8 {
		go func() {
			time.Sleep(2 * time.Millisecond)
			far.Write([]byte("x"))
		}()
		if n := must[int](t)(c.ReadPrompt(b)); n != 1 || b[0] != 'x' {
			t.Fatal(n, b)
		}
	}
	if c.lost == 0 || c.lost > skipMax || c.skip > c.lost {
		t.Fatalf("after looks in vain: lost %d, skip %d", c.lost, c.skip)
	}
	ok(t, far.Close())
	if _, err := c.ReadPrompt(b); err != io.EOF {
		t.Fatal(err)
	}
	ok(t, near.Close())
	if _, err := c.ReadPrompt(b); err == nil || err == io.EOF {
		t.Fatal(err)
	}
}
