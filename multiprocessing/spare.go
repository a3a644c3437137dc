package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/shmath/shmath/sched"
)

// spareCount is how many processes the method "forkserver" keeps started.
const spareCount = 2

// spares are processes that have been started and know nothing yet: the method "forkserver" gives them away and starts
// others in their place, behind the start that took one. One that is killed meanwhile is replaced by its pool, so nobody notices.
var spares struct {
	sync.Mutex
	ready    []*sched.Pool
	starting int
	preload  []sched.AnyState
	begun    bool // one has been started
}

// SetForkServerPreload decides what processes of the method "forkserver" do before they are given away: the With(argument)
// of initializers ([NewInitializer]), and states, such as models that take long to load. Call it once, before the first of
// these processes is started.
func SetForkServerPreload(preload ...sched.AnyState) error {
	if i := slices.Index(preload, nil); i >= 0 {
		return fmt.Errorf("%w: preload %d is nil; give an Initializer's With(argument) or a *sched.State", ErrValue, i)
	}
	spares.Lock()
	defer spares.Unlock()
	if spares.begun {
		return fmt.Errorf("%w: processes have been started by the method %q already; set the preload before", ErrValue, ForkServer)
	}
	spares.preload = slices.Clone(preload)
	return nil
}

// solo starts the pool of one process.
func solo(ctx context.Context, backend sched.Backend, states []sched.AnyState) (*sched.Pool, error) {
	return sched.Start(ctx, &sched.Options{Workers: 1, Placement: sched.Unpinned, Backend: backend, Unlisted: true, States: states})
}

// hatch returns a process for a start method.
func hatch(ctx context.Context, c *Context) (*sched.Pool, error) {
	method, backend := c.Method(), c.begin()
	if method != ForkServer {
		return solo(ctx, backend, nil)
	}
	spares.Lock()
	spares.begun = true
	preload := spares.preload
	var p *sched.Pool
	if n := len(spares.ready); n > 0 {
		p, spares.ready = spares.ready[n-1], spares.ready[:n-1]
	}
	spares.Unlock()
	if p != nil {
		p.TellLevel() // it may have changed
		return p, nil
	}
	return solo(ctx, backend, preload)
}

// restock starts spares in place of those that were given away: after a start, which they would take the processor from.
func restock() {
	spares.Lock()
	defer spares.Unlock()
	for spares.begun && len(spares.ready)+spares.starting < spareCount {
		spares.starting++
		go prepare(spares.preload)
	}
}

// rehearsal is what every start asks of a process: it takes a name, finds the session, and sets the event that says so.
var rehearsal = sched.NewFunc("multiprocessing.rehearsal", func(_ context.Context, e *Event) (struct{}, error) {
	showName("spare")
	return struct{}{}, e.signal()
})

// rehearsed returns a process that has done so once: the first time takes longer than all else about a start, for the session
// has to be joined, and much of the program to be paged in.
func rehearsed(p *sched.Pool) (*sched.Pool, error) {
	e, err := NewEvent()
	if err == nil {
		_, err = rehearsal.Call(context.Background(), p, e)
		err = errors.Join(err, e.Free())
	}
	if err != nil {
		return nil, errors.Join(err, p.Terminate())
	}
	return p, nil
}

func prepare(preload []sched.AnyState) {
	p, err := solo(context.Background(), sched.Processes, preload)
	if err == nil {
		p, err = rehearsed(p)
	}
	if err != nil {
		slog.Warn("multiprocessing: preparing a process", "error", err) // the next start tries again
	}
	spares.Lock()
	defer spares.Unlock()
	spares.starting--
	if err == nil {
		spares.ready = append(spares.ready, p)
	}
}
