"""Four processes count in one Value."""
from multiprocessing import Process, Value


def count(v):
    for _ in range(50_000):
        v.value += 1


if __name__ == "__main__":
    v = Value("i", 0)
    crew = [Process(target=count, args=(v,)) for _ in range(4)]
    for p in crew:
        p.start()
    for p in crew:
        p.join()
    print(v.value, "of 200000")
