//go:build linux

package multiprocessing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

type calling struct {
	At  string
	Say []byte
}

var callBack = NewTarget("call back", func(ctx context.Context, a calling) error {
	s, err := Dial[[]byte](ctx, a.At, Credentials{})
	if err != nil {
		return err
	}
	if err := s.Send(ctx, a.Say); err != nil {
		return err
	}
	b, err := s.Recv(ctx)
	if err == nil && !bytes.Equal(b, a.Say) {
		err = errors.New("another message came back")
	}
	return errors.Join(err, s.Close())
})

// TestN8_ListenerAndClient: messages of any size, whole, there and back; the end is io.EOF.
func TestN8_ListenerAndClient(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		ctx := watchdog(t)
		l := must[*Listener[[]byte]](t)(Listen[[]byte]("", Credentials{}))
		defer l.Close()
		for _, n := range []int{0, 1, 3 << 20} {
			p := start(t, callBack, calling{l.Address(), bytes.Repeat([]byte{7}, n)}, opts)
			s := must[*Stream[[]byte]](t)(l.Accept(ctx))
			b := must[[]byte](t)(s.Recv(ctx))
			if len(b) != n {
				t.Fatal(len(b))
			}
			ok(t, s.Send(ctx, b))
			if _, err := s.Recv(ctx); err != io.EOF {
				t.Fatal(err)
			}
			ok(t, p.Join(ctx))
			ok(t, p.Err())
			ok(t, errors.Join(s.Close(), s.Close()))
			if err := s.Send(ctx, nil); err != ErrClosed {
				t.Fatal(err)
			}
		}
	})
}

// TestN7_Listener: one at an address; the address is free again after Close; who is not there cannot be called.
func TestN7_Listener(t *testing.T) {
	ctx := watchdog(t)
	at := fmt.Sprint("@shmath-test-n7-", os.Getpid())
	l := must[*Listener[int]](t)(Listen[int](at, Credentials{}))
	if _, err := Listen[int](l.Address(), Credentials{}); err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Fatal(err)
	}
	if _, err := l.Accept(briefly(t, patience)); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	ok(t, errors.Join(l.Close(), l.Close()))
	if _, err := l.Accept(ctx); err != ErrClosed {
		t.Fatal(err)
	}
	if _, err := Dial[int](ctx, at, Credentials{}); err == nil {
		t.Fatal("nobody answered")
	}
	l = must[*Listener[int]](t)(Listen[int](at, Credentials{}))
	ok(t, l.Close())
	if _, err := Listen[func()]("", Credentials{}); err == nil {
		t.Fatal("functions as messages")
	}
}

// TestN15_TimesEndCalls: the end of a context ends that call; what has come of a message by then is not lost.
func TestN15_TimesEndCalls(t *testing.T) {
	ctx := watchdog(t)
	l := must[*Listener[[]byte]](t)(Listen[[]byte]("", Credentials{}))
	defer l.Close()
	a := must[*Stream[[]byte]](t)(Dial[[]byte](ctx, l.Address(), Credentials{}))
	b := must[*Stream[[]byte]](t)(l.Accept(ctx))
	sent := bytes.Repeat([]byte("0123456789"), 300_000)
	raw := must[[]byte](t)(encode(&sent))
	whole := append([]byte{byte(len(raw)), byte(len(raw) >> 8), byte(len(raw) >> 16), byte(len(raw) >> 24)}, raw...)
	must[int](t)(a.c.Write(whole[:2]))
	if _, err := b.Recv(briefly(t, patience/4)); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { // in pieces, with waits
		_, err1 := a.c.Write(whole[2:1_000_000])
		time.Sleep(patience)
		_, err2 := a.c.Write(whole[1_000_000:])
		done <- errors.Join(err1, err2)
	}()
	for {
		got, err := b.Recv(briefly(t, patience/4))
		if errors.Is(err, context.DeadlineExceeded) {
			continue
		}
		if ok(t, err); !bytes.Equal(got, sent) {
			t.Fatal(len(got))
		}
		break
	}
	ok(t, <-done)
	ok(t, a.Send(ctx, nil)) // and no time is left over for the next
	must[[]byte](t)(b.Recv(ctx))
	ok(t, a.Close())
	if _, err := b.Recv(ctx); err != io.EOF {
		t.Fatal(err)
	}
	ok(t, b.Close())
}

// TestMG4_RapidRestart: a manager after the other, each with what the one before had not; what cannot travel is refused.
func TestMG4_RapidRestart(t *testing.T) {
	ctx, at := watchdog(t), fmt.Sprint("@shmath-test-mg4-", os.Getpid())
	for i := range 3 {
		m := must[*Manager](t)(NewManager(ctx, &ManagerOptions{Address: at}))
		l := must[ListProxy[int]](t)(ManagerList(ctx, m, i))
		again := must[*Manager](t)(ConnectManager(ctx, at, Credentials{}))
		if got := must[[]int](t)(l.Slice(ctx)); len(got) != 1 || got[0] != i || again.Address() != m.Address() {
			t.Fatal(got)
		}
		if _, err := Invoke[struct{}](ctx, l.Proxy, "Append", func() {}); err == nil || !strings.Contains(err.Error(), "argument 0 of Append") {
			t.Fatal(err)
		}
		ok(t, m.Shutdown(ctx))
		if _, err := l.Len(ctx); err == nil {
			t.Fatal("a manager that is shut down answers")
		}
	}
}
