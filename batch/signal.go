package batch

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/shmath/shmath/sched"
)

// Interrupt is a signal that ended a run. It is [ErrInterrupted].
type Interrupt struct {
	Signal syscall.Signal
}

// Error says what has become of the outputs.
func (i *Interrupt) Error() string {
	name, ok := map[syscall.Signal]string{syscall.SIGINT: "Ctrl-C", syscall.SIGTERM: "SIGTERM", syscall.SIGHUP: "SIGHUP",
		syscall.SIGPIPE: "SIGPIPE"}[i.Signal]
	if !ok {
		name = i.Signal.String()
	}
	return "interrupted by " + name + "; no output was written"
}

// Is makes errors.Is(err, ErrInterrupted) true.
func (i *Interrupt) Is(target error) bool { return target == ErrInterrupted }

// Signals returns a context that the first SIGINT, SIGTERM, SIGHUP or SIGPIPE (nobody reads standard output any more)
// cancels, with an *Interrupt as its cause. The second ends the process at once: its workers die with it, and what it
// leaves in /dev/shm goes with the next start or "shmath gc". stop gives the signals back.
func Signals(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	go func() {
		for s := range signals {
			number, ok := s.(syscall.Signal)
			if !ok {
				continue
			}
			if ctx.Err() != nil {
				if number == syscall.SIGPIPE {
					continue // each line that nobody reads sends one
				}
				os.Exit(exitSignal + int(number))
			}
			cancel(&Interrupt{number})
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel(nil)
	}
}

// The exit codes of commands.
const (
	ExitDone   = 0
	ExitFailed = 1   // the job failed
	ExitUsage  = 2   // the call is wrong
	exitSignal = 128 // and the signal's number: 130 after Ctrl-C, 143 after SIGTERM
)

// ExitCode is the exit code for an error of this package.
func ExitCode(err error) int {
	var call *UsageError
	var interrupt *Interrupt
	switch {
	case err == nil:
		return ExitDone
	case errors.As(err, &interrupt):
		return exitSignal + int(interrupt.Signal)
	case errors.As(err, &call), errors.Is(err, sched.ErrCPU):
		return ExitUsage
	}
	return ExitFailed
}
