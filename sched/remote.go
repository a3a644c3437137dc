package sched

import (
	"fmt"
	"os"
	"reflect"
	"runtime/debug"
)

// wireError is how an error travels: all that a RemoteError needs and the caller's side cannot know.
type wireError struct {
	Type, Message, Stack string
	Panic                bool
	Known                []int
	PID                  int
}

var wireCodec = func() *codec {
	c, err := codecOf(reflect.TypeFor[wireError]())
	if err != nil {
		panic(err)
	}
	return c
}()

func (e *wireError) bytes() []byte {
	e.PID = os.Getpid()
	b, err := encodeValue(wireCodec, nil, nil, e)
	if err != nil {
		panic(err) // strings and ints always encode
	}
	return b
}

// remoteError rebuilds on the caller's side what a worker sent.
func remoteError(function string, worker int, b []byte) *RemoteError {
	var e wireError
	if _, err := decodeValue(wireCodec, nil, b, &e); err != nil {
		e.Message = fmt.Sprintf("error lost on the way: %v", err)
	}
	return &RemoteError{
		Function: function, Worker: worker, PID: e.PID, Type: e.Type, Message: e.Message,
		Panic: e.Panic, Stack: e.Stack, known: table.knownErrors(e.Known),
	}
}

// goexitMessage describes a body that ended its goroutine instead of returning (runtime.Goexit, testing's FailNow).
const goexitMessage = "the body called runtime.Goexit"

// guard calls f and turns whatever it does, short of ending the process, into a wireError. A body that ends its
// goroutine never comes back here: its error goes to abandon.
func guard(f func() error, abandon func(*wireError)) (failure *wireError) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if v := recover(); v != nil {
			failure = panicError(v)
			return
		}
		abandon(&wireError{Type: "runtime.Goexit", Message: goexitMessage, Stack: string(debug.Stack()), Panic: true})
	}()
	err := f()
	returned = true
	if err != nil {
		failure = &wireError{Type: fmt.Sprintf("%T", err), Message: err.Error(), Known: table.knownIndices(err)}
	}
	return failure
}

func panicError(v any) *wireError {
	e := &wireError{Type: fmt.Sprintf("%T", v), Message: fmt.Sprint(v), Stack: string(debug.Stack()), Panic: true}
	if err, ok := v.(error); ok {
		e.Known = table.knownIndices(err)
	}
	return e
}
