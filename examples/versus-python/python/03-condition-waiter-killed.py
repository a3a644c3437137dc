"""Condition.notify_all after a waiter was killed."""
import time
from multiprocessing import Condition, Process


def wait(condition):
    with condition:
        condition.wait()


if __name__ == "__main__":
    condition = Condition()
    p = Process(target=wait, args=(condition,))
    p.start()
    time.sleep(0.5)
    p.kill()
    p.join()
    with condition:
        condition.notify_all()
    print("notified")
