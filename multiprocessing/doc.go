// Package multiprocessing is Python's multiprocessing and concurrent.futures for Go: processes, pools, queues, pipes,
// locks, shared values and memory, by Python's names. Import it as mp. docs/FROM_PYTHON.md has both side by side.
//
//	var worker = mp.NewTarget("worker", func(ctx context.Context, q *mp.Queue[string]) error {
//		return q.Put(ctx, "done")
//	})
//
//	func main() {
//		sched.Main() // first: in a worker it does not return
//		q, err := mp.NewQueue[string](0)
//		p := mp.NewProcess(worker, q, nil)
//		err = p.Start(ctx)
//		s, err := q.Get(ctx)
//		err = p.Join(ctx)
//	}
//
// Whatever a New function of this package makes can be an argument of a process or a task, an item of a queue, a message
// of a pipe: what travels is a handle of 32 bytes, and the receiver works on the same bytes. Everything lies in one
// sparse segment, the session, which goes with the last process of the program.
//
// # What differs from Python
//
// Functions are registered, by name, in package variables. Undeclared variables are never inherited. A process that is
// killed wedges nothing: locks report [ErrOwnerDead], semaphores get their permits back, barriers break, queues hold no
// half messages, and only the killed one's task is lost. So it is in managers, too, where locks come back without a word. Children die with their parent, whatever kills it. Waits take a
// context in place of a timeout.
package multiprocessing
