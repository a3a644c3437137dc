package sched

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/spawn"
)

// callTable is the parent's side of all calls of functions: which wait for a slot, which are in one.
type callTable struct {
	p       *Pool
	mu      sync.Mutex
	idle    sync.Cond // broadcast when nothing waits and nothing runs
	free    []uint32
	seq     uint32
	heads   [classes]uint64 // of the queues, when last looked at
	tails   [classes]uint64
	bySlot  []*call
	pending backlog   // served as slots become free
	active  int       // calls in slots
	closed  bool      // the pool takes no more
	spare   sync.Pool // of *call, that are over and known to nobody
}

// call is one call of a function on its way.
type call struct {
	name       string
	fn         uint32
	args       []byte
	idempotent bool
	class      int           // of its priority
	limit      time.Duration // how long it may run, 0 for ever
	watched    bool          // a caller spins on it: nobody needs to be rung
	kills      int
	asked      int64                   // clock
	timer      *time.Timer             // nil without a limit
	expired    bool                    // its limit has passed: its context has ended
	verdict    func(*DeathError) error // not nil when its worker is being killed for it

	slot  uint32
	seq   uint32
	where *taskSlot                // nil while it waits for a slot
	sent  blob                     // the arguments in it
	peek  atomic.Pointer[taskSlot] // the same, for those who look without the table's lock

	room   [48]byte // of short arguments, then of a short result
	result []byte   // these two are there when it is over
	err    error
	over   atomic.Bool

	mu        sync.Mutex
	done      chan struct{} // made when somebody asks for it
	listeners []func()      // called once, at the end
}

func (t *callTable) init(p *Pool) {
	t.p, t.bySlot = p, make([]*call, len(p.c.calls))
	t.idle.L = &t.mu
	for i := range t.bySlot {
		t.free = append(t.free, uint32(len(t.bySlot)-1-i))
	}
}

// refuse makes submit refuse what comes from now on.
func (t *callTable) refuse() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
}

// blank returns a call to be filled in. One that recycle has had is as it was left.
func (t *callTable) blank() *call {
	if c, is := t.spare.Get().(*call); is {
		return c
	}
	return new(call)
}

// recycle keeps a call that has ended well for the next, when nobody else can know of it: no timer, no listener, and nobody who
// looks into a death.
func (t *callTable) recycle(c *call) {
	if c.done == nil && c.listeners == nil && c.timer == nil && c.kills == 0 {
		c.over.Store(false)
		t.spare.Put(c)
	}
}

// submit gives the call a slot, or a place in the queue for one. Close waits for it from then on.
func (t *callTable) submit(c *call) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if broken := t.p.broken.Load(); broken != nil {
		return *broken
	}
	if t.closed {
		return ErrClosed
	}
	t.active++
	c.asked, c.where = clock(), nil
	if len(t.free) == 0 {
		c.peek.Store(nil)
		t.pending.push(c)
		return nil
	}
	t.place(c)
	return nil
}

// place fills a free slot and publishes it. The lock is held.
func (t *callTable) place(c *call) {
	n := len(t.free) - 1
	c.slot, t.free = t.free[n], t.free[:n]
	s := &t.p.c.calls[c.slot]
	b, err := putBlob(t.p.arena, s.in[:], c.args)
	if err != nil {
		t.free = append(t.free, c.slot)
		t.settle(c, nil, err)
		return
	}
	c.seq, c.where, c.sent = t.number(), s, b
	if c.peek.Load() != s {
		c.peek.Store(s)
	}
	t.bySlot[c.slot] = c
	s.fn, s.args, s.result, s.queued = c.fn, b, blob{}, c.asked
	s.traced = 0
	if t.p.trace.on.Load() {
		s.traced = 1
	}
	notify := uint32(1)
	if c.watched {
		notify = 0
	}
	// Released, not fenced: each fence would wait for a line that a worker has. The one in publishCall is for all.
	asm.StoreRelease32(&s.cancel, cancelNo)
	asm.StoreRelease32(&s.notify, notify)
	asm.StoreRelease32(&s.finished, 0)
	t.watchLimit(c)
	asm.StoreRelease64(&s.state, packTask(c.seq, 0, taskQueued))
	t.push(c)
}

// number returns the next seq. It is not 0, which is what finished holds until a call is done.
func (t *callTable) number() uint32 {
	t.seq = max(t.seq+1, 1)
	return t.seq
}

// push puts an entry behind the queue. There is always room: an entry before head is used up, and the parent moves head
// itself past entries whose calls were canceled or have been taken.
func (t *callTable) push(c *call) {
	queue, head := t.p.c.queue(c.class), &t.p.c.head[c.class]
	q, end := uint64(len(queue)), t.tails[c.class]
	if end-t.heads[c.class] >= q {
		t.heads[c.class] = head.Load() // only now: workers write to its line all the time
	}
	for at := t.heads[c.class]; end-at >= q; at++ {
		s, n := unpackEntry(queue[at%q].Load())
		if t.p.c.calls[s].state.Load() == packTask(n, 0, taskQueued) {
			// Twice as many entries as slots, and this one is alive: the ones behind it cannot all be. Move it back.
			queue[end%q].Store(packEntry(s, n))
			end++
		}
		advance(head, at+1)
	}
	entry := packEntry(c.slot, c.seq)
	asm.StoreRelease64(&queue[end%q], entry)
	t.tails[c.class] = end + 1
	asm.StoreRelease64(&t.p.c.tail[c.class], end+1) // SYNC(sched.tail): publishes the entry and its slot; pairs with worker.take.
	asm.StoreRelease64(&t.p.c.newest[c.class], entry)
	t.p.c.publishCall()
}

// collect takes the result of a call that is done out of its slot. It may be called for any call at any time: a call that
// was collected, or has no slot yet, is left alone.
func (t *callTable) collect(c *call) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c.where == nil || t.bySlot[c.slot] != c {
		return
	}
	if c.where.finished.Load() == c.seq { // SYNC(sched.task): the result is whole; pairs with worker.call.
		t.retrieve(c)
		return
	}
	if seq, _, state := unpackTask(c.where.state.Load()); seq == c.seq && state == taskDone { // SYNC(sched.task): the same.
		t.retrieve(c)
	}
}

// retrieve copies the result and frees the slot. The lock is held.
func (t *callTable) retrieve(c *call) {
	s := &t.p.c.calls[c.slot]
	t.keepTrace(c, s)
	raw, err := getBlob(t.p.arena, s.out[:], s.result)
	raw = append(c.room[:0], raw...)
	dropBlob(t.p.arena, s.result)
	if err == nil && s.status == statusError {
		_, tag, _ := unpackTask(s.state.Load())
		e := remoteError(c.name, t.p.crew.byTag(tag), raw)
		e.Task, e.CPU = c.seq, t.p.cpuOf(e.Worker)
		err, raw = e, nil
		if c.expired {
			err = &TimeoutError{Function: c.name, Limit: c.limit, Worker: -1, Err: e}
		}
	}
	t.settle(c, raw, err)
}

// settle ends a call and gives its slot to the next that waits. The lock is held.
func (t *callTable) settle(c *call, raw []byte, err error) {
	if c.where != nil && t.bySlot[c.slot] == c {
		dropBlob(t.p.arena, c.sent)
		asm.StoreRelease64(&c.where.state, packTask(c.seq, 0, taskFree))
		t.bySlot[c.slot] = nil
		t.free = append(t.free, c.slot)
	}
	c.finish(raw, err)
	t.active--
	for len(t.free) > 0 {
		next := t.pending.pop()
		if next == nil {
			break
		}
		t.place(next)
	}
	if t.active == 0 {
		t.idle.Broadcast()
	}
}

func (c *call) finish(raw []byte, err error) {
	if c.timer != nil {
		c.timer.Stop()
	}
	c.result, c.err = raw, err
	c.mu.Lock()
	c.over.Store(true)
	if c.done != nil {
		close(c.done)
	}
	listeners := c.listeners
	c.mu.Unlock()
	for _, f := range listeners {
		f()
	}
}

// Done is closed when the call is over.
func (c *call) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		if c.over.Load() {
			close(c.done)
		}
	}
	return c.done
}

// collectCompleted takes in every call whose worker rang for it.
func (t *callTable) collectCompleted() {
	for i := range t.p.c.completed {
		if t.p.c.completed[i].Load() == 0 {
			continue
		}
		for word := t.p.c.completed[i].Swap(0); word != 0; word &= word - 1 {
			t.mu.Lock()
			c := t.bySlot[i*64+lowestBit(word)]
			t.mu.Unlock()
			if c != nil {
				t.collect(c)
			}
		}
	}
}

// await waits for a call: it looks at the slot for about as long as a short call takes, then sleeps.
func (t *callTable) await(ctx context.Context, c *call) error {
	for range spinLooks * t.p.spin {
		if c.over.Load() {
			return nil
		}
		if s := c.peek.Load(); s != nil && s.finished.Load() != 0 {
			t.collect(c)
			continue
		}
		asm.Pause(1)
	}
	t.mu.Lock()
	asleep := c.watched && t.bySlot[c.slot] == c // else it is done, or waits for a slot with nobody to ring
	if asleep {
		c.where.notify.Store(1)
	}
	c.watched = false // if it waits for a slot still, it is to be rung for
	t.mu.Unlock()
	if asleep {
		t.collect(c)
	}
	if me := t.p.self(); me != nil {
		t.help(me, c)
	}
	select {
	case <-c.Done():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// cancel takes back a call that nobody has begun, and asks the body of a running one to stop. It reports whether the
// call will not run.
func (t *callTable) cancel(c *call) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c.over.Load() {
		return false
	}
	if c.where == nil {
		if t.pending.remove(c) {
			t.settle(c, nil, ErrCanceled)
			return true
		}
		return false
	}
	if t.takeBack(c) {
		return true
	}
	if c.where.cancel.CompareAndSwap(cancelNo, cancelYes) {
		wake(&c.where.cancel, everybody)
	}
	return false
}

// mourn fails, or queues again, what a dead worker had claimed; what it had finished is taken in.
func (t *callTable) mourn(d death) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for slot, c := range t.bySlot {
		if c == nil {
			continue
		}
		seq, tag, state := unpackTask(t.p.c.calls[slot].state.Load())
		switch {
		case seq != c.seq || tag != d.tag:
		case state == taskDone:
			t.retrieve(c)
		case state == taskClaimed:
			t.retry(c, d)
		case c.verdict != nil:
			t.pronounce(c, d)
		}
	}
}

// retry queues an idempotent call again, unless it is to blame for the death; another fails when the cause is known. The lock
// is held.
func (t *callTable) retry(c *call, d death) {
	c.kills++
	dropBlob(t.p.arena, c.where.result) // left, but the worker did not come to say so
	c.where.result = blob{}
	if c.idempotent && c.kills < crashesMax {
		t.requeue(c)
		return
	}
	c.where.state.Store(packTask(c.seq, 0, taskFree)) // nobody claims it while the cause is awaited
	go func() {
		e := d.inquest()
		t.mu.Lock()
		defer t.mu.Unlock()
		switch {
		case t.bySlot[c.slot] != c:
		case c.idempotent && !poisonous(c.kills, func() spawn.Exit { return e.Exit }):
			t.requeue(c)
		default:
			e.Function, e.Task, e.Kills = c.name, c.seq, c.kills
			t.settle(c, nil, e)
		}
	}()
}

func (t *callTable) requeue(c *call) {
	c.seq, c.expired, c.where.queued = t.number(), false, clock()
	c.where.cancel.CompareAndSwap(cancelLate, cancelNo)
	c.where.began.Store(0)
	c.where.finished.Store(0)
	c.where.state.Store(packTask(c.seq, 0, taskQueued))
	t.push(c)
}

// failAll ends every call with cause.
func (t *callTable) failAll(cause error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for c := t.pending.pop(); c != nil; c = t.pending.pop() {
		t.settle(c, nil, cause)
	}
	for _, c := range t.bySlot {
		if c != nil {
			if c.where.cancel.CompareAndSwap(cancelNo, cancelYes) { // a body that still runs may notice and leave
				wake(&c.where.cancel, everybody)
			}
			t.settle(c, nil, cause)
		}
	}
}

// drain waits until no call waits or runs.
func (t *callTable) drain() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.active > 0 {
		t.idle.Wait()
	}
}
