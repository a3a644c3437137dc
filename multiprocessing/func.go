package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/shmath/shmath/sched"
)

// Func is a function that processes and workers can run. It is made once, in a package variable: a closure cannot be sent
// to another process, a name can.
type Func[A, R any] struct {
	*sched.Func[A, R]
	process *sched.Func[birth[A], ending]
}

// NewFunc registers f under a name that is unique in the program. Arguments and results are data, and handles of what this
// package makes: pointers to them, such as *Queue[int].
func NewFunc[A, R any](name string, f func(ctx context.Context, arg A) (R, error), opts ...sched.FuncOptions) *Func[A, R] {
	fn := &Func[A, R]{Func: sched.NewFunc(name, f, opts...)}
	fn.process = sched.NewFunc("process "+name, func(ctx context.Context, b birth[A]) (ending, error) {
		return live(ctx, b, func(ctx context.Context) error {
			_, err := f(ctx, b.Args)
			return err
		})
	})
	return fn
}

// NewTarget registers a function without a result.
func NewTarget[A any](name string, f func(ctx context.Context, arg A) error, opts ...sched.FuncOptions) *Func[A, struct{}] {
	return NewFunc(name, func(ctx context.Context, arg A) (struct{}, error) { return struct{}{}, f(ctx, arg) }, opts...)
}

// noFunc is the error of a function that nobody has made.
func noFunc() error {
	return fmt.Errorf("%w: the function is nil: make it with NewFunc or NewTarget, in a package variable", ErrNotMade)
}

// birth is what a process is given.
type birth[A any] struct {
	Self    identity
	Estate  estate // what it inherits
	Started *Event // set when the process has its arguments
	Args    A
}

// ending is how the body of a process ended.
type ending struct {
	Code int // of Exit
}

// exitError is what Exit returns.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// Exit returns an error that ends a process with that exit code, modulo 256, when its target returns it. Python:
// sys.exit. os.Exit works too, and skips what is deferred.
func Exit(code int) error { return exitError(code & 0xff) }

// live is the life of a process: it takes its name, runs the target, reports on standard error what went wrong, and waits
// for its own children.
func live[A any](ctx context.Context, b birth[A], target func(context.Context) error) (end ending, err error) {
	ctx = context.WithValue(ctx, identityKey{}, &b.Self)
	if b.Self.settle() {
		if err := b.Estate.enter(); err != nil {
			return ending{}, err
		}
	}
	if err := b.Started.signal(); err != nil {
		return ending{}, err
	}
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(os.Stderr, "Process %s: panic: %v\n\n%s", b.Self.Name, r, debug.Stack())
			panic(r)
		}
	}()
	err = target(ctx)
	err = errors.Join(err, finish(context.WithoutCancel(ctx), &b.Self))
	var code exitError
	switch {
	case errors.As(err, &code):
		return ending{int(code)}, nil
	case err != nil:
		fmt.Fprintf(os.Stderr, "Process %s: %v\n", b.Self.Name, err)
	}
	return ending{}, err
}

func (e *Event) signal() error {
	if e == nil {
		return ErrNotMade
	}
	e.Set()
	return nil
}
