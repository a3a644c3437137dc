"""Joining a process that has put a megabyte into a queue, before getting it."""
from multiprocessing import Process, Queue


def put(q):
    q.put(bytes(1_000_000))


if __name__ == "__main__":
    q = Queue()
    p = Process(target=put, args=(q,))
    p.start()
    p.join()
    print(len(q.get()), "bytes")
