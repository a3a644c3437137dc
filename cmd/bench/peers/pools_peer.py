"""Pools of two worker processes in Python that are not multiprocessing.Pool alone: pools_peer.py ENGINE. First says its
version; then reads lines "call|map count" and answers each with the nanoseconds that count calls of nothing took, one
after the other, or all at once."""
import sys
import time


def nothing(x=None):
    return x


class Futures:
    """concurrent.futures; chunks as its documentation advises for many small calls."""

    def __init__(self):
        from concurrent.futures import ProcessPoolExecutor
        self.version = "CPython " + sys.version.split()[0]
        self.pool = ProcessPoolExecutor(2)

    def submit(self, f, x):
        return self.pool.submit(f, x)

    def results(self, futures):
        return [f.result() for f in futures]

    def map(self, f, n):
        return list(self.pool.map(f, range(n), chunksize=max(1, n // 8)))

    def close(self):
        self.pool.shutdown()


class Multiprocessing(Futures):
    def __init__(self):
        import multiprocessing
        self.version = "CPython " + sys.version.split()[0]
        self.pool = multiprocessing.get_context("spawn").Pool(2)

    def submit(self, f, x):
        return self.pool.apply_async(f, (x,))

    def results(self, futures):
        return [f.get() for f in futures]

    def map(self, f, n):
        return self.pool.map(f, range(n))

    def close(self):
        self.pool.terminate()


class Loky(Futures):
    """joblib's default backend, with its batching of small calls."""

    def __init__(self):
        import joblib
        from joblib.externals.loky import get_reusable_executor
        self.version = "joblib " + joblib.__version__
        self.joblib, self.parallel = joblib, joblib.Parallel(n_jobs=2, backend="loky")
        self.parallel.__enter__()
        self.pool = get_reusable_executor(max_workers=2)

    def map(self, f, n):
        return self.parallel(self.joblib.delayed(f)(i) for i in range(n))


class Dask(Futures):
    def __init__(self):
        import dask
        from dask.distributed import Client
        self.version = "Dask " + dask.__version__
        dask.config.set({"distributed.logging.distributed": "critical"})
        self.pool = Client(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None)

    def submit(self, f, x):
        return self.pool.submit(f, x, pure=False)

    def results(self, futures):
        return self.pool.gather(futures)

    def map(self, f, n):
        return self.pool.gather(self.pool.map(f, range(n), pure=False, batch_size=1000))

    def close(self):
        self.pool.shutdown()


class Ray(Futures):
    def __init__(self):
        import logging
        import tempfile

        import ray
        self.version, self.ray, self.remote = "Ray " + ray.__version__, ray, {}
        self.folder = tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True)  # ray leaves its logs behind
        ray.init(_temp_dir=self.folder.name, num_cpus=2, include_dashboard=False, logging_level=logging.ERROR, log_to_driver=False)

    def submit(self, f, x):
        if f not in self.remote:
            self.remote[f] = self.ray.remote(f)
        return self.remote[f].remote(x)

    def results(self, futures):
        return self.ray.get(futures)

    def map(self, f, n):
        return self.results([self.submit(f, i) for i in range(n)])

    def close(self):
        self.ray.shutdown()
        self.folder.cleanup()


ENGINES = {"concurrent.futures": Futures, "multiprocessing": Multiprocessing, "loky": Loky, "dask": Dask, "ray": Ray}


def main():
    engine = ENGINES[sys.argv[1]]()
    engine.map(nothing, 8)
    print(engine.version, flush=True)
    for line in sys.stdin:
        case, count = line.split()
        begin = time.perf_counter_ns()
        if case == "map":
            engine.map(nothing, int(count))
        else:
            for i in range(int(count)):
                engine.results([engine.submit(nothing, i)])
        print(time.perf_counter_ns() - begin, flush=True)
    engine.close()


if __name__ == "__main__":
    main()
