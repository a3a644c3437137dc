package ring

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/internal/layout"
)

// guarded returns memory with unreadable pages on both sides: a read outside of it kills the test.
func guarded(tb testing.TB, size int) []byte {
	tb.Helper()
	const page = 4096
	n := layout.RoundUp(size, page)
	all, err := unix.Mmap(-1, 0, n+2*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = unix.Munmap(all) })
	for _, guard := range [][]byte{all[:page], all[page+n:]} {
		if err := unix.Mprotect(guard, unix.PROT_NONE); err != nil {
			tb.Fatal(err)
		}
	}
	return all[page+n-size : page+n : page+n]
}

// allowed are the errors that a ring over spoiled bytes may return.
func allowed(tb testing.TB, err error) {
	tb.Helper()
	var overrun *OverrunError
	var orphan *OrphanError
	if errors.As(err, &overrun) || errors.As(err, &orphan) {
		return
	}
	for _, e := range []error{nil, ErrCorrupt, ErrEmpty, ErrFull, ErrClosed, ErrTaken, ErrElement, ErrMemory, ErrTooLong} {
		if errors.Is(err, e) {
			return
		}
	}
	tb.Fatalf("unexpected error: %v", err)
}

// abuse makes a ring of each kind in turn, with either policy, uses it, spoils it as script says (an offset and a value, 10
// bytes each) and uses it again. Then its user dies, and a successor attaches to what is left and uses that.
func abuse(tb testing.TB, kind uint8, script []byte) {
	tb.Helper()
	m := newMortals()
	as := func(tag uint32) *Options {
		o := m.as(tag)
		o.Producers, o.Subscribers, o.OnConsumerDeath = 2, 2, DeathPolicy(kind/5%2)
		return o
	}
	o, heir := as(1), as(2)
	tries := 40
	switch kind % 5 {
	case 0:
		mem := guarded(tb, SizeSPSC[uint64](9))
		q, err := CreateSPSC[uint64](mem, 9, o)
		usedSPSC(tb, q, err, 5)
		spoil(mem, script)
		usedSPSC(tb, q, nil, tries)
		m.kill(1)
		q, err = AttachSPSC[uint64](mem, heir)
		usedSPSC(tb, q, err, tries)
	case 1:
		mem := guarded(tb, SizeSPSC[large](3))
		q, err := CreateSPSC[large](mem, 3, o)
		usedSPSC(tb, q, err, 5)
		spoil(mem, script)
		usedSPSC(tb, q, nil, tries)
		m.kill(1)
		q, err = AttachSPSC[large](mem, heir)
		usedSPSC(tb, q, err, tries)
	case 2:
		mem := guarded(tb, SizeMPMC[uint64](5))
		q, err := CreateMPMC[uint64](mem, 5, o)
		usedMPMC(tb, q, err, 7)
		spoil(mem, script)
		usedMPMC(tb, q, nil, tries)
		m.kill(1)
		q, err = AttachMPMC[uint64](mem, heir)
		usedMPMC(tb, q, err, tries)
	case 3:
		mem := guarded(tb, SizeRecord(100, o))
		q, err := CreateRecord(mem, 100, o)
		usedRecord(tb, q, err, 7)
		spoil(mem, script)
		usedRecord(tb, q, nil, tries)
		m.kill(1)
		q, err = AttachRecord(mem, heir)
		usedRecord(tb, q, err, tries)
	case 4:
		mem := guarded(tb, SizeBroadcast[uint64](4, o))
		b, err := CreateBroadcast[uint64](mem, 4, o)
		usedBroadcast(tb, b, err, 7)
		spoil(mem, script)
		usedBroadcast(tb, b, nil, tries)
		m.kill(1)
		b, err = AttachBroadcast[uint64](mem, heir)
		usedBroadcast(tb, b, err, tries)
	}
}

func spoil(mem, script []byte) {
	for ; len(script) >= 10; script = script[10:] {
		off := int(binary.LittleEndian.Uint16(script)) % (len(mem) / 8) * 8
		copy(mem[off:off+8], script[2:10])
	}
}

func usedSPSC[T any](tb testing.TB, q *SPSC[T], err error, tries int) {
	allowed(tb, err)
	for i := 0; i < tries && err == nil; i++ {
		var v T
		allowed(tb, q.TryPush(v))
		if i%3 == 0 {
			_, err := q.TryPop()
			allowed(tb, err)
		}
		if s, err := q.Peek(4); s.n > 0 {
			allowed(tb, err)
			n := 0
			for chunk := range s.Chunks() {
				n += len(chunk)
			}
			if n != s.Len() || n > q.Cap() {
				tb.Fatalf("a span of %d has %d items", s.Len(), n)
			}
			q.Release(n / 2)
		}
		if n := q.Len(); n < 0 || n > q.Cap() {
			tb.Fatalf("length %d", n)
		}
		q.Readable().one.ready()
		q.Writable().one.ready()
	}
}

func usedMPMC(tb testing.TB, q *MPMC[uint64], err error, tries int) {
	allowed(tb, err)
	for i := 0; i < tries && err == nil; i++ {
		allowed(tb, q.TryPush(uint64(i)))
		if i%3 > 0 {
			_, err := q.TryPop()
			allowed(tb, err)
		}
		q.items()
		q.room()
	}
}

func usedRecord(tb testing.TB, q *Record, err error, tries int) {
	allowed(tb, err)
	for i := 0; i < tries && err == nil; i++ {
		allowed(tb, q.TryPush(make([]byte, i%50)))
		if i%3 > 0 {
			b, err := q.TryNext()
			allowed(tb, err)
			for j := range b {
				b[j]++
			}
			q.Release()
		}
		q.Len()
		q.Readable().one.ready()
		q.room()
	}
}

func usedBroadcast(tb testing.TB, b *Broadcast[uint64], err error, tries int) {
	allowed(tb, err)
	if err != nil {
		return
	}
	patient, err := b.Subscribe(BackPressure)
	allowed(tb, err)
	loose, err := b.Subscribe(Overrun)
	allowed(tb, err)
	for i := range tries {
		allowed(tb, b.TryPublish(uint64(i)))
		for _, s := range []*Subscription[uint64]{patient, loose} {
			if s != nil && i%3 > 0 {
				_, err := s.TryNext()
				allowed(tb, err)
				s.items()
			}
		}
	}
	for _, s := range []*Subscription[uint64]{patient, loose} {
		if s != nil {
			s.Leave()
		}
	}
}

// Whatever the bytes say, a ring answers with an error of its own and touches nothing outside of them.
func TestHostileBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	values := []uint64{0, 1, 2, 7, 1 << 31, 1 << 32, 1 << 62, 1<<63 - 1, 1 << 63, ^uint64(0)}
	for range 3000 * stress() {
		script := make([]byte, 10*(1+r.IntN(3)))
		for i := 0; i < len(script); i += 10 {
			off := r.Uint32()
			if r.IntN(2) == 0 {
				off %= 120 // most words that matter are in the first lines
			}
			binary.LittleEndian.PutUint16(script[i:], uint16(off))
			v := values[r.IntN(len(values))]
			if r.IntN(3) == 0 {
				v = r.Uint64()
			}
			binary.LittleEndian.PutUint64(script[i+2:], v)
		}
		kind := uint8(r.IntN(10))
		failing := t.Failed()
		t.Run("", func(t *testing.T) { abuse(t, kind, script) })
		if t.Failed() && !failing {
			t.Logf("kind %d, script %x", kind, script)
			break
		}
	}
}

// Positions never come to their end in use; who writes such positions makes them.
func TestHostilePositions(t *testing.T) {
	for back := range uint64(20) {
		hostilePositions[uint64](t, -back)
		hostilePositions[large](t, -back)
	}
}

func hostilePositions[T any](t *testing.T, pos uint64) {
	t.Helper()
	mem := guarded(t, SizeSPSC[T](9))
	q, err := CreateSPSC[T](mem, 9, nil)
	if err != nil {
		t.Fatal(err)
	}
	q.shared.head.Store(pos)
	q.shared.tail.Store(pos)
	for i := range 40 {
		var v T
		allowed(t, q.TryPush(v))
		_, err := q.TryPushBatch(make([]T, 1+i%9))
		allowed(t, err)
		_, err = q.TryPop()
		allowed(t, err)
		_, err = q.TryPopBatch(make([]T, 1+i%7))
		allowed(t, err)
	}
}

func FuzzHostileBytes(f *testing.F) {
	for kind := range uint8(10) {
		f.Add(kind, []byte{0, 0, 1, 2, 3, 4, 5, 6, 7, 8})
	}
	f.Fuzz(func(t *testing.T, kind uint8, script []byte) {
		if len(script) <= 100 {
			abuse(t, kind, script)
		}
	})
}
