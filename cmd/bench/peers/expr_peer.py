"""Expressions by NumPy, numexpr or numba, on one thread: expr_peer.py ENGINE. First says its version; then reads lines
"case n count" and answers each with the nanoseconds that count evaluations took."""
import importlib
import math
import sys
import time

import numpy as np

engine = importlib.import_module(sys.argv[1])


def numpy_cases(x, d):
    def poly5():
        np.multiply(x, 0.1, out=d)
        for a in (0.2, 0.3, 0.4, 0.5):
            np.add(d, a, out=d)
            np.multiply(d, x, out=d)
        np.add(d, 0.6, out=d)

    def where():
        np.multiply(x, x, out=d)
        np.sqrt(x, out=d, where=x > 2)
    return {
        "poly5": poly5,
        "normal-density": lambda: np.divide(np.exp(-x * x / 2), math.sqrt(2 * math.pi), out=d),
        "where": where,
        "sum-of-squares": lambda: np.sum((x - 1) * (x - 1)),
    }


def numexpr_cases(x, d):
    engine.set_num_threads(1)

    def line(text):
        return lambda: engine.evaluate(text, {"x": x}, out=d)
    return {
        "poly5": line("((((0.1*x + 0.2)*x + 0.3)*x + 0.4)*x + 0.5)*x + 0.6"),
        "normal-density": line(f"exp(-x*x/2) / {math.sqrt(2 * math.pi)!r}"),
        "where": line("where(x > 2, sqrt(x), x*x)"),
        "sum-of-squares": lambda: engine.evaluate("sum((x - 1)*(x - 1))", {"x": x}),
    }


def numba_cases(x, d):
    # Every operation is rounded, as the others do it; a sum may be taken in any order, as all of them take it.
    jit = engine.njit(fastmath={"reassoc"})

    @jit
    def poly5(x, d):
        for i in range(len(x)):
            v = x[i]
            d[i] = ((((0.1 * v + 0.2) * v + 0.3) * v + 0.4) * v + 0.5) * v + 0.6

    @jit
    def density(x, d):
        for i in range(len(x)):
            d[i] = math.exp(-x[i] * x[i] / 2) / math.sqrt(2 * math.pi)

    @jit
    def where(x, d):
        for i in range(len(x)):
            d[i] = math.sqrt(x[i]) if x[i] > 2 else x[i] * x[i]

    @jit
    def squares(x, d):
        s = 0.0
        for i in range(len(x)):
            s += (x[i] - 1) * (x[i] - 1)
        return s
    made = {"poly5": poly5, "normal-density": density, "where": where, "sum-of-squares": squares}
    return {name: (lambda f=f: f(x, d)) for name, f in made.items()}


def main():
    cases = {"numpy": numpy_cases, "numexpr": numexpr_cases, "numba": numba_cases}[sys.argv[1]]
    print(sys.argv[1], engine.__version__, flush=True)
    made, size = {}, 0
    for line in sys.stdin:
        case, n, count = line.split()
        if int(n) != size:
            size = int(n)
            x = 0.1 + (np.arange(size) % 1024) / 256
            made = cases(x, np.zeros(size))
        run = made[case]
        run()
        begin = time.perf_counter_ns()
        for _ in range(int(count)):
            run()
        print(time.perf_counter_ns() - begin, flush=True)


main()
