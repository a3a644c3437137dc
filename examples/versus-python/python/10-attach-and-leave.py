"""A process that opens somebody's shared memory, and ends."""
import subprocess
import sys
import time
from multiprocessing.shared_memory import SharedMemory

if __name__ == "__main__":
    m = SharedMemory(create=True, size=4096)
    subprocess.run([sys.executable, "-c", f"""
from multiprocessing.shared_memory import SharedMemory
SharedMemory(name={m.name!r}).close()
"""], stderr=subprocess.DEVNULL)
    time.sleep(1)
    try:
        SharedMemory(name=m.name)
        print("still there")
    except FileNotFoundError:
        print("gone, although its maker lives")
