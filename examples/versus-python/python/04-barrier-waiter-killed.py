"""Barrier.wait with a timeout, after a waiter was killed."""
import time
from multiprocessing import Barrier, Process


def wait(barrier):
    barrier.wait()


if __name__ == "__main__":
    barrier = Barrier(2)
    p = Process(target=wait, args=(barrier,))
    p.start()
    time.sleep(0.5)
    p.kill()
    p.join()
    try:
        barrier.wait(timeout=2)
        print("passed")
    except Exception as e:
        print("broken:", type(e).__name__)
