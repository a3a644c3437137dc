package multiprocessing

import (
	"errors"

	"github.com/shmath/shmath/psync"
	"github.com/shmath/shmath/sched"
)

var (
	// ErrFull is returned by puts that do not wait, on a queue that has maxsize items. Python: queue.Full.
	ErrFull = sched.RegisterError(errors.New("multiprocessing: queue is full"))

	// ErrEmpty is returned by gets that do not wait, on a queue without items. Python: queue.Empty.
	ErrEmpty = sched.RegisterError(errors.New("multiprocessing: queue is empty"))

	// ErrClosed is returned by operations on something that was closed; by gets, once nothing is left.
	ErrClosed = sched.RegisterError(errors.New("multiprocessing: closed"))

	// ErrBrokenPipe is returned by a send when nobody holds the other end. Python: BrokenPipeError.
	ErrBrokenPipe = sched.RegisterError(errors.New("multiprocessing: nobody holds the other end of the pipe"))

	// ErrDirection is returned by the operation that a one-way connection does not have.
	ErrDirection = sched.RegisterError(errors.New("multiprocessing: wrong direction: the connection is one-way"))

	// ErrValue is returned for arguments out of their range. Python: ValueError.
	ErrValue = sched.RegisterError(errors.New("multiprocessing: bad value"))

	// ErrNotStarted is returned by what needs a process that has been started.
	ErrNotStarted = errors.New("multiprocessing: process not started: call Start")

	// ErrStarted is returned by a second Start.
	ErrStarted = errors.New("multiprocessing: process started already: make a new one with NewProcess")

	// ErrAlive is returned by Close of a process that has not ended.
	ErrAlive = errors.New("multiprocessing: process still running: Join or Terminate it first")

	// ErrDaemon is returned when a daemonic process starts a child.
	ErrDaemon = sched.RegisterError(errors.New("multiprocessing: daemonic processes are not allowed to have children"))

	// ErrNotMade is returned by methods of a zero value: everything here is made by its New function.
	ErrNotMade = errors.New("multiprocessing: zero value: make it with its New function")

	// ErrNotInherited is returned by Get of a [Global] in a process that has not inherited it. Python: NameError.
	ErrNotInherited = sched.RegisterError(errors.New("multiprocessing: this process has not inherited the global"))

	// ErrSessionGone is returned for a handle whose maker has ended.
	ErrSessionGone = errors.New("multiprocessing: the process that made the object has ended")

	// ErrCorrupt is returned for shared bytes that no correct process writes.
	ErrCorrupt = errors.New("multiprocessing: damaged shared memory")

	// ErrRemote is what a method of an object in a manager returned, or that it panicked; its text comes along.
	ErrRemote = sched.RegisterError(errors.New("multiprocessing: remote error"))

	// ErrExposed is returned for a method that a manager's type does not have, or does not expose.
	ErrExposed = sched.RegisterError(errors.New("multiprocessing: no such method, or it is not exposed"))

	// ErrAuthentication is returned when two sides of a connection do not know the same secret. Python: AuthenticationError.
	ErrAuthentication = sched.RegisterError(errors.New("multiprocessing: the authentication keys differ: " +
		"give both sides the same AuthKey, that of mp.AuthKey in the program that started the manager unless it was given another"))

	// ErrOwnerDead is psync.ErrOwnerDead: the lock is held, its previous owner died with it.
	ErrOwnerDead = sched.RegisterError(psync.ErrOwnerDead)

	// ErrNotOwner is psync.ErrNotOwner: released by one who does not hold it. Python: ValueError, AssertionError.
	ErrNotOwner = sched.RegisterError(psync.ErrNotOwner)

	// ErrBrokenBarrier is psync.ErrBroken. Python: BrokenBarrierError.
	ErrBrokenBarrier = sched.RegisterError(psync.ErrBroken)
)
