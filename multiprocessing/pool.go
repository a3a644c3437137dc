package multiprocessing

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"sync"

	"github.com/shmath/shmath/sched"
)

// Workers is what runs calls: a [Pool], a [ProcessPoolExecutor], a [ThreadPoolExecutor].
type Workers interface {
	workers() (*sched.Pool, error)
}

// Pool is a pool of worker processes. A worker that dies costs the call that it ran, which fails with a
// *[sched.DeathError]; another takes its place.
type Pool struct {
	p     *sched.Pool
	end   *Finalizer // for those that nobody ends
	mu    sync.Mutex
	state poolState
}

type poolState uint8

const (
	open poolState = iota
	closing
	terminated
)

// PoolOptions configures a pool. A nil *PoolOptions means the defaults.
type PoolOptions struct {
	Context          *Context       // nil means the program's default
	Initializer      sched.AnyState // what each worker does before it takes work: see [NewInitializer]; nil means nothing
	MaxTasksPerChild int            // a worker that has run so many calls is replaced by a fresh one; 0 means never
}

// Initializer is a function that each worker of a pool runs once, before it takes work, and so does each that replaces one.
type Initializer[A any] struct {
	*sched.StateWith[A, struct{}]
}

// NewInitializer registers an initializer under a name that is unique in the program. PoolOptions.Initializer takes its
// With(argument). When it fails in a first worker, NewPool fails; for what workers shall keep see [sched.NewState].
func NewInitializer[A any](name string, f func(arg A) error) *Initializer[A] {
	return &Initializer[A]{sched.NewStateWith(name, func(_ int, arg A) (struct{}, error) { return struct{}{}, f(arg) }, nil)}
}

// NewPool starts a pool of that many workers; 0 means one for each core that this process may use. Each worker has a CPU of
// its own as long as there are any.
func NewPool(ctx context.Context, processes int, opts *PoolOptions) (*Pool, error) {
	if processes < 0 {
		return nil, fmt.Errorf("%w: a pool of %d processes; give 1 or more, or 0 for one for each core", ErrValue, processes)
	}
	var o PoolOptions
	if opts != nil {
		o = *opts
	}
	if identityOf(ctx).Daemon {
		return nil, ErrDaemon
	}
	if _, err := home(); err != nil { // before the workers: they find it in their environment
		return nil, err
	}
	if o.MaxTasksPerChild < 0 {
		return nil, fmt.Errorf("%w: MaxTasksPerChild is %d; give 1 or more, or 0 for no limit", ErrValue, o.MaxTasksPerChild)
	}
	options := sched.Options{Workers: processes, Backend: o.Context.begin(), Recycle: sched.Recycle{Tasks: o.MaxTasksPerChild}}
	if options.Backend == sched.Processes {
		inherited, err := estateFor(o.Context.Method())
		if err != nil {
			return nil, err
		}
		options.States = append(options.States, heirs.With(inherited))
	}
	if o.Initializer != nil {
		options.States = append(options.States, o.Initializer)
	}
	p, err := sched.Start(ctx, &options)
	if err != nil {
		return nil, err
	}
	pool := &Pool{p: p}
	pool.end = AtExit(ctx, pool.abandon)
	return pool, nil
}

// abandon ends a pool at the end of its process, if nobody has.
func (p *Pool) abandon() {
	p.mu.Lock()
	if p.state == open {
		slog.Warn("multiprocessing: a pool was never closed; defer its Terminate, or its Close and Join", "workers", p.p.Workers())
	}
	p.mu.Unlock()
	logged(p.Terminate())
}

func (p *Pool) workers() (*sched.Pool, error) {
	if p == nil || p.p == nil {
		return nil, sched.ErrNoPool
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state != open {
		return nil, fmt.Errorf("%w: the pool takes no more work", ErrClosed)
	}
	return p.p, nil
}

// Scheduler returns the pool underneath, for loops over arrays and the kernels of package parallel.
func (p *Pool) Scheduler() *sched.Pool { return p.p }

// Close refuses new work. Join waits for what there is.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = max(p.state, closing)
}

// Terminate kills the workers. What is not done fails with sched.ErrClosed.
func (p *Pool) Terminate() error {
	if p.p == nil {
		return ErrNotMade
	}
	p.mu.Lock()
	p.state = terminated
	p.mu.Unlock()
	p.end.Cancel()
	return p.p.Terminate()
}

// Join waits, after Close, until all work is done and the workers have ended, and after Terminate until they have. When ctx
// ends first, the rest is terminated.
func (p *Pool) Join(ctx context.Context) error {
	if p.p == nil {
		return ErrNotMade
	}
	p.mu.Lock()
	state := p.state
	p.mu.Unlock()
	if state == open {
		return fmt.Errorf("%w: the pool is still open: Close or Terminate it first", ErrValue)
	}
	p.end.Cancel()
	return p.p.Shutdown(ctx)
}

// readied returns the workers that are to run fn, or says what is missing.
func readied[A, R any](on Workers, fn *Func[A, R]) (*sched.Pool, error) {
	if fn == nil || fn.Func == nil {
		return nil, noFunc()
	}
	if on == nil {
		return nil, sched.ErrNoPool
	}
	return on.workers()
}

// Apply calls fn in a worker and returns its result.
func Apply[A, R any](ctx context.Context, on Workers, fn *Func[A, R], arg A) (r R, err error) {
	p, err := readied(on, fn)
	if err != nil {
		return r, err
	}
	return fn.Call(ctx, p, arg)
}

// Callbacks are called, one of the two, when the work is done. A nil one is not called.
type Callbacks[R any] struct {
	Callback      func(R)
	ErrorCallback func(error)
}

// oneOf returns the first of optional arguments, or the zero value.
func oneOf[T any](list []T) (one T) {
	if len(list) > 0 {
		one = list[0]
	}
	return one
}

// ApplyAsync begins a call of fn in a worker.
func ApplyAsync[A, R any](on Workers, fn *Func[A, R], arg A, callbacks ...Callbacks[R]) *AsyncResult[R] {
	c := oneOf(callbacks)
	f, err := Submit(on, fn, arg)
	return newAsyncResult(func(ctx context.Context) (r R, e error) {
		if err != nil {
			return r, err
		}
		return f.Result(ctx)
	}, c.Callback, c.ErrorCallback)
}

// Map calls fn for each element of xs, in blocks, and returns the results in the same order. After the first error no block
// is begun any more.
func Map[A, R any](ctx context.Context, on Workers, fn *Func[A, R], xs []A, opts ...sched.MapOptions) ([]R, error) {
	p, err := readied(on, fn)
	if err != nil {
		return nil, err
	}
	return fn.Func.Map(ctx, p, xs, opts...)
}

// MapAsync begins a Map.
func MapAsync[A, R any](on Workers, fn *Func[A, R], xs []A, callbacks ...Callbacks[[]R]) *AsyncResult[[]R] {
	c := oneOf(callbacks)
	return newAsyncResult(func(ctx context.Context) ([]R, error) { return Map(ctx, on, fn, xs) }, c.Callback, c.ErrorCallback)
}

// Imap calls fn for each element of a sequence and yields the results in order, as they come: at most a window of elements
// is taken ahead of what has been yielded. The sequence may be endless; leaving the loop ends the work.
func Imap[A, R any](ctx context.Context, on Workers, fn *Func[A, R], xs iter.Seq[A], opts ...sched.MapOptions) iter.Seq2[R, error] {
	return streamed(on, fn, xs, func(p *sched.Pool) iter.Seq2[R, error] { return fn.Stream(ctx, p, xs, opts...) })
}

// ImapUnordered is Imap that yields results as they are done.
func ImapUnordered[A, R any](ctx context.Context, on Workers, fn *Func[A, R], xs iter.Seq[A], opts ...sched.MapOptions) iter.Seq2[R, error] {
	return streamed(on, fn, xs, func(p *sched.Pool) iter.Seq2[R, error] { return fn.StreamUnordered(ctx, p, xs, opts...) })
}

func streamed[A, R any](on Workers, fn *Func[A, R], xs iter.Seq[A], stream func(p *sched.Pool) iter.Seq2[R, error]) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		p, err := readied(on, fn)
		if err == nil && xs == nil {
			err = fmt.Errorf("%w: the sequence of arguments is nil", ErrValue)
		}
		if err != nil {
			var none R
			yield(none, err)
			return
		}
		stream(p)(yield)
	}
}

// Args2, Args3 and Args4 are the arguments of functions of several.
type (
	Args2[A, B any] struct {
		A A
		B B
	}
	Args3[A, B, C any] struct {
		A A
		B B
		C C
	}
	Args4[A, B, C, D any] struct {
		A A
		B B
		C C
		D D
	}
)

// NewFunc2 registers a function of two arguments; see [NewFunc] and [Starmap].
func NewFunc2[A, B, R any](name string, f func(ctx context.Context, a A, b B) (R, error), opts ...sched.FuncOptions) *Func[Args2[A, B], R] {
	return NewFunc(name, func(ctx context.Context, x Args2[A, B]) (R, error) { return f(ctx, x.A, x.B) }, opts...)
}

// NewFunc3 registers a function of three arguments.
func NewFunc3[A, B, C, R any](name string, f func(ctx context.Context, a A, b B, c C) (R, error), opts ...sched.FuncOptions) *Func[Args3[A, B, C], R] {
	return NewFunc(name, func(ctx context.Context, x Args3[A, B, C]) (R, error) { return f(ctx, x.A, x.B, x.C) }, opts...)
}

// NewFunc4 registers a function of four arguments.
func NewFunc4[A, B, C, D, R any](name string, f func(ctx context.Context, a A, b B, c C, d D) (R, error), opts ...sched.FuncOptions) *Func[Args4[A, B, C, D], R] {
	return NewFunc(name, func(ctx context.Context, x Args4[A, B, C, D]) (R, error) { return f(ctx, x.A, x.B, x.C, x.D) }, opts...)
}

// Starmap is Map for functions of several arguments, one [Args2], [Args3] or [Args4] for each call.
func Starmap[A, R any](ctx context.Context, on Workers, fn *Func[A, R], args []A, opts ...sched.MapOptions) ([]R, error) {
	return Map(ctx, on, fn, args, opts...)
}

// Zip2 makes the arguments of a Starmap of two slices, as many as the shorter one has.
func Zip2[A, B any](as []A, bs []B) []Args2[A, B] {
	list := make([]Args2[A, B], min(len(as), len(bs)))
	for i := range list {
		list[i] = Args2[A, B]{as[i], bs[i]}
	}
	return list
}

// Executor is what concurrent.futures calls its pools.
type Executor interface {
	Workers
	// Shutdown refuses new work. With cancel, calls that no worker has begun are taken back. With wait it returns when
	// all work is done and the workers have ended; without, that happens in the background.
	Shutdown(wait, cancel bool) error
}

// ProcessPoolExecutor runs calls in worker processes.
type ProcessPoolExecutor struct{ executor }

// ThreadPoolExecutor runs calls in goroutines of this process.
type ThreadPoolExecutor struct{ executor }

type executor struct {
	pool *Pool
	end  *Finalizer // for those that nobody shuts down: their work is done, all the same
}

// NewProcessPoolExecutor starts an executor of at most that many worker processes; 0 means one for each core.
func NewProcessPoolExecutor(ctx context.Context, maxWorkers int, opts ...PoolOptions) (*ProcessPoolExecutor, error) {
	x, o := new(ProcessPoolExecutor), oneOf(opts)
	if o.Context == nil {
		o.Context = &Context{Spawn}
	}
	return made(x, x.start(ctx, maxWorkers, &o))
}

// NewThreadPoolExecutor starts an executor of at most that many goroutines; 0 means one for each core.
func NewThreadPoolExecutor(ctx context.Context, maxWorkers int, opts ...PoolOptions) (*ThreadPoolExecutor, error) {
	x, o := new(ThreadPoolExecutor), oneOf(opts)
	o.Context = &Context{Dummy}
	return made(x, x.start(ctx, maxWorkers, &o))
}

func (x *executor) start(ctx context.Context, n int, o *PoolOptions) (err error) {
	if x.pool, err = NewPool(ctx, n, o); err != nil {
		return err
	}
	x.pool.end.Cancel()
	x.end = AtExit(ctx, func() { logged(x.Shutdown(true, false)) })
	return nil
}

func logged(err error) {
	if err != nil {
		slog.Error("multiprocessing: ending workers", "error", err)
	}
}

func (x *executor) workers() (*sched.Pool, error) { return x.pool.workers() }

// Shutdown ends the executor: see [Executor]. Calls after the first wait, if told to.
func (x *executor) Shutdown(wait, cancel bool) error {
	if x.pool == nil {
		return ErrNotMade
	}
	if wait {
		x.end.Cancel()
	}
	x.pool.Close()
	if cancel {
		x.pool.p.CancelQueued()
	}
	if wait {
		return x.pool.Join(context.Background())
	}
	go func() { logged(x.pool.Join(context.Background())) }()
	return nil
}

// Submit begins a call of fn in a worker. It does not wait for one.
func Submit[A, R any](on Workers, fn *Func[A, R], arg A) (*Future[R], error) {
	p, err := readied(on, fn)
	if err != nil {
		return nil, err
	}
	f, err := fn.Submit(context.Background(), p, arg)
	if err != nil {
		return nil, err
	}
	return &Future[R]{f: f}, nil
}
