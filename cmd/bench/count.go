package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/shmath/shmath/kernels"
	"github.com/shmath/shmath/psync"
	"github.com/shmath/shmath/ring"
	"github.com/shmath/shmath/sched"
)

// Instructions of hot paths, counted by Valgrind's callgrind: the same number on a busy machine as on a quiet one.

// hotPath is one of them. Instructions count while the function inside runs; where it is
// empty all count, because goroutines take part, and the ops are so many that the rest does not matter.
type hotPath struct {
	name   string
	inside string
	ops    int
	run    func(ops int) error
}

var hotPaths = []hotPath{
	{"ring.SPSC push and pop", "main.countRing", 2000, countRing},
	{"psync.Mutex lock and unlock", "main.countMutex", 2000, countMutex},
	{"sched block claimed and run", "", 20_000, countLoop},
	{"kernels.Add of 1000", "main.countAdd", 200, countAdd},
	{"kernels.Exp of 1000", "main.countExp", 50, countExp},
	{"kernels.Sum of 1000", "main.countSum", 200, countSum},
}

//go:noinline
func countRing(ops int) error {
	q, err := ring.CreateSPSC[uint64](make([]byte, ring.SizeSPSC[uint64](64)), 64, nil)
	if err != nil {
		return err
	}
	for i := range uint64(ops) {
		if err := q.TryPush(i); err != nil {
			return err
		}
		if _, err := q.TryPop(); err != nil {
			return err
		}
	}
	return nil
}

//go:noinline
func countMutex(ops int) error {
	m, err := psync.CreateMutex(make([]byte, psync.MutexSize), nil)
	if err != nil {
		return err
	}
	for range ops {
		if err := m.Lock(background); err != nil {
			return err
		}
		if err := m.Unlock(); err != nil {
			return err
		}
	}
	return nil
}

func countLoop(ops int) error {
	pool, err := sched.Start(context.Background(), &sched.Options{Workers: 1, Backend: sched.InProcess})
	if err != nil {
		return err
	}
	err = nothingLoop.RunWith(context.Background(), pool, ops, 0, sched.LoopOptions{Block: 1})
	return errors.Join(err, pool.Close())
}

const countedElements = 1000

//go:noinline
func countAdd(ops int) error {
	d, x := make([]float64, countedElements), make([]float64, countedElements)
	for range ops {
		kernels.Add(d, x, x)
	}
	return nil
}

//go:noinline
func countExp(ops int) error {
	d, x := make([]float64, countedElements), make([]float64, countedElements)
	for range ops {
		kernels.Exp(d, x)
	}
	return nil
}

//go:noinline
func countSum(ops int) error {
	x := make([]float64, countedElements)
	for range ops {
		sink += kernels.Sum(x)
	}
	return nil
}

// newCount is what callgrind runs: a path, so many times.
func newCount() *cobra.Command {
	return &cobra.Command{Use: "count PATH OPS", Hidden: true, Args: exactly(2), RunE: func(_ *cobra.Command, args []string) error {
		ops, err := strconv.Atoi(args[1])
		if err != nil {
			return errUsage{err}
		}
		for _, p := range hotPaths {
			if p.name == args[0] {
				return p.run(ops)
			}
		}
		return errUsage{fmt.Errorf("count: no path %q", args[0])}
	}}
}

func lastLine(text []byte) string {
	all := strings.Split(strings.TrimSpace(string(text)), "\n")
	return all[len(all)-1]
}

// instructions are those of one op: the difference of two runs, so that what is done once does not count.
func (p *hotPath) instructions() (float64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	once := func(ops int) (float64, error) {
		args := []string{"--tool=callgrind", "--callgrind-out-file=/dev/null"}
		if p.inside != "" {
			args = append(args, "--toggle-collect="+p.inside)
		}
		cmd := exec.Command("valgrind", append(args, self, "count", p.name, strconv.Itoa(ops))...)
		// Callgrind cannot follow the signals by which the runtime preempts goroutines, and a collection is no part of a path.
		cmd.Env = append(os.Environ(), "GODEBUG=asyncpreemptoff=1", "GOGC=off", "GOMAXPROCS=1")
		out, err := cmd.CombinedOutput()
		if err != nil {
			return 0, fmt.Errorf("valgrind: %w: %s", err, lastLine(out))
		}
		_, after, _ := strings.Cut(string(out), "Collected :")
		figure, _, _ := strings.Cut(strings.TrimSpace(after), "\n")
		n, err := strconv.ParseFloat(figure, 64)
		if err != nil || n == 0 {
			return 0, fmt.Errorf("valgrind counted nothing inside of %s: %s", p.inside, lastLine(out))
		}
		return n, nil
	}
	few, err := once(p.ops)
	if err != nil {
		return 0, err
	}
	many, err := once(3 * p.ops)
	return (many - few) / float64(2*p.ops), err
}
