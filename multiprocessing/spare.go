package multiprocessing

import (
	"context"
	"log/slog"
	"sync"

	"github.com/shmath/shmath/sched"
)

// spareCount is how many processes the method "forkserver" keeps started.
const spareCount = 2

// spares are processes that have been started and know nothing yet: the method "forkserver" gives them away and starts
// others in their place. One that is killed meanwhile is replaced by its pool, so nobody notices.
var spares struct {
	sync.Mutex
	ready    []*sched.Pool
	starting int
}

// solo starts the pool of one process.
func solo(ctx context.Context, backend sched.Backend) (*sched.Pool, error) {
	return sched.Start(ctx, &sched.Options{Workers: 1, Placement: sched.Unpinned, Backend: backend, Unlisted: true})
}

// hatch returns a process for a start method.
func hatch(ctx context.Context, c *Context) (*sched.Pool, error) {
	method, backend := c.Method(), c.begin()
	if method != ForkServer {
		return solo(ctx, backend)
	}
	spares.Lock()
	var p *sched.Pool
	if n := len(spares.ready); n > 0 {
		p, spares.ready = spares.ready[n-1], spares.ready[:n-1]
	}
	for len(spares.ready)+spares.starting < spareCount {
		spares.starting++
		go prepare()
	}
	spares.Unlock()
	if p != nil {
		return p, nil
	}
	return solo(ctx, backend)
}

func prepare() {
	p, err := solo(context.Background(), sched.Processes)
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
