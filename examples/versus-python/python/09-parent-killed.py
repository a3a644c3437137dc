"""Workers whose parent is killed."""
import os
import signal
import subprocess
import sys
import time

CHILD = """
import multiprocessing as mp, os, sys, time
def work(x): time.sleep(30)
if __name__ == "__main__":
    pool = mp.get_context("fork").Pool(2)
    print(*[p.pid for p in pool._pool], flush=True)
    pool.map(work, range(2))
"""

if __name__ == "__main__":
    p = subprocess.Popen([sys.executable, "-c", CHILD], stdout=subprocess.PIPE, text=True)
    pids = [int(n) for n in p.stdout.readline().split()]
    p.kill()
    p.wait()
    time.sleep(1)
    alive = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat") as f:
                state = f.read().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            continue
        if state != "Z":
            alive += 1
            os.kill(pid, signal.SIGKILL)
    print(alive, "of", len(pids), "workers alive a second later")
