"""Pool.map whose worker is killed."""
import os
import signal
from multiprocessing import Pool


def work(x):
    if x == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return x * x


if __name__ == "__main__":
    with Pool(2) as pool:
        print(pool.map(work, range(8), 1))
