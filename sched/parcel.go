package sched

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// A parcel is what a call carries that runs a function over several elements: their number and their encodings, one
// behind the other. The answer begins with the time that the elements took, in nanoseconds, and the worker's number; then
// comes for each element whether it failed, and its result or its error.
const (
	parcelHeader = 4
	answerHeader = 12

	elementOK     = 0
	elementFailed = 1
)

// chunkBody makes the body that runs f over the elements of a parcel. What one element does to itself is its own error; only
// a body that ends its goroutine, or the process, takes the others of the chunk with it.
func chunkBody[A, R any](fn *Func[A, R], f func(context.Context, A) (R, error)) func(context.Context, *worker, []byte) ([]byte, error) {
	return func(ctx context.Context, w *worker, raw []byte) ([]byte, error) {
		if len(raw) < parcelHeader {
			return nil, fmt.Errorf("sched: a parcel of %d bytes", len(raw))
		}
		begin := time.Now()
		n, rest := binary.LittleEndian.Uint32(raw), raw[parcelHeader:]
		out := make([]byte, answerHeader, answerHeader+int(n)*(1+int(fn.result.size)))
		for range n {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			var r R
			failure := guard(func() (err error) {
				var arg A
				if rest, err = decodeValue(fn.args, w.memory, rest, &arg); err != nil {
					return err
				}
				r, err = f(ctx, arg)
				return err
			}, func(*wireError) {}) // the guard of the call reports it
			mark := len(out)
			if failure == nil {
				var err error
				if out, err = encodeValue(fn.result, w.segments, append(out, elementOK), &r); err == nil {
					continue
				}
				failure = guard(func() error { return err }, nil)
			}
			e := failure.bytes()
			out = binary.AppendUvarint(append(out[:mark], elementFailed), uint64(len(e)))
			out = append(out, e...)
		}
		binary.LittleEndian.PutUint64(out, math.Float64bits(float64(time.Since(begin))))
		binary.LittleEndian.PutUint32(out[8:], uint32(w.index))
		return out, nil
	}
}

// answer is what is left to be read of one.
type answer struct {
	took   float64 // nanoseconds
	worker int
	rest   []byte
	err    error // the answer cannot be read: of every element that is left
}

func openAnswer(b []byte) answer {
	if len(b) < answerHeader {
		return answer{err: fmt.Errorf("sched: an answer of %d bytes", len(b))}
	}
	return answer{
		took:   math.Float64frombits(binary.LittleEndian.Uint64(b)),
		worker: int(binary.LittleEndian.Uint32(b[8:])), rest: b[answerHeader:],
	}
}

// nextResult reads the result or the error of the next element.
func nextResult[A, R any](a *answer, fn *Func[A, R], p *Pool) (r R, err error) {
	if a.err == nil && len(a.rest) == 0 {
		a.err = fmt.Errorf("func %s: the answer is cut short", fn.name)
	}
	if a.err != nil {
		return r, a.err
	}
	status := a.rest[0]
	if status == elementOK {
		a.rest, a.err = decodeValue(fn.result, ownMemory{p.segments}, a.rest[1:], &r)
		return r, a.err
	}
	size, width := binary.Uvarint(a.rest[1:])
	if width <= 0 || size > uint64(len(a.rest)-1-width) {
		a.err = fmt.Errorf("func %s: the answer is cut short", fn.name)
		return r, a.err
	}
	from := a.rest[1+width:]
	a.rest = from[size:]
	return r, remoteError(fn.name, a.worker, from[:size])
}
