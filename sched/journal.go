package sched

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/internal/invariants"
	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/ring"
)

const (
	journalBytes   = 64 << 10 // records of one worker that wait for the parent
	journalLongest = 4 << 10  // longer ones lie in the arena, and a reference in the ring
	journalSpare   = layout.Line
)

// journalPatience is how long a worker waits for the parent to make room before it begins to drop records.
const journalPatience = time.Second

// journal is a worker's end of the log relay. A record lies in shared memory when the call that made it returns, so that
// the death of the worker does not take it away.
//
// A worker that logs faster than the parent's handler takes waits for room. If there is none within journalPatience, it
// drops records and counts them until there is some again: a parent that is stopped, or whose handler waits for the
// very worker that logs, must not stop the pool for ever.
type journal struct {
	c       *control
	index   int
	arena   *arena.Arena
	members ring.Members

	mu     sync.Mutex
	ring   *ring.Record // nil before the first record
	choked bool         // the last wait was in vain
	spare  slog.Handler // for records when there is no memory for a ring: standard error is relayed as well
	buffer []byte
}

// relayHandler is the slog.Handler of a worker. It and those derived from it share the journal.
type relayHandler struct {
	j      *journal
	scopes []scope
}

// scope is one WithGroup or WithAttrs, outermost first.
type scope struct {
	group string
	attrs []slog.Attr
}

func newJournal(c *control, index int, a *arena.Arena, members ring.Members) *journal {
	return &journal{c: c, index: index, arena: a, members: members, spare: slog.NewTextHandler(os.Stderr, nil)}
}

func (h *relayHandler) Enabled(_ context.Context, l slog.Level) bool { return h.j.c.journal.logs(l) }

func (h *relayHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return h.with(scope{attrs: attrs})
}

func (h *relayHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.with(scope{group: name})
}

func (h *relayHandler) with(s scope) slog.Handler {
	return &relayHandler{h.j, append(h.scopes[:len(h.scopes):len(h.scopes)], s)}
}

// Handle sends the record. The scopes become its outermost attributes, groups those that nest.
func (h *relayHandler) Handle(ctx context.Context, r slog.Record) error {
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	for i := len(h.scopes) - 1; i >= 0; i-- {
		s := h.scopes[i]
		switch {
		case s.group == "":
			attrs = append(s.attrs[:len(s.attrs):len(s.attrs)], attrs...)
		case len(attrs) > 0:
			attrs = []slog.Attr{{Key: s.group, Value: slog.GroupValue(attrs...)}}
		}
	}
	return h.j.write(ctx, r, attrs)
}

func (j *journal) write(ctx context.Context, r slog.Record, attrs []slog.Attr) error {
	resolved := resolveAttrs(attrs) // runs methods of the program's own types, which may log
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.ring == nil {
		if err := j.open(); err != nil {
			return j.toStderr(ctx, r, resolved)
		}
	}
	j.buffer = appendRecord(j.buffer[:0], r, resolved)
	message, kept, err := j.fit(j.buffer)
	if err == nil {
		err = j.push(message)
	}
	if errors.Is(err, ring.ErrFull) {
		dropBlob(j.arena, kept)
		j.c.journals[j.index].dropped.Add(1)
		j.announce()
		return nil
	}
	if err != nil {
		dropBlob(j.arena, kept)
		return j.toStderr(ctx, r, resolved)
	}
	invariants.Point("sched.journal.written")
	j.announce()
	return nil
}

// announce tells the parent that there is something to read.
func (j *journal) announce() {
	j.c.journal.entries.Add(1) // SYNC(sched.entries): publishes the record; pairs with relay.look.
	j.c.ring()
}

// toStderr keeps a record that the ring cannot take from being lost.
func (j *journal) toStderr(ctx context.Context, r slog.Record, attrs []slog.Attr) error {
	whole := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	whole.AddAttrs(attrs...)
	return j.spare.Handle(ctx, whole)
}

// fit returns the message for a record: itself, or a reference to the arena when it is long. The blob is the one to be
// dropped if the message is not sent.
func (j *journal) fit(record []byte) ([]byte, blob, error) {
	if len(record) <= journalLongest {
		return record, blob{inline: 1}, nil
	}
	b, err := putBlob(j.arena, nil, record)
	if err != nil {
		return nil, blob{inline: 1}, err
	}
	return appendReference(nil, b), b, nil
}

// push waits for room unless the last wait was in vain and there still is none.
func (j *journal) push(message []byte) error {
	err := j.ring.TryPush(message)
	if err != ring.ErrFull {
		j.choked = j.choked && err != nil
		return err
	}
	if j.choked {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), journalPatience)
	defer cancel()
	if err = j.ring.Push(ctx, message); errors.Is(err, context.DeadlineExceeded) {
		j.choked, err = true, ring.ErrFull
	}
	return err
}

// open finds the place's ring, or makes it.
func (j *journal) open() error {
	slot := &j.c.journals[j.index]
	opts := &ring.Options{Members: j.members, Producers: 1, LongestMessage: journalLongest}
	var err error
	if slot.ready.Load() != 0 { // a worker that had this place before has made it
		memory, err := journalMemory(j.arena, slot)
		if err == nil {
			j.ring, err = ring.AttachRecord(memory, opts)
		}
		return err
	}
	x, err := arena.New[uint8](j.arena, ring.SizeRecord(journalBytes, opts)+journalSpare)
	if err != nil {
		return err
	}
	if j.ring, err = ring.CreateRecord(aligned(x.Slice()), journalBytes, opts); err != nil {
		x.Free()
		return err
	}
	h := x.Handle()
	slot.offset, slot.gen = h.Offset, h.Gen
	slot.ready.Store(1) // SYNC(sched.journal): publishes the ring; pairs with relay.open.
	return nil
}

// journalMemory returns the memory of a place's ring.
func journalMemory(a *arena.Arena, slot *journalSlot) ([]byte, error) {
	x, err := arena.Resolve[uint8](a, arena.Handle{Offset: slot.offset, Gen: slot.gen})
	if err != nil {
		return nil, err
	}
	return aligned(x.Slice()), nil
}

// aligned skips to the first line boundary. Mappings begin at a page, so that it is the same one in every process.
func aligned(mem []byte) []byte {
	return mem[int(-layout.Address(mem)&(layout.Line-1)):]
}
