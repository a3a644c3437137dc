"""A lock whose holder is killed."""
import os
import signal
from multiprocessing import Lock, Process


def hold(lock):
    lock.acquire()
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    lock = Lock()
    p = Process(target=hold, args=(lock,))
    p.start()
    p.join()
    print("acquired within 3 s:", lock.acquire(timeout=3))
