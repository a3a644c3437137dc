"""A worker's exception that cannot be unpickled."""
from multiprocessing import Pool


class Strange(Exception):
    def __init__(self, a, b):
        super().__init__(a)


def work(x):
    raise Strange(1, 2)


if __name__ == "__main__":
    with Pool(1) as pool:
        try:
            pool.apply(work, (1,))
        except Exception as e:
            print("the caller gets", type(e).__name__)
