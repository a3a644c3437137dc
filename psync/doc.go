// Package psync synchronises processes through words in memory that they share, and survives the death of any of them
// at any instruction.
//
//	Int32 ... Float64   a number that all may change at once        no lock, nothing to repair
//	Mutex               one at a time                               Lock tells of an owner that died, lock held
//	RMutex              one at a time, the holder again and again   as Mutex; the holder is named by a Token
//	RWMutex             many readers or one writer                  a dead reader is forgotten, a dead writer is told of
//	Semaphore           n at a time                                 with ReturnOnDeath a dead holder's permits come back
//	Event               wait until somebody says go                 belongs to nobody
//	Cond                wait until what a Mutex guards has changed  belongs to nobody; counts no waiters
//	Barrier             n meet, an action runs once, all go on      a dead party breaks it, and is named
//	Once                done once among all processes               the next one does what a dead one began
//	WaitGroup           wait until all is done                      what a dead one had to do stays undone
//
// Each is a few bytes anywhere in shared memory, at the same offset for everyone and at any address: no descriptor, no
// file, no registration. A zeroed word is an unlocked mutex, a clear event, a condition nobody waits for, an action not
// done, a counter at 0; the words may be fields of any shared struct. Semaphore, RWMutex and Barrier are laid out by their
// Create. A handle (Attach) belongs to one process and costs it 40 bytes or so.
//
//	MutexWord, OnceWord   +0  owner u32         tag of the owner | 1<<30 half changed | 1<<31 waiters
//	EventWord             +0  state u32         1 waiters | 2 set | times cleared << 2
//	CondWord              +0  state u32         1 waiters | times signalled << 1
//	WaitGroupWord         +0  count u32, bell u32
//	RMutexWord            +0  owner u32, depth u32, holder u64
//	SemaphoreWord         +0  magic, holders, value, bound u32
//	                      +16 bell, guard u32, 8 bytes unused
//	                      +32 holders x (tag u32, permits u32)
//	RWMutexWord           +0  magic, holders, writer (an owner word), bell u32
//	                      +16 holders x (tag u32, reads u32)
//	BarrierWord           +0  magic, parties, guard, arrived, broken, dead, round u32, 4 bytes unused, result u64
//	                      +40 parties x (tag u32 | 1<<31 waits)
//
// Lock and Unlock of a free mutex are one compare-and-swap each. Who has to wait looks again for about as long as waking a
// sleeper takes on this machine, a few dozen microseconds, and then sleeps in the kernel on the word and on the life word
// of its owner. A handle whose looking is in vain time after time, because more processes wait than CPUs run, looks for
// less and less long. Every wait takes a context; signals do not disturb it.
//
// # Example
//
//	type shared struct {
//		mu    psync.MutexWord
//		total psync.Int64
//		a, b  int64 // equal, guarded by mu
//	}
//
//	s := layout.View[shared](seg.Bytes(), 0)
//	mu := s.mu.Attach(&psync.Options{Members: seg})
//	err := mu.Do(ctx, func(died error) error {
//		if died != nil {
//			s.b = s.a // the one who had the lock died between the two stores below
//		}
//		s.a++
//		s.b++
//		return nil
//	})
//
// # Processes
//
// Any process that has the memory mapped may call anything, from any goroutine. A process is known by the tag that its
// membership in the memory gives it (Options.Members, a *shm.Segment): goroutines of one process exclude each other, but a
// lock belongs to the process, and any goroutine of it may release. With nil Members the memory is this process's own.
//
// PROTOCOL.md has the states, what a death at each step leaves, and why no wake-up is lost; model/ has the SPIN models.
//
// # Caveats
//
// A process that is stopped (SIGSTOP) is alive: what it holds stays held. A goroutine that sleeps in Lock or Wait occupies
// an operating-system thread. Nothing here is fair: who comes just when a lock becomes free may take it before those who
// sleep. While it waits for a Mutex, RWMutex, Semaphore, WaitGroup or Barrier, a sleeper looks again every 50 ms, in Cond.WaitFor
// every 250 ms; an Event's sleepers and those of Cond.Wait are woken by nothing but a Set, a Signal or their context. Before
// Linux 5.16 a death is heard of within some milliseconds instead of at once. Waiting needs Linux.
package psync
