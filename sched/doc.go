// Package sched runs functions and loops on a pool of worker processes, one pinned to each core, over shared memory.
//
//	Main      the first statement of main: turns the program into a worker when it was started as one
//	Pool      a crew of workers and an arena that all of them see: Start, Resize, Close, Shutdown, Terminate
//	Loop      work over an index range, taken block by block: NewLoop, Run
//	Func      a function: NewFunc, Call, Submit, Map, Stream, StreamUnordered
//	Reduce    a loop whose blocks have results, combined in a fixed tree: NewReduce, Run
//	State     what each worker makes once and keeps: NewState, Of
//	Future    the result of a Submit: Wait, OnDone, Cancel, Kill; AsCompleted, WaitAny, WaitAll, WaitError over several
//
// What crosses a process border is a descriptor: arguments are small values, and arrays in them are handles.
//
//	var scale = sched.NewLoop("scale", func(c *sched.Chunk, a scaleArgs) error {
//		x := a.X.Slice()[c.Lo:c.Hi]
//		for i := range x {
//			x[i] *= a.Factor
//		}
//		return nil
//	})
//
//	func main() {
//		sched.Main()
//		pool, err := sched.Start(ctx, nil)
//		defer pool.Close()
//		x, err := arena.New[float64](pool.Arena(), 1<<20)
//		err = scale.Run(ctx, pool, x.Len(), scaleArgs{x, 2})
//	}
//
// A pool is two segments: the control block, through which parent and workers talk (drawn in control_unsafe.go), and the
// arena. PROTOCOL.md says how a loop and a call go through it, and what a death at each step leaves.
//
// # Placement
//
// By default there is one worker for each core on which the process may run, and no more than its CPU quota allows: a
// pinned worker past the quota stands still. Options.Placement has other policies, Options.CPUs names the CPUs. Workers are
// numbered by neighbourhood. Pools of one user, in any of his programs, claim their CPUs by locks that die with them
// (claims_linux.go): no pool pins to a CPU of another while there are free ones that its policy accepts. When there are
// none they share, the least burdened first; Pool.Plan says so, and why the workers are where they are.
//
// A loop's index range is cut into one share for each worker, in order; who has finished his own steals from the nearest.
// With several NUMA nodes, an array made in Pool.Arena() lies on the nodes of the workers whose shares its parts are;
// Pool.Distribute moves others there. Each worker's first touch of a page is a page fault; Pool.Prefault has them all taken before a loop that is
// to be fast from its first block.
//
// # Processes
//
// Workers are started by a thread that never ends, with its CPU mask, so that every thread of a worker runs on one CPU
// from its first instruction. They die with their parent, whatever kills it, and so does what bodies start by [Command]. A
// worker that dies is noticed within a millisecond, by a robust futex, and replaced; its block is run again if the loop is
// idempotent, and reported if not. All else goes on.
//
// # Logging and output
//
// In a worker, slog.Default (and package log) hands records to the parent, whose handler (Options.Logger) gets them with
// the attributes worker and pid. They arrive even if the worker is killed as soon as the call has returned. Workers log
// from the level that the handler takes; a change of it is seen at the next loop. Values of the program's own types travel
// as text. A worker that logs faster than the handler takes waits for room; after a second in vain it drops records,
// which are counted and reported. What workers write to standard output and error comes out of the parent's as whole
// lines. A handler must not close the pool.
//
// # Figures
//
// [Pool.Stats] says what each worker has done and how far the loops are; [Pools] reads the same from the control blocks
// of all pools of this user, whatever program started them. [Pool.StartTrace] records when each block ran and where. In a worker that
// records with runtime/trace, each block and call is a region; [LabelTasks] labels the samples of its profiles.
//
// # Caveats
//
// A body runs in a process of its own, where the pool of its parent is not: it can start one there, or return what is to be
// done. Bodies of an in-process pool may run loops and calls on it, from their own goroutine.
// Functions and loops are registered in package variables: every process of the program must make the same table.
// What a body changes in ordinary variables stays in its worker. A worker ignores SIGINT, SIGQUIT and SIGHUP: the parent decides.
package sched
