"""Queue.get with a timeout, after a writer was killed in the middle of a long message."""
import queue
import time
from multiprocessing import Process, Queue


def put(q):
    q.put(bytes(50_000_000))
    time.sleep(60)


if __name__ == "__main__":
    q = Queue()
    p = Process(target=put, args=(q,))
    p.start()
    time.sleep(0.5)
    p.kill()
    p.join()
    try:
        print(len(q.get(timeout=2)), "bytes")
    except queue.Empty:
        print("empty")
