"""NumPy on one thread. First says its version; then reads lines "op type n count" and answers each with the nanoseconds
that count calls took."""
import sys
import time

import numpy as np

vectors = {
    "add": lambda d, x, y: np.add(x, y, out=d), "scale": lambda d, x, y: np.multiply(x, 0.999, out=d),
    "sqrt": lambda d, x, y: np.sqrt(x, out=d), "sum": lambda d, x, y: np.sum(x), "dot": lambda d, x, y: np.dot(x, y),
    "max": lambda d, x, y: np.max(x), "var": lambda d, x, y: np.var(x), "exp": lambda d, x, y: np.exp(x, out=d),
    "log": lambda d, x, y: np.log(x, out=d), "sin": lambda d, x, y: np.sin(x, out=d),
    "tanh": lambda d, x, y: np.tanh(x, out=d), "pow": lambda d, x, y: np.power(x, 1.7, out=d),
    "asin": lambda d, x, y: np.arcsin(y, out=d), "atan": lambda d, x, y: np.arctan(x, out=d),
    "asinh": lambda d, x, y: np.arcsinh(x, out=d), "cbrt": lambda d, x, y: np.cbrt(x, out=d),
    "hypot": lambda d, x, y: np.hypot(x, y, out=d), "mod": lambda d, x, y: np.mod(x, y, out=d),
    "fill": lambda d, x, y: d.fill(3.0), "nansum": lambda d, x, y: np.nansum(x),
    "normal": lambda d, x, y: philox.standard_normal(out=d), "uniform": lambda d, x, y: philox.random(out=d),
    "axpy": lambda d, x, y: np.add(d, 1e-9 * x, out=d), "map": lambda d, x, y: np.log(x) * np.sqrt(x),
}
def integers(op):
    return {
        "add": lambda d, x, y: np.add(x, y, out=d), "mul": lambda d, x, y: np.multiply(x, y, out=d),
        "max2": lambda d, x, y: np.maximum(x, y, out=d), "floordiv": lambda d, x, y: np.floor_divide(x, y, out=d),
        "mod7": lambda d, x, y: np.mod(x, 7, out=d), "shift3": lambda d, x, y: np.right_shift(x, 3, out=d),
        "sum": lambda d, x, y: np.sum(x), "dot": lambda d, x, y: np.dot(x, y), "max": lambda d, x, y: np.max(x),
        "cumsum": lambda d, x, y: np.cumsum(x, dtype=x.dtype, out=d),
        "every3": lambda d, x, y: np.add(x[::3], y[::3], out=d[::3]), "sum3": lambda d, x, y: np.sum(x[::3]),
    }[op.split(".")[0]]
philox = np.random.Generator(np.random.Philox(1))
def make(op, kind, n):
    dt = np.float64 if kind == "d" else np.float32
    r = np.random.default_rng(1)
    if op == "fft": z = (r.random(n) + 1j * r.random(n)).astype(np.complex128 if kind == "d" else np.complex64); return lambda: np.fft.fft(z)
    if op == "rfft": z = r.random(n); return lambda: np.fft.rfft(z)
    if kind == "v":
        d, x, y = np.zeros(n), 4 * r.random(n) + 0.1, r.random(n)
        return lambda: vectors[op](d, x, y)
    if kind in "li":
        f, (d, x, y) = integers(op), r.integers(-1 << 30, 1 << 30, (3, n)).astype(kind)
        y |= 1
        return lambda: f(d, x, y)
    a, b = r.random((n, n)).astype(dt), r.random((n, n)).astype(dt)
    c, x, y = np.zeros((n, n), dt), r.random(n).astype(dt), np.zeros(n, dt)
    if op == "gemm": return lambda: np.dot(a, b, out=c)
    if op == "gemvN": return lambda: np.dot(a, x, out=y)
    if op == "gemvT": return lambda: np.dot(a.T, x, out=y)
    if op == "syrk": return lambda: np.dot(a, a.T, out=c)
    if op == "potrf": s = a @ a.T + n * np.eye(n, dtype=dt); return lambda: np.linalg.cholesky(s)
made = {}
print("NumPy", np.__version__, flush=True)
for line in sys.stdin:
    op, kind, n, count = line.split()
    key = (op, kind, n)
    if key not in made: made.clear(); made[key] = make(op, kind, int(n)); made[key]()
    f, begin = made[key], time.perf_counter_ns()
    for _ in range(int(count)): f()
    print(time.perf_counter_ns() - begin, flush=True)
