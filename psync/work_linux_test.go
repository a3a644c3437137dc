package psync_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/psync"
)

// dwell spends a random while: mostly none, sometimes enough that others fall asleep.
func dwell() {
	switch rand.IntN(6) {
	case 0:
		for range rand.IntN(100) {
			asm.Pause(32)
		}
	case 1:
		time.Sleep(time.Duration(rand.IntN(100)) * time.Microsecond)
	}
}

// worker repeats one kind of work until it is killed, or rounds are over.
func worker(args []string) {
	w := openWorld(args[1])
	slot, _ := strconv.Atoi(args[2])
	rounds, _ := strconv.Atoi(args[3])
	work := kinds[args[0]]
	fmt.Println("ready")
	for i := 0; rounds == 0 || i < rounds; i++ {
		if err := work(w, i); err != nil {
			w.fault(faultError, uint64(i))
			fmt.Fprintln(os.Stderr, "worker", args[0], err)
			os.Exit(1)
		}
		w.beats[slot].Add(1)
	}
	w.seg.Close()
}

var kinds = map[string]func(w *world, i int) error{
	"mutex": mutexWork, "rmutex": rmutexWork, "semaphore": semaphoreWork, "barrier": barrierWork, "cond": condWork,
	"rwmutex": rwmutexWork, "event": eventWork, "once": onceWork, "waitgroup": waitgroupWork,
	"plain": plainWork,
}

// lives tells whether a member that should be dead is not, after all the time that the kernel can want for its end.
func (w *world) lives(tag uint32) bool {
	for range 200 {
		if !w.seg.Alive(tag) {
			return false
		}
		time.Sleep(time.Millisecond)
	}
	return true
}

// change is what a lock guards: it makes a and b differ for a while. After a death it repairs them.
func (w *world) change(died error) {
	me := w.seg.Tag()
	var dead *psync.OwnerDeadError
	was := w.inside.Swap(me)
	if was != 0 && (!errors.As(died, &dead) || dead.Tag != was && w.lives(was)) {
		w.fault(faultTwoInside, uint64(was)<<32|uint64(me))
	}
	if died != nil {
		w.deaths.Add(1)
		w.b.Store(w.a.Load())
	}
	if w.a.Load() != w.b.Load() {
		w.fault(faultTorn, uint64(w.a.Load()))
	}
	w.a.Add(1)
	dwell()
	w.b.Add(1)
	w.inside.Store(0)
}

func mutexWork(w *world, i int) error {
	ctx := background
	if i%7 == 3 {
		short, cancel := context.WithTimeout(background, 50*time.Microsecond)
		defer cancel()
		ctx = short
	}
	var err error
	ok := true
	if i%5 == 4 {
		ok, err = w.m.TryLock()
	} else {
		err = w.m.Lock(ctx)
	}
	if !ok || errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	if err != nil && !errors.Is(err, psync.ErrOwnerDead) {
		return err
	}
	w.change(err)
	if w.m.Owner() != w.seg.Tag() {
		w.fault(faultTwoInside, uint64(w.m.Owner()))
	}
	return w.m.Unlock()
}

func rmutexWork(w *world, i int) error {
	token := psync.NewToken()
	err := w.r.Lock(background, token)
	if err != nil && !errors.Is(err, psync.ErrOwnerDead) {
		return err
	}
	if err := w.r.Lock(background, token); err != nil {
		return err
	}
	w.change(err)
	return errors.Join(w.r.Unlock(token), w.r.Unlock(token))
}

func semaphoreWork(w *world, i int) error {
	if err := w.s.Acquire(background, 1); err != nil {
		return err
	}
	me, seat := w.seg.Tag(), -1
	for k := range w.seats {
		if was := w.seats[k].Load(); (was == 0 || !w.seg.Alive(was)) && w.seats[k].CompareAndSwap(was, me) {
			seat = k
			break
		}
	}
	if seat < 0 {
		// The seats may have moved while they were looked at; who holds a permit finds one in the end.
		for try := 0; try < 1000 && seat < 0; try++ {
			for k := range w.seats {
				if was := w.seats[k].Load(); (was == 0 || !w.seg.Alive(was)) && w.seats[k].CompareAndSwap(was, me) {
					seat = k
					break
				}
			}
			asm.Pause(32)
		}
		if seat < 0 {
			w.fault(faultNoSeat, uint64(me))
		}
	}
	dwell()
	if seat >= 0 {
		w.seats[seat].Store(0)
	}
	return w.s.Release(1)
}

func barrierWork(w *world, i int) error {
	dwell()
	_, err := w.bar.Wait(background)
	var broken *psync.BrokenError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &broken):
		return err
	case broken.Dead != 0 && w.lives(broken.Dead):
		w.fault(faultNamedTheLiving, uint64(broken.Dead))
	}
	return w.m.Do(background, func(error) error { // one of those who see it broken mends it
		if w.bar.Broken() == nil {
			return nil
		}
		return w.bar.Reset()
	})
}

func condWork(w *world, i int) error {
	err := w.m.Lock(background)
	if err != nil && !errors.Is(err, psync.ErrOwnerDead) {
		return err
	}
	w.change(err)
	if err != nil || i%8 == 0 {
		w.c.Broadcast() // the dead one may have died before it could
	} else {
		w.c.Signal(1)
	}
	if i%3 == 0 {
		ctx, cancel := context.WithTimeout(background, 3*time.Millisecond)
		defer cancel()
		err := w.c.Wait(ctx, w.m)
		if errors.Is(err, psync.ErrOwnerDead) {
			w.change(err)
			w.c.Broadcast()
		} else if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
	}
	return w.m.Unlock()
}

func rwmutexWork(w *world, i int) error {
	if i%3 == 0 {
		err := w.rw.Lock(background)
		if err != nil && !errors.Is(err, psync.ErrOwnerDead) {
			return err
		}
		w.change(err)
		return w.rw.Unlock()
	}
	err := w.rw.RLock(background)
	if errors.Is(err, psync.ErrOwnerDead) {
		return nil // a later round writes, and repairs
	}
	if err != nil {
		return err
	}
	if w.a.Load() != w.b.Load() {
		w.fault(faultTorn, uint64(w.a.Load()))
	}
	dwell()
	return w.rw.RUnlock()
}

// eventWork: one sets while the others wait, and which one changes; a wait always ends, by a set of somebody alive.
func eventWork(w *world, i int) error {
	switch rand.IntN(3) {
	case 0:
		dwell()
		w.e.Set()
		return nil
	case 1:
		w.e.Clear()
		return nil
	}
	ctx, cancel := context.WithTimeout(background, 5*time.Millisecond)
	defer cancel()
	if err := w.e.Wait(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// onceWork alternates between an action that is done for good, and one that fails each time, so that the next one
// runs it again.
func onceWork(w *world, i int) error {
	if i%2 == 0 {
		words, err := psync.CellsAt[psync.Uint32](w.seg.Bytes(), oncesAt, oncesMax)
		if err != nil {
			return err
		}
		at := i / 2 % oncesMax
		o, err := psync.AttachOnce(w.seg.Bytes()[oncesAt+4*oncesMax+4*at:], &psync.Options{Members: w.seg})
		if err != nil {
			return err
		}
		err = o.Do(background, func(error) error { words[at].Store(7); dwell(); return nil })
		if err == nil && (!o.Done() || words[at].Load() != 7) {
			w.fault(faultOnce, uint64(i))
		}
		return err
	}
	ran := false
	err := w.o.Do(background, func(died error) error {
		w.change(died)
		ran = true
		return errors.New("again")
	})
	if !ran || err == nil {
		w.fault(faultOnce, uint64(i))
	}
	return nil
}

// plainWork uses permits that belong to nobody: those of the dead are gone, which is no fault, so it waits a short while.
func plainWork(w *world, i int) error {
	ctx, cancel := context.WithTimeout(background, time.Millisecond)
	defer cancel()
	if err := w.p.Acquire(ctx, 1); errors.Is(err, context.DeadlineExceeded) {
		return nil
	} else if err != nil {
		return err
	}
	dwell()
	return w.p.Release(1)
}

// waitgroupWork lets each worker add and take back, and now and then wait: the dead leave their part, which is no fault.
func waitgroupWork(w *world, i int) error {
	if err := w.g.Add(1); err != nil {
		return err
	}
	dwell()
	if err := w.g.Done(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(background, time.Millisecond)
	defer cancel()
	if err := w.g.Wait(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}
