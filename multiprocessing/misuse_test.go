//go:build linux

package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/shmath/shmath/sched"
)

// TestMistake_ZeroValuesNeverFault calls every method of every type that a New function makes, on a value that none has made.
// Those that return no error say what is wrong by a panic with ErrNotMade, or that there is nothing.
func TestMistake_ZeroValuesNeverFault(t *testing.T) {
	for _, x := range []any{
		new(Queue[int]), new(JoinableQueue[int]), new(Connection[int]), new(Stream[int]), new(Listener[int]), new(File),
		new(Lock), new(RLock), new(Semaphore), new(BoundedSemaphore), new(Event), new(Condition), new(Barrier),
		new(Value[int]), new(Array[int]), new(Struct[int]), new(Frozen[int]), new(Dict[int, int]), new(List[int]),
		new(SharedMemory), new(SharedMemoryManager), new(ShareableList),
		new(Process), new(Pool), new(ProcessPoolExecutor), new(ThreadPoolExecutor), new(Future[int]), new(AsyncResult[int]),
		new(Manager), new(Proxy), new(Namespace), new(LockProxy), new(RLockProxy), new(ConditionProxy), new(Context), new(Info),
		new(DictProxy[int, int]), new(ListProxy[int]), new(ValueProxy[int]), new(ArrayProxy[int]), new(QueueProxy[int]), new(EventProxy), new(BarrierProxy),
	} {
		v := reflect.ValueOf(x)
		for i := range v.NumMethod() {
			method := v.Method(i)
			withoutFault(t, fmt.Sprintf("%v.%s", v.Type(), v.Type().Method(i).Name), func() { method.Call(emptyArguments(method.Type())) })
		}
	}
}

func withoutFault(t *testing.T, name string, f func()) {
	defer func() {
		if r := recover(); r != nil && r != ErrNotMade {
			t.Errorf("%s: %v", name, r)
		}
	}()
	f()
}

// emptyArguments are zero values, and a context that has ended.
func emptyArguments(f reflect.Type) (args []reflect.Value) {
	fixed := f.NumIn()
	if f.IsVariadic() {
		fixed--
	}
	for i := range fixed {
		if f.In(i) == reflect.TypeFor[context.Context]() {
			args = append(args, reflect.ValueOf(expired))
		} else {
			args = append(args, reflect.Zero(f.In(i)))
		}
	}
	return args
}

// failing is the error of a call with two results.
func failing[T any](_ T, err error) error { return err }

// TestMistake_BadArguments: each is an error that names what was given and what to give.
func TestMistake_BadArguments(t *testing.T) {
	ctx := watchdog(t)
	noneOf := (*Func[int, int])(nil)
	condition := must[*Condition](t)(NewCondition())
	ok(t, condition.Acquire(ctx))
	plain := must[*SharedMemory](t)(NewSharedMemory("", 100))
	defer plain.Close()
	for _, c := range []struct {
		what string
		err  error
		of   error
		says string
	}{
		{"process of no function", NewProcess(noneOf, 1, nil).Start(ctx), ErrNotMade, "NewTarget"},
		{"call on a nil pool", failing(Apply(ctx, (*Pool)(nil), square, 1)), sched.ErrNoPool, "start one"},
		{"call on nil", failing(Apply(ctx, nil, square, 1)), sched.ErrNoPool, "start one"},
		{"submission of no function", failing(Submit(new(Pool), noneOf, 1)), ErrNotMade, "NewFunc"},
		{"pool of -1", failing(NewPool(ctx, -1, nil)), ErrValue, "-1"},
		{"queue of -1", failing(NewQueue[int](-1)), ErrValue, "-1"},
		{"endless queue", failing(NewQueue[int](math.MaxInt)), ErrValue, "maxsize"},
		{"queue of channels", failing(NewQueue[chan int](0)), sched.ErrType, "chan"},
		{"array of -1", failing(NewArrayOf[float64](-1)), ErrValue, "-1"},
		{"endless array", failing(NewRawArray[float64](math.MaxInt)), ErrValue, "elements"},
		{"value with a nil lock", failing(NewValueWith(nil, 1)), ErrValue, "NewRLock"},
		{"shared memory of -1", failing(NewSharedMemory("", -1)), ErrValue, "-1"},
		{"frozen without content", failing(NewFrozen[float64](4, nil)), ErrValue, "fills"},
		{"semaphore of -1", failing(NewSemaphore(-1)), ErrValue, "-1"},
		{"barrier of 0", failing(NewBarrier(0, nil)), ErrValue, "0 parties"},
		{"notifying -1", condition.Notify(-1), ErrValue, "NotifyAll"},
		{"waiting for nil", failing(Wait(ctx, new(Process), nil)), ErrValue, "element 1"},
		{"waiting for a queue that is none", failing(Wait(ctx, new(Queue[int]))), ErrNotMade, "New function"},
		{"handing on nil", failing(NewFile(nil)), ErrValue, "no file"},
		{"dict of text", failing(NewDict[string, int]()), ErrValue, "Name"},
		{"other bytes as a list", failing(OpenShareableList(plain.Name())), ErrCorrupt, "no list"},
		{"no start method", failing(GetContext("threads")), ErrValue, "threads"},
		{"nobody's manager", failing(ManagerDict[int, int](ctx, nil)), ErrNotMade, "New function"},
		{"nobody's proxy", failing(Invoke[int](ctx, Proxy{}, "Len")), ErrNotMade, "proxy"},
		{"manager's queue of -1", failing(ManagerQueue[int](ctx, new(Manager), -1)), ErrValue, "-1"},
		{"manager's semaphore of -1", failing(new(Manager).Semaphore(ctx, -1)), ErrValue, "-1"},
		{"manager's barrier of 0", failing(new(Manager).Barrier(ctx, 0)), ErrValue, "0 parties"},
	} {
		if !errors.Is(c.err, c.of) || !strings.Contains(c.err.Error(), c.says) {
			t.Errorf("%s: %v: want %v that says %q", c.what, c.err, c.of, c.says)
		}
	}
}

func TestMistake_NoInput(t *testing.T) {
	pools(t, 1, func(t *testing.T, p *Pool) {
		for _, err := range Imap(watchdog(t), p, square, iter.Seq[int](nil)) {
			if !errors.Is(err, ErrValue) {
				t.Fatal(err)
			}
		}
		if _, err := Map(watchdog(t), p, (*Func[int, int])(nil), []int{1}); !errors.Is(err, ErrNotMade) {
			t.Fatal(err)
		}
	})
}

func TestMistake_ManagerThatEnded(t *testing.T) {
	m, ctx := must[*Manager](t)(NewManager(watchdog(t), nil)), watchdog(t)
	d := must[DictProxy[int, int]](t)(ManagerDict[int, int](ctx, m))
	ok(t, m.Shutdown(ctx))
	ok(t, m.Shutdown(ctx))
	if err := d.Set(ctx, 1, 1); err == nil || !strings.Contains(err.Error(), "still running") {
		t.Fatal(err)
	}
}

func TestMistake_TypesRegisteredBadly(t *testing.T) {
	defer func() { misregistered = nil }()
	RegisterType[managedDict]("a misuse", "Get", "Gett")
	RegisterType[managedList]("a misuse")
	defer delete(registered, "a misuse")
	_, err := NewManager(watchdog(t), nil)
	for _, word := range []string{"Gett", "managedDict", "registered twice", "managedList"} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%v: it does not say %q", err, word)
		}
	}
}
