package ring

import (
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"
)

func parse(args []string) (ringSize, i int) {
	ringSize, _ = strconv.Atoi(args[0])
	i, _ = strconv.Atoi(args[1])
	return
}

func init() {
	roles["storm-mpmc"] = func(w *world, args []string) error {
		ringSize, i := parse(args)
		q, err := AttachMPMC[large](w.Bytes(), w.options())
		if err != nil {
			return err
		}
		j := journalAt(w.Bytes(), ringSize, i)
		for !j.full() {
			// Waits that end soon, so that victims are also killed asleep and while they wake others.
			short, cancel := context.WithTimeout(context.Background(), 200*time.Microsecond)
			for range 50 {
				if n := j.pushed.Load(); q.Push(short, large{Seq: uint64(w.Tag())<<32 | n}) == nil {
					j.pushed.Store(n + 1)
				}
				if l, err := q.Take(short); err == nil {
					j.write(l.Value().Seq)
					l.Done()
				} else if short.Err() == nil {
					cancel()
					return err
				}
			}
			cancel()
			time.Sleep(50 * time.Microsecond)
		}
		return rest()
	}
	roles["storm-spsc-producer"] = func(w *world, args []string) error {
		ringSize, i := parse(args)
		q, err := AttachSPSC[uint64](w.Bytes(), w.options())
		if err != nil {
			return err
		}
		return pour(w, journalAt(w.Bytes(), ringSize, i), func(id uint64) error { return q.Push(context.Background(), id) })
	}
	roles["storm-spsc-consumer"] = func(w *world, args []string) error {
		ringSize, i := parse(args)
		q, err := AttachSPSC[uint64](w.Bytes(), w.options())
		if err != nil {
			return err
		}
		j := journalAt(w.Bytes(), ringSize, i)
		for !j.full() {
			s, err := q.Peek(1)
			if err == ErrEmpty {
				err = q.readable.wait(context.Background())
			}
			if err != nil {
				return err
			}
			for chunk := range s.Chunks() {
				j.write(chunk[0])
				q.Release(1)
			}
		}
		return rest()
	}
	roles["storm-record-producer"] = func(w *world, args []string) error {
		ringSize, i := parse(args)
		q, err := AttachRecord(w.Bytes(), w.options())
		if err != nil {
			return err
		}
		return pour(w, journalAt(w.Bytes(), ringSize, i), func(id uint64) error {
			b, err := q.ClaimWait(context.Background(), 8+int(id%90))
			if err == nil {
				fill(b, id)
				q.Commit(len(b))
			}
			return err
		})
	}
	roles["storm-record-consumer"] = func(w *world, args []string) error {
		ringSize, i := parse(args)
		q, err := AttachRecord(w.Bytes(), w.options())
		if err != nil {
			return err
		}
		j := journalAt(w.Bytes(), ringSize, i)
		for b, err := range q.All(context.Background()) {
			if err != nil {
				return err
			}
			id, err := check(b)
			if err != nil {
				return err
			}
			if j.write(id); j.full() {
				return rest()
			}
		}
		return nil
	}
}

func pour(w *world, j *journal, push func(uint64) error) error {
	for !j.full() {
		n := j.pushed.Load()
		if err := push(uint64(w.Tag())<<32 | n); err != nil {
			return err
		}
		j.pushed.Store(n + 1)
	}
	return rest()
}

func fill(b []byte, id uint64) {
	binary.LittleEndian.PutUint64(b, id)
	for i := 8; i < len(b); i++ {
		b[i] = byte(id) + byte(i)
	}
}

func check(b []byte) (uint64, error) {
	id := binary.LittleEndian.Uint64(b)
	if len(b) != 8+int(id%90) {
		return id, fmt.Errorf("message %x has %d bytes", id, len(b))
	}
	for i := 8; i < len(b); i++ {
		if b[i] != byte(id)+byte(i) {
			return id, fmt.Errorf("message %x: byte %d is %x", id, i, b[i])
		}
	}
	return id, nil
}
