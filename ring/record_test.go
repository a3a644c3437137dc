package ring

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func newTestRecord(t testing.TB, capacity int, o *Options) *Record {
	t.Helper()
	q, err := CreateRecord(heap(SizeRecord(capacity, o)), capacity, o)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func again(t testing.TB, q *Record) *Record {
	t.Helper()
	r, err := AttachRecord(q.mem, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Messages of random lengths, none included, pass through rings of awkward sizes unchanged and in order.
func TestRecord_RandomLengths(t *testing.T) {
	for _, capacity := range []int{1, 7, 8, 64, 100, 1000} {
		t.Run(fmt.Sprintf("capacity=%d", capacity), func(t *testing.T) {
			q := newTestRecord(t, capacity, nil)
			r := rand.New(rand.NewPCG(1, uint64(capacity)))
			var model [][]byte
			for range 5000 {
				if r.IntN(2) == 0 {
					m := make([]byte, r.IntN(capacity+1))
					for i := range m {
						m[i] = byte(r.Uint32())
					}
					switch err := q.TryPush(m); {
					case err == nil:
						model = append(model, m)
					case err != ErrFull || len(model) == 0:
						t.Fatalf("push of %d bytes into a ring with %d messages: %v", len(m), len(model), err)
					}
				} else {
					b, err := q.TryNext()
					if (err == nil) != (len(model) > 0) {
						t.Fatalf("next of %d: %v", len(model), err)
					} else if err == nil {
						if !bytes.Equal(b, model[0]) {
							t.Fatalf("got %x, want %x", b, model[0])
						}
						model = model[1:]
						q.Release()
					}
				}
				if q.Len() != len(model) {
					t.Fatalf("length %d, want %d", q.Len(), len(model))
				}
			}
		})
	}
}

// A consumer takes messages of one length without asking for the length again: it must not take one that it has not seen.
func TestRecord_LengthsThatChange(t *testing.T) {
	mem := heap(SizeRecord(200, nil))
	q, err := CreateRecord(mem, 200, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 0, 8, 8, 9, 0, 1, 1, 0, 16, 17, 17, 0, 0} {
		for range 3 {
			if b, err := q.TryNext(); err != ErrEmpty {
				t.Fatalf("before a message of %d bytes: %d bytes, %v", n, len(b), err)
			}
		}
		for k := range byte(2) {
			if err := q.TryPush(bytes.Repeat([]byte{byte(n) + k}, n)); err != nil {
				t.Fatal(err)
			}
		}
		for k := range byte(2) {
			b, err := q.TryNext()
			if err != nil || !bytes.Equal(b, bytes.Repeat([]byte{byte(n) + k}, n)) {
				t.Fatalf("message of %d bytes: %v, %v", n, b, err)
			}
		}
		q.Release()
	}
}

func TestRecord_LongestMessageFitsAtEveryPlace(t *testing.T) {
	q := newTestRecord(t, 40, nil)
	long := bytes.Repeat([]byte("x"), 40)
	for i := range 30 {
		if err := q.TryPush(long); err != nil {
			t.Fatalf("round %d: %v", i, err)
		}
		if err := q.TryPush(nil); err == nil {
			t.Fatal("more than the ring holds")
		}
		if b, err := q.TryNext(); err != nil || !bytes.Equal(b, long) {
			t.Fatalf("round %d: %q, %v", i, b, err)
		}
		q.Release()
		if err := q.TryPush(nil); err != nil {
			t.Fatal(err)
		}
		if b, err := q.TryNext(); err != nil || len(b) != 0 {
			t.Fatalf("an empty message: %q, %v", b, err)
		}
		q.Release()
	}
	if err := q.TryPush(make([]byte, 41)); !errors.Is(err, ErrTooLong) {
		t.Fatalf("too long: %v", err)
	}
}

func TestRecord_ClaimsAreUnseenUntilCommit(t *testing.T) {
	q := newTestRecord(t, 64, nil)
	for range 10 {
		b, err := q.Claim(20)
		if err != nil {
			t.Fatal(err)
		}
		copy(b, "never")
		if _, err := q.TryNext(); err != ErrEmpty {
			t.Fatalf("an open claim: %v", err)
		}
		q.Abort()
	}
	b, err := q.Claim(20)
	if err != nil {
		t.Fatal(err)
	}
	q.Commit(copy(b, "short"))
	if b, err := q.TryNext(); string(b) != "short" {
		t.Fatalf("got %q, %v", b, err)
	}
}

// What was read and not released is there for the next consumer; a read batch is released at once.
// There is no feeder that could fail behind the producer's back: whoever encodes a message in place gives its claim up, or is
// told in the call itself that it cannot be sent and why. Neither takes room, and the ring goes on.
func TestQ7_ARefusedMessageGivesItsRoomBack(t *testing.T) {
	q := newTestRecord(t, 64, nil)
	fits := 0
	for ; q.TryPush(make([]byte, 8)) == nil; fits++ {
	}
	for q.Len() > 0 {
		if _, err := q.TryNext(); err != nil {
			t.Fatal(err)
		}
		q.Release()
	}
	for lap := range 3 {
		for range fits {
			if _, err := q.Claim(8); err != nil {
				t.Fatal(err)
			}
			q.Abort()
			if err := q.TryPush(make([]byte, 8)); err != nil {
				t.Fatalf("lap %d, after an abort: %v", lap, err)
			}
		}
		if q.Len() != fits {
			t.Fatalf("length %d, want %d", q.Len(), fits)
		}
		for range fits {
			if b, err := q.TryNext(); err != nil || len(b) != 8 {
				t.Fatal(b, err)
			}
		}
		q.Release()
	}
}

func TestQ8_TheProducerLearnsWhatWasRefused(t *testing.T) {
	q := newTestRecord(t, 64, nil)
	err := q.TryPush(make([]byte, 65))
	if !errors.Is(err, ErrTooLong) || !strings.Contains(err.Error(), "65 bytes, the longest may have 64") {
		t.Fatal(err)
	}
	if err := q.TryPush([]byte{1}); err != nil || q.Len() != 1 {
		t.Fatalf("after a refusal: %v, length %d", err, q.Len())
	}
}

func TestRecord_UnreleasedMessagesComeAgain(t *testing.T) {
	q := newTestRecord(t, 256, nil)
	for i := range 5 {
		if err := q.TryPush([]byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		if b, err := q.TryNext(); err != nil || b[0] != byte(i) {
			t.Fatal(b, err)
		}
		if i == 1 {
			q.Release()
		}
	}
	if q.Len() != 3 {
		t.Fatalf("length %d", q.Len())
	}
	r := again(t, q)
	for i := 2; i < 5; i++ {
		if b, err := r.TryNext(); err != nil || b[0] != byte(i) {
			t.Fatalf("message %d: %v, %v", i, b, err)
		}
	}
	r.Release()
	if _, err := r.TryNext(); err != ErrEmpty || r.Len() != 0 {
		t.Fatalf("drained: %v, length %d", err, r.Len())
	}
}

// Many producers, one consumer: everything arrives, in order for each producer, and the end comes after the drain.
func TestRecord_ManyProducers(t *testing.T) {
	const producers, each = 4, 3000
	q := newTestRecord(t, 512, &Options{Producers: producers})
	ctx := watchdog(t)
	ended := make(chan error, producers)
	for id := range producers {
		p := again(t, q)
		go func() {
			defer p.Resign()
			for i := range each {
				b, err := p.ClaimWait(ctx, 16+(i*7+id)%200)
				if err != nil {
					ended <- err
					return
				}
				binary.LittleEndian.PutUint64(b, uint64(id))
				binary.LittleEndian.PutUint64(b[8:], uint64(i))
				p.Commit(len(b))
			}
			ended <- nil
		}()
	}
	go func() {
		for range producers {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		q.Close()
	}()
	next := make([]uint64, producers)
	for b, err := range q.All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		id, i := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		if i != next[id] || len(b) != 16+(int(i)*7+int(id))%200 {
			t.Fatalf("producer %d: message %d of %d bytes, want %d", id, i, len(b), next[id])
		}
		next[id]++
	}
	for id, n := range next {
		if n != each {
			t.Fatalf("producer %d: %d messages of %d", id, n, each)
		}
	}
}

func TestRecord_LanesRunOut(t *testing.T) {
	q := newTestRecord(t, 64, &Options{Producers: 2})
	a, b := again(t, q), again(t, q)
	if err := errors.Join(q.TryPush(nil), a.TryPush(nil)); err != nil {
		t.Fatal(err)
	}
	if err := b.TryPush(nil); !errors.Is(err, ErrTaken) {
		t.Fatalf("a third producer: %v", err)
	}
	a.Resign()
	if err := b.TryPush(nil); err != nil {
		t.Fatalf("after one resigned: %v", err)
	}
	if q.Len() != 3 {
		t.Fatalf("length %d", q.Len())
	}
}

func TestRecord_ClosedAndOptions(t *testing.T) {
	q := newTestRecord(t, 64, nil)
	if err := q.TryPush([]byte("a")); err != nil {
		t.Fatal(err)
	}
	q.Close()
	if _, err := q.Claim(1); err != ErrClosed {
		t.Fatalf("claim: %v", err)
	}
	if b, err := q.Next(context.Background()); err != nil || string(b) != "a" {
		t.Fatalf("the drain: %q, %v", b, err)
	}
	if _, err := q.Next(context.Background()); err != ErrClosed {
		t.Fatalf("the end: %v", err)
	}
	for _, o := range []Options{{Producers: 65}, {LongestMessage: 65}, {LongestMessage: -1}} {
		if _, err := CreateRecord(heap(4096), 64, &o); !errors.Is(err, ErrOptions) {
			t.Fatalf("%+v: %v", o, err)
		}
	}
}
