package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/sched"
)

// pidfdDeaths times from a SIGKILL until a pidfd of the worker says that it has ended: how deaths are heard of without a life
// word.
func pidfdDeaths(pool *sched.Pool, args hostageArgs) contender {
	times := newTimes()
	one := func() (time.Duration, error) {
		f, pid, err := capture(pool, hostageAgain, args)
		if err != nil {
			return 0, err
		}
		fd, err := unix.PidfdOpen(pid, 0)
		if err != nil {
			return 0, fmt.Errorf("pidfd_open: %w", err)
		}
		defer unix.Close(fd)
		begin := time.Now()
		if err := shoot(pid); err != nil {
			return 0, err
		}
		for {
			n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1)
			if n > 0 {
				break
			}
			if err != nil && !errors.Is(err, unix.EINTR) {
				return 0, fmt.Errorf("poll of a pidfd: %w", err)
			}
		}
		took := time.Since(begin)
		_, err = f.Wait(context.Background())
		return took, errors.Join(err, whole(pool))
	}
	return contender{name: "how=pidfd", peer: "pidfd_open(2)", ops: 40, times: times, turn: recorded(times, one)}
}
