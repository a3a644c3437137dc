package sched

import (
	"context"
	"errors"
	"math/bits"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/internal/mapping"
	"github.com/shmath/shmath/internal/topology"
	"github.com/shmath/shmath/shm"
)

// Pool is a crew of workers, and the memory that they share with the process that started them. Its methods may be
// called by any goroutine.
type Pool struct {
	opts     Options
	plan     *Plan
	claims   *claims
	cpus     []int        // of each place for a worker: those from wanted on are empty
	wanted   atomic.Int32 // how many workers the pool is to have
	resizing sync.Mutex
	c        *control
	spin     int          // bursts for which this process looks for itself before it sleeps
	seg, mem *shm.Segment // of the control block (nil in-process) and of the arena
	arena    *arena.Arena
	segments *segmentTable
	crew     crew
	loops    loopTable
	calls    callTable
	relay    relay
	trace    tracer
	oomKills *oomCounter

	mu       sync.Mutex
	closed   bool
	users    sync.WaitGroup // calls of Run, Call, Map, ... that have not returned
	broken   atomic.Pointer[error]
	watching chan struct{} // closed when the monitor has left
	release  sync.Once
	unhook   func()
	ending   ending
	foreign  foreignCrew
}

// Start starts the workers and returns when all of them are ready, within the time of ctx. It also removes segments
// that killed programs of this user left behind.
//
// Errors: [ErrNoMain]; [ErrInWorker]; [ErrCPU]; faults of registered functions; shm.ErrNoSpace; what kept a worker from
// starting. Nothing is left running after an error.
func Start(ctx context.Context, opts *Options) (*Pool, error) {
	o, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	switch {
	case os.Getenv(workerVariable) != "":
		return nil, ErrInWorker
	case o.Backend == Processes && guarded.Load() == unguarded:
		return nil, ErrNoMain
	}
	if err := table.check(); err != nil {
		return nil, err
	}
	kills := &oomCounter{root: "/"}
	reaped := make(chan error, 1)
	go func() { // while this goroutine reads the machine
		_, err := shm.Reap()
		kills.count() // finds out where
		reaped <- err
	}()
	plan, begin, claims, err := o.place()
	if err == nil {
		err = checkFaults(o.Faults, len(plan.CPUs()), o.Backend)
	}
	if err := errors.Join(err, <-reaped); err != nil {
		claims.close()
		kills.close()
		return nil, err
	}
	p := &Pool{opts: o, plan: plan, claims: claims, cpus: plan.CPUs(), watching: make(chan struct{}), oomKills: kills}
	p.wanted.Store(int32(begin))
	if err := p.allocate(); err != nil {
		return nil, errors.Join(err, p.free())
	}
	p.crew.muster(p)
	if err := p.furnish(); err != nil {
		p.crew.abandon()
		return nil, errors.Join(err, p.free())
	}
	p.ending.init()
	p.unhook = mapping.OnClose(p.segments.forget)
	p.crew.begin()
	go p.relay.run()
	go p.monitor()
	if err := p.crew.await(ctx); err != nil {
		return nil, errors.Join(err, p.Terminate())
	}
	return p, nil
}

// lifetime is that of the pool's segments.
func (p *Pool) lifetime() shm.Lifetime {
	if p.opts.Backend == Processes && !p.opts.Unlisted {
		return shm.Ephemeral
	}
	return shm.Private
}

// allocate makes the control block, which is all that a process needs in order to begin.
func (p *Pool) allocate() error {
	size := controlSize(len(p.cpus), p.opts.Depth)
	var memory []byte
	if p.opts.Backend == Processes {
		var err error
		if p.seg, err = shm.Create("", size, &shm.Options{Lifetime: p.lifetime()}); err != nil {
			return err
		}
		memory = p.seg.Bytes()
	} else {
		memory = layout.Aligned(size, layout.Line)
	}
	p.c, _ = viewControl(memory, len(p.cpus), p.opts.Depth)
	if p.seg != nil {
		p.c.parentTag.Store(p.seg.Tag())
	}
	p.loops.init(p)
	p.calls.init(p)
	p.relay.init(p)
	return nil
}

// furnish makes the arena and writes what workers are to know. Processes that have been started wait for it.
func (p *Pool) furnish() error {
	capacity := p.opts.ArenaBytes
	if capacity == 0 {
		capacity = shm.MachineMemory()
	}
	var err error
	if p.mem, err = shm.Create("", capacity, &shm.Options{Sparse: true, Lifetime: p.lifetime()}); err != nil {
		return err
	}
	p.arena, err = arena.Create(p.mem.Bytes(), &arena.Options{Members: p.mem, Reserve: p.mem.Reserve, Place: p.bind()})
	if err != nil {
		return err
	}
	p.segments = newSegmentTable(p.c, true)
	if _, _, _, err := p.segments.locate(p.mem.Bytes()); err != nil { // the arena gets slot 0
		return err
	}
	if err := p.shareArguments(); err != nil {
		return err
	}
	p.fillHeader()
	return nil
}

func (p *Pool) fillHeader() {
	h := p.c.controlHeader
	h.version, h.workers, h.tasks = controlVersion, uint32(len(p.cpus)), uint32(p.opts.Depth)
	h.build, h.functions, h.parentPID = executableIdentity(), table.hash(), uint32(os.Getpid())
	// Spinning on the only CPU, or with more workers than CPUs, keeps another from its work. One CPU is the parent's: with a
	// worker on each, one of them sleeps at once.
	if allowed, err := topology.Affinity(); err == nil && allowed.Len() > 1 {
		p.spin = spinBursts
		if len(p.cpus) <= allowed.Len() {
			h.spin, h.lookers = spinLooks*spinBursts, uint32(allowed.Len()-1)
		}
	}
	r := p.opts.Recycle
	h.tasksMax, h.ageMax, h.memoryMax, h.seed = uint32(r.Tasks), int64(r.Age), uint64(r.Memory), p.opts.Seed
	for _, s := range p.opts.States {
		h.states |= 1 << s.number()
	}
	p.c.about.started = clock()
	p.c.about.places.Store(uint32(p.Workers()))
	p.c.about.arena.set(p.mem.Name())
	h.magic.Store(controlMagic) // SYNC(sched.magic): publishes all of it; pairs with awaitHeader.
	h.news.Add(1)
	wake(&h.news, everybody)
}

// Arena returns the pool's own arena: its arrays are visible to every worker, and go with the pool.
func (p *Pool) Arena() *arena.Arena { return p.arena }

// Workers returns how many workers the pool has.
func (p *Pool) Workers() int { return int(p.wanted.Load()) }

// CPUs returns the CPU of each worker, -1 for one that is not pinned. In-process workers are not pinned either.
func (p *Pool) CPUs() []int { return append([]int(nil), p.cpus[:p.Workers()]...) }

// cpuOf is the CPU of a worker as errors name it: -1 for one that is not pinned, or not known any more.
func (p *Pool) cpuOf(worker int) int {
	if worker < 0 {
		return -1
	}
	return int(p.c.crew[worker].cpu)
}

// Plan says where the workers live, and why, as it was when the pool started.
func (p *Pool) Plan() *Plan {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &Plan{Workers: slices.Clone(p.plan.Workers[:p.Workers()]), Why: slices.Clone(p.plan.Why)}
}

// PIDs returns the process of each worker as it is now; in-process all are this process, and 0 is one that is being
// replaced.
func (p *Pool) PIDs() []int {
	pids := make([]int, p.Workers())
	for i := range pids {
		if p.c.crew[i].state.Load() == workerReady {
			pids[i] = int(p.c.crew[i].pid.Load())
		}
	}
	return pids
}

// Seed returns Options.Seed.
func (p *Pool) Seed() uint64 { return p.opts.Seed }

// check refuses what cannot run anywhere.
func (p *Pool) check() error {
	if p == nil {
		return ErrNoPool
	}
	return table.check()
}

// enter counts a call that uses the pool, so that Close can wait for it.
func (p *Pool) enter() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.broken.Load(); err != nil {
		return *err
	}
	if p.closed {
		return ErrClosed
	}
	p.users.Add(1)
	return nil
}

// shut refuses new work; it reports whether it was this call that did so.
func (p *Pool) shut() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.closed
	p.closed = true
	p.calls.refuse()
	return !was
}

// breakDown fails all work that waits and all that comes.
func (p *Pool) breakDown(cause error) {
	p.broken.CompareAndSwap(nil, &cause)
	p.loops.wakeAll()
	p.calls.failAll(cause)
}

func (p *Pool) free() error {
	var errs []error
	p.release.Do(func() {
		if p.unhook != nil {
			p.unhook()
		}
		for _, s := range []*shm.Segment{p.mem, p.seg} {
			if s != nil {
				errs = append(errs, s.Close())
			}
		}
		p.claims.close()
		p.oomKills.close()
	})
	return errors.Join(errs...)
}

func lowestBit(w uint64) int { return bits.TrailingZeros64(w) }

var errStartTimeout = errors.New("sched: a worker did not report in time; is sched.Main() the first statement of main?")
