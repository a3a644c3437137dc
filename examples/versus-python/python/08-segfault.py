"""A task that runs into a segmentation fault."""
import ctypes
from concurrent.futures import ProcessPoolExecutor


def work(x):
    if x == 1:
        ctypes.string_at(0)
    return x * x


if __name__ == "__main__":
    with ProcessPoolExecutor(1) as ex:
        futures = [ex.submit(work, x) for x in range(4)]
        for f in futures:
            try:
                print(f.result())
            except Exception as e:
                print(type(e).__name__)
