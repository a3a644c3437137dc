"""CPython's multiprocessing doing what the suite "multiprocessing" does. First says its
version; then reads lines "case ops" and answers each with the nanoseconds that ops operations took. Every case is set up once and stays."""
import atexit
import multiprocessing as mp
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.shared_memory import SharedMemory


def nothing(x=None):
    return x


def big(_):
    return bytes(100_000_000)


def echo(conn):
    while True:
        message = conn.recv_bytes()
        if not message:
            return
        conn.send_bytes(message)


def feed(queue, orders):
    while True:
        n = orders.recv()
        if n == 0:
            return
        for i in range(n):
            queue.put(i)


def answer(ask, reply):
    while True:
        ask.wait()
        ask.clear()
        reply.set()


def meet(barrier):
    while True:
        barrier.wait()


def lock_loop(value, orders):
    while True:
        n = orders.recv()
        for _ in range(n):
            with value.get_lock():
                value.value += 1
        orders.send(0)


ctx = mp.get_context("spawn")


def until_end(target, *args):
    try:
        target(*args)
    except (EOFError, BrokenPipeError):
        pass  # the suite is over


def daemon(target, *args):
    p = ctx.Process(target=until_end, args=(target, *args), daemon=True)
    p.start()
    return p


def repeat(one):
    def run(n):
        for _ in range(n):
            one()
    return run


def process():
    def one():
        p = ctx.Process(target=nothing)
        p.start()
        p.join()
    return repeat(one)


def pool_apply():
    pool = ctx.Pool(2)
    return repeat(lambda: pool.apply(nothing, (1,)))


def executor_submit():
    ex = ProcessPoolExecutor(2, mp_context=ctx)
    return repeat(lambda: ex.submit(nothing, 1).result())


def pool_map(chunk):
    def make():
        pool = ctx.Pool(2)
        return lambda n: pool.map(nothing, range(n), chunk)
    return make


def return_big():
    pool = ctx.Pool(1)
    return repeat(lambda: pool.apply(big, (0,)))


def pipe(size):
    def make():
        a, b = ctx.Pipe()
        daemon(echo, b)
        message = bytes(size)

        def one():
            a.send_bytes(message)
            a.recv_bytes()
        return repeat(one)
    return make


def queue_items():
    queue = ctx.Queue()
    here, there = ctx.Pipe()
    daemon(feed, queue, there)

    def run(n):
        here.send(n)
        for _ in range(n):
            queue.get()
    return run


def lock():
    held = ctx.Lock()

    def one():
        held.acquire()
        held.release()
    return repeat(one)


def value_add():
    value = ctx.Value("q", 0)
    here, there = ctx.Pipe()
    daemon(lock_loop, value, there)

    def run(n):
        here.send(n)
        for _ in range(n):
            with value.get_lock():
                value.value += 1
        here.recv()
    return run


def event():
    ask, reply = ctx.Event(), ctx.Event()
    daemon(answer, ask, reply)

    def one():
        ask.set()
        reply.wait()
        reply.clear()
    return repeat(one)


def barrier():
    b = ctx.Barrier(2)
    daemon(meet, b)
    return repeat(b.wait)


def shm_create():
    def one():
        m = SharedMemory(create=True, size=4096)
        m.close()
        m.unlink()
    return repeat(one)


def shm_attach():
    m = SharedMemory(create=True, size=1 << 20)
    atexit.register(m.unlink)

    def one():
        SharedMemory(name=m.name).close()
    return repeat(one)


def manager_dict():
    d = ctx.Manager().dict()

    def run(n):
        for i in range(n):
            d[i % 1000] = i
    return run


CASES = {
    "process": process, "apply": pool_apply, "submit": executor_submit, "map-chunk-1": pool_map(1),
    "map-chunk-auto": pool_map(None), "return-100MB": return_big, "pipe-64": pipe(64), "pipe-1MiB": pipe(1 << 20),
    "queue": queue_items, "lock": lock, "value-add": value_add, "event": event, "barrier": barrier,
    "shm-create": shm_create, "shm-attach": shm_attach, "manager-dict": manager_dict,
}


def main():
    print("CPython", sys.version.split()[0], flush=True)
    ready = {}
    for line in sys.stdin:
        case, ops = line.split()
        if case not in ready:
            ready[case] = CASES[case]()
            ready[case](1)
        begin = time.perf_counter_ns()
        ready[case](int(ops))
        print(time.perf_counter_ns() - begin, flush=True)


if __name__ == "__main__":
    main()
