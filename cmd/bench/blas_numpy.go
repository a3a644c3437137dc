package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// numpyProgram answers each line "op type n count" with the nanoseconds that count calls took.
const numpyProgram = `
import sys, time
import numpy as np
vectors = {
    "add": lambda d, x, y: np.add(x, y, out=d), "scale": lambda d, x, y: np.multiply(x, 0.999, out=d),
    "sqrt": lambda d, x, y: np.sqrt(x, out=d), "sum": lambda d, x, y: np.sum(x), "dot": lambda d, x, y: np.dot(x, y),
    "max": lambda d, x, y: np.max(x), "var": lambda d, x, y: np.var(x), "exp": lambda d, x, y: np.exp(x, out=d),
    "log": lambda d, x, y: np.log(x, out=d), "sin": lambda d, x, y: np.sin(x, out=d),
    "tanh": lambda d, x, y: np.tanh(x, out=d), "pow": lambda d, x, y: np.power(x, 1.7, out=d),
}
philox = np.random.Generator(np.random.Philox(1))
def make(op, kind, n):
    dt = np.float64 if kind == "d" else np.float32
    r = np.random.default_rng(1)
    if op == "fft": z = r.random(n) + 1j * r.random(n); return lambda: np.fft.fft(z)
    if op == "rfft": z = r.random(n); return lambda: np.fft.rfft(z)
    if kind == "v":
        d, x, y = np.zeros(n), 4 * r.random(n) + 0.1, r.random(n)
        return (lambda: philox.random(out=d)) if op == "uniform" else (lambda: vectors[op](d, x, y))
    a, b = r.random((n, n)).astype(dt), r.random((n, n)).astype(dt)
    c, x, y = np.zeros((n, n), dt), r.random(n).astype(dt), np.zeros(n, dt)
    if op == "gemm": return lambda: np.dot(a, b, out=c)
    if op == "gemvN": return lambda: np.dot(a, x, out=y)
    if op == "gemvT": return lambda: np.dot(a.T, x, out=y)
    if op == "syrk": return lambda: np.dot(a, a.T, out=c)
    if op == "potrf": s = a @ a.T + n * np.eye(n, dtype=dt); return lambda: np.linalg.cholesky(s)
made = {}
print("ready", flush=True)
for line in sys.stdin:
    op, kind, n, count = line.split()
    key = (op, kind, n)
    if key not in made: made.clear(); made[key] = make(op, kind, int(n)); made[key]()
    f, begin = made[key], time.perf_counter_ns()
    for _ in range(int(count)): f()
    print(time.perf_counter_ns() - begin, flush=True)
`

// numpy is a Python that computes on one thread, as a contender.
type numpy struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// startNumpy starts $SHMATH_PYTHON; nil when it is not set or has no NumPy. OpenBLAS does not know new processors by name,
// and then takes a kernel without AVX-512: it is told.
func startNumpy(isa string) *numpy {
	python := os.Getenv("SHMATH_PYTHON")
	if python == "" {
		fmt.Fprintln(os.Stderr, "bench: no SHMATH_PYTHON: NumPy does not take part")
		return nil
	}
	p := &numpy{cmd: exec.Command(python, "-c", numpyProgram)}
	p.cmd.Env = append(os.Environ(), "OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1")
	if isa == "avx512" {
		p.cmd.Env = append(p.cmd.Env, "OPENBLAS_CORETYPE=SkylakeX")
	}
	p.cmd.Stderr = os.Stderr
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil
	}
	p.in, p.out = in, bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v: NumPy does not take part\n", err)
		return nil
	}
	if _, err := p.out.ReadString('\n'); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %s has no NumPy, which does not take part\n", python)
		p.cmd.Wait()
		return nil
	}
	return p
}

func (p *numpy) close() {
	if p != nil {
		p.in.Close()
		p.cmd.Wait()
	}
}

// turn is a contender's turn.
func (p *numpy) turn(op, kind string, n int) func(ops int) (time.Duration, error) {
	return func(ops int) (time.Duration, error) {
		if _, err := fmt.Fprintln(p.in, op, kind, n, ops); err != nil {
			return 0, err
		}
		var nanos int64
		_, err := fmt.Fscanln(p.out, &nanos)
		return time.Duration(nanos), err
	}
}
