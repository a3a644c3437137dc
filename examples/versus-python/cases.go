//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

// versus is one comparison. ours returns what happened, or an error when it is not what the library promises.
type versus struct {
	name, about string
	ours        func(ctx context.Context) (string, error)
}

var cases = []versus{
	{"01-map-after-kill", "A worker is killed in the middle of a map.", mapAfterKill},
	{"02-lock-holder-killed", "A process is killed while it holds a lock.", lockHolderKilled},
	{"03-condition-waiter-killed", "A process is killed while it waits for a condition; then all are notified.", conditionWaiterKilled},
	{"04-barrier-waiter-killed", "A process is killed while it waits at a barrier; another comes, with a timeout.", barrierWaiterKilled},
	{"05-queue-writer-killed", "A process is killed after it has put 50 MB into a queue; another gets, with a timeout.", queueWriterKilled},
	{"06-join-before-drain", "A process is joined before the megabyte that it put into a queue was got.", joinBeforeDrain},
	{"07-error-that-cannot-be-rebuilt", "A worker fails with an error of a type that cannot be made anew elsewhere.", strangeError},
	{"08-segfault", "One of four tasks runs into a segmentation fault.", segfault},
	{"09-parent-killed", "The parent of two workers is killed.", parentKilled},
	{"10-attach-and-leave", "A process opens shared memory of another, and ends.", attachAndLeave},
	{"11-lost-updates", "Four processes count to 50,000 each in one shared number.", lostUpdates},
}

var (
	work = mp.NewFunc("work", func(_ context.Context, x int) (int, error) {
		if x == 3 {
			return 0, syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		return x * x, nil
	})
	hold = mp.NewTarget("hold", func(ctx context.Context, l *mp.Lock) error {
		if err := l.Acquire(ctx); err != nil {
			return err
		}
		return syscall.Kill(os.Getpid(), syscall.SIGKILL)
	})
	wait = mp.NewTarget("wait", func(ctx context.Context, w waiting) error {
		return w.Condition.With(ctx, func() error {
			w.There.Set()
			return w.Condition.Wait(ctx)
		})
	})
	meet = mp.NewTarget("meet", func(ctx context.Context, b *mp.Barrier) error {
		_, err := b.Wait(ctx)
		return err
	})
	put = mp.NewTarget("put", func(ctx context.Context, p putting) error {
		if err := p.Queue.Put(ctx, make([]byte, p.Bytes)); err != nil {
			return err
		}
		if p.Never == nil {
			return nil
		}
		return p.Never.Wait(ctx)
	})
	strange = mp.NewFunc("strange", func(context.Context, int) (int, error) { return 0, strangeType{1, func() {}} })
	fault   = mp.NewFunc("fault", func(_ context.Context, x int) (int, error) {
		if x == 1 {
			err := syscall.Kill(os.Getpid(), syscall.SIGSEGV)
			time.Sleep(time.Minute) // it comes when the kernel likes
			return 0, err
		}
		return x * x, nil
	})
	sleep = mp.NewFunc("sleep", func(context.Context, int) (int, error) { time.Sleep(time.Minute); return 0, nil })
	open  = mp.NewTarget("open", func(_ context.Context, name string) error {
		m, err := mp.OpenSharedMemory(name)
		if err != nil {
			return err
		}
		return m.Close()
	})
	count = mp.NewTarget("count", func(_ context.Context, v *mp.Value[int32]) error {
		for range 50_000 {
			v.Add(1)
		}
		return nil
	})
)

type waiting struct {
	Condition *mp.Condition
	There     *mp.Event
}

type putting struct {
	Queue *mp.Queue[[]byte]
	Bytes int
	Never *mp.Event
}

type strangeType struct {
	a int
	f func()
}

func (strangeType) Error() string { return "strange" }

func mapAfterKill(ctx context.Context) (string, error) {
	pool, err := mp.NewPool(ctx, 2, nil)
	if err != nil {
		return "", err
	}
	defer pool.Terminate()
	_, err = mp.Map(ctx, pool, work, []int{0, 1, 2, 3, 4, 5, 6, 7}, sched.MapOptions{Chunk: 1})
	var dead *sched.DeathError
	if !errors.As(err, &dead) {
		return "", fmt.Errorf("the map ended with %v", err)
	}
	again, err := mp.Map(ctx, pool, work, []int{1, 2})
	return fmt.Sprintf("the map fails at once: %v; the pool goes on: %v", firstLine(dead), again), err
}

func firstLine(err error) string {
	s, _, _ := strings.Cut(err.Error(), "\n")
	return s
}

// ended starts a process and waits for its end.
func ended[A, R any](ctx context.Context, fn *mp.Func[A, R], args A) error {
	p := mp.NewProcess(fn, args, nil)
	if err := p.Start(ctx); err != nil {
		return err
	}
	return p.Join(ctx)
}

func lockHolderKilled(ctx context.Context) (string, error) {
	l, err := mp.NewLock()
	if err != nil {
		return "", err
	}
	if err := ended(ctx, hold, l); err != nil {
		return "", err
	}
	if err := l.Acquire(ctx); !errors.Is(err, mp.ErrOwnerDead) {
		return "", fmt.Errorf("acquired with %v", err)
	}
	return "acquired at once, and told that the previous holder died", l.Release()
}

func conditionWaiterKilled(ctx context.Context) (string, error) {
	c, err1 := mp.NewCondition()
	there, err2 := mp.NewEvent()
	if err := errors.Join(err1, err2); err != nil {
		return "", err
	}
	p := mp.NewProcess(wait, waiting{c, there}, nil)
	if err := p.Start(ctx); err != nil {
		return "", err
	}
	if err := errors.Join(there.Wait(ctx), p.Kill(), p.Join(ctx)); err != nil {
		return "", err
	}
	err := c.With(ctx, func() error { return c.NotifyAll() })
	return "notified at once", err
}

func barrierWaiterKilled(ctx context.Context) (string, error) {
	b, err := mp.NewBarrier(2, nil)
	if err != nil {
		return "", err
	}
	p := mp.NewProcess(meet, b, nil)
	if err := p.Start(ctx); err != nil {
		return "", err
	}
	for b.Waiting() == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := errors.Join(p.Kill(), p.Join(ctx)); err != nil {
		return "", err
	}
	brief, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	begin := time.Now()
	if _, err := b.Wait(brief); !errors.Is(err, mp.ErrBrokenBarrier) {
		return "", fmt.Errorf("the barrier ended with %v", err)
	}
	return fmt.Sprintf("broken after %v: a party died", time.Since(begin).Round(time.Millisecond)), nil
}

func queueWriterKilled(ctx context.Context) (string, error) {
	q, err1 := mp.NewQueue[[]byte](0)
	never, err2 := mp.NewEvent()
	if err := errors.Join(err1, err2); err != nil {
		return "", err
	}
	p := mp.NewProcess(put, putting{q, 50_000_000, never}, nil)
	if err := p.Start(ctx); err != nil {
		return "", err
	}
	for q.Empty() {
		time.Sleep(time.Millisecond)
	}
	if err := errors.Join(p.Kill(), p.Join(ctx)); err != nil {
		return "", err
	}
	brief, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	b, err := q.Get(brief)
	return fmt.Sprintf("%d bytes: what was put is there", len(b)), err
}

func joinBeforeDrain(ctx context.Context) (string, error) {
	q, err := mp.NewQueue[[]byte](0)
	if err != nil {
		return "", err
	}
	if err := ended(ctx, put, putting{Queue: q, Bytes: 1_000_000}); err != nil {
		return "", err
	}
	b, err := q.Get(ctx)
	return fmt.Sprintf("%d bytes", len(b)), err
}

func strangeError(ctx context.Context) (string, error) {
	pool, err := mp.NewPool(ctx, 1, nil)
	if err != nil {
		return "", err
	}
	defer pool.Terminate()
	_, err = mp.Apply(ctx, pool, strange, 1)
	var remote *sched.RemoteError
	if !errors.As(err, &remote) {
		return "", fmt.Errorf("the call ended with %v", err)
	}
	return fmt.Sprintf("the caller gets its type, %s, and its text, %q", remote.Type, remote.Message), nil
}

func segfault(ctx context.Context) (string, error) {
	ex, err := mp.NewProcessPoolExecutor(ctx, 1)
	if err != nil {
		return "", err
	}
	defer ex.Shutdown(true, false)
	var futures []*mp.Future[int]
	for x := range 4 {
		f, err := mp.Submit(ex, fault, x)
		if err != nil {
			return "", err
		}
		futures = append(futures, f)
	}
	var said []string
	for x, f := range futures {
		y, err := f.Result(ctx)
		var dead *sched.DeathError
		switch {
		case x == 1 && errors.As(err, &dead):
			said = append(said, "["+firstLine(dead)+"]")
		case err == nil:
			said = append(said, fmt.Sprint(y))
		default:
			return "", err
		}
	}
	return strings.Join(said, "; "), nil
}

// parentRole has this program start two workers, say who they are, and work until it is killed.
const parentRole = "-parent"

func beParent() {
	ctx := context.Background()
	pool, err := mp.NewPool(ctx, 2, nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(strings.Trim(fmt.Sprint(pool.Scheduler().PIDs()), "[]"))
	_, _ = mp.Map(ctx, pool, sleep, []int{0, 1})
}

func parentKilled(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, "/proc/self/exe", parentRole)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return "", err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return "", err
	}
	if err := cmd.Process.Kill(); err != nil {
		return "", err
	}
	_ = cmd.Wait()
	time.Sleep(time.Second)
	alive := 0
	pids := strings.Fields(line)
	for _, s := range pids {
		stat, err := os.ReadFile("/proc/" + s + "/stat")
		if _, rest, found := strings.Cut(string(stat), ") "); err == nil && found && rest[0] != 'Z' {
			alive++
		}
	}
	said := fmt.Sprintf("%d of %d workers alive a second later", alive, len(pids))
	if alive > 0 {
		return "", errors.New(said)
	}
	return said, nil
}

func attachAndLeave(ctx context.Context) (string, error) {
	m, err := mp.NewSharedMemory("", 4096)
	if err != nil {
		return "", err
	}
	defer m.Close()
	defer m.Unlink()
	if err := ended(ctx, open, m.Name()); err != nil {
		return "", err
	}
	again, err := mp.OpenSharedMemory(m.Name())
	if err != nil {
		return "", err
	}
	return "still there", again.Close()
}

func lostUpdates(ctx context.Context) (string, error) {
	v, err := mp.NewValue[int32](0)
	if err != nil {
		return "", err
	}
	var crew []*mp.Process
	for range 4 {
		p := mp.NewProcess(count, v, nil)
		if err := p.Start(ctx); err != nil {
			return "", err
		}
		crew = append(crew, p)
	}
	for _, p := range crew {
		if err := p.Join(ctx); err != nil {
			return "", err
		}
	}
	if v.Get() != 200_000 {
		return "", fmt.Errorf("%d of 200000", v.Get())
	}
	return "200000 of 200000", nil
}
