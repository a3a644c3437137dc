"""Memory of two workers of a Python pool that have NumPy: memory_peer.py multiprocessing|loky|dask|ray. First says its
version; then reads lines "idle|busy Rss|Pss 1" and answers each with the mean of the workers, in bytes. Busy workers sum
an array of 64 MiB in shared memory."""
import atexit
import importlib.util
import sys
import time
from multiprocessing.shared_memory import SharedMemory

import pools_peer

if importlib.util.find_spec("numpy") is None:  # only looked for: the workers are to import it
    sys.exit("NumPy is not installed")

SIZE = 64 << 20
attached = {}


def work(name):
    """Sums the array for a while, and says who did."""
    import os

    import numpy as np
    if not name:
        time.sleep(0.2)  # so that each worker gets one
        return os.getpid()
    if name not in attached:
        attached[name] = SharedMemory(name=name)
    x = np.ndarray(SIZE // 8, np.float64, attached[name].buf)
    end = time.monotonic() + 1
    while time.monotonic() < end:
        x.sum()
    return os.getpid()


def rollup(pid, line):
    with open(f"/proc/{pid}/smaps_rollup") as f:
        return next(int(row.split()[1]) for row in f if row.startswith(line + ":")) << 10


def workers(engine):
    return set(engine.results([engine.submit(work, "") for _ in range(2)]))


def main():
    engine = pools_peer.ENGINES[sys.argv[1]]()
    print(engine.version, flush=True)
    shared = SharedMemory(create=True, size=SIZE)
    atexit.register(shared.unlink)
    shared.buf[:] = bytes(SIZE)
    crew = workers(engine)
    busy, until = [], 0
    for line in sys.stdin:
        state, of, _ = line.split()
        if state == "busy" and time.monotonic() > until:
            engine.results(busy)
            busy, until = [engine.submit(work, shared.name) for _ in range(2)], time.monotonic() + 0.9
            time.sleep(0.4)
        try:
            held = [rollup(pid, of) for pid in crew]
        except FileNotFoundError:  # the pool has replaced a worker
            crew = workers(engine)
            held = [rollup(pid, of) for pid in crew]
        print(sum(held) // len(held), flush=True)
    engine.results(busy)
    engine.close()


if __name__ == "__main__":
    main()
