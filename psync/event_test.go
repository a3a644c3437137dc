package psync

import (
	"context"
	"sync"
	"testing"
	"time"
)

// E1: initially clear; waits time out; set, and waits return at once, again and again; clear.
func TestEvent_E1(t *testing.T) {
	linuxOnly(t)
	mem := heap(EventSize)
	e := must(CreateEvent(mem, nil))(t)
	if e.IsSet() {
		t.Fatal("set at birth")
	}
	want(t, e.Wait(timeout(t, 0)), context.DeadlineExceeded)
	want(t, e.Wait(timeout(t, 3*time.Millisecond)), context.DeadlineExceeded)
	e.Set()
	e.Set()
	for range 3 {
		check(t, e.Wait(background))
		check(t, e.Wait(timeout(t, 0)))
	}
	e.Clear()
	e.Clear()
	if e.IsSet() {
		t.Fatal("set after Clear")
	}
	other := must(AttachEvent(mem, nil))(t)
	done := make(chan error)
	go func() { done <- e.Wait(background) }()
	awaitSleepers(t, e.w, 1)
	other.Set()
	check(t, <-done)
}

// E2: the printed state says set or clear.
func TestEvent_E2(t *testing.T) {
	e := must(CreateEvent(heap(EventSize), nil))(t)
	if got := e.String(); got != "event: clear" {
		t.Fatal(got)
	}
	e.Set()
	if got := e.String(); got != "event: set" {
		t.Fatal(got)
	}
}

// Whoever slept when the event was set returns, even if it is cleared before the sleeper runs.
func TestEvent_SetThenClearAtOnce(t *testing.T) {
	linuxOnly(t)
	e := must(CreateEvent(heap(EventSize), nil))(t)
	for range 50 {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { check(t, e.Wait(background)) })
		}
		awaitSleepers(t, e.w, 4)
		e.Set()
		e.Clear()
		soon(t, "waiters of a pulse", wg.Wait)
	}
}

func TestEvent_PublishesWhatWasStoredBefore(t *testing.T) {
	linuxOnly(t)
	for range 200 {
		e := must(CreateEvent(heap(EventSize), nil))(t)
		var data int
		go func() { data = 42; e.Set() }()
		check(t, e.Wait(background))
		if data != 42 {
			t.Fatal(data)
		}
	}
}
