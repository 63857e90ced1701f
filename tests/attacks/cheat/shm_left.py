# leaves shared memory, semaphores and folders in /dev/shm, and looks for those of the test before
# EXPECT: accepted  OUTPUT: safe  INPUT: twice  NEEDS: namespaces
import os
from multiprocessing import shared_memory, Semaphore
s = os.stat("/dev/shm")
bad = os.listdir("/dev/shm") + ["time"] * (s.st_mtime != 0) + ["mode"] * (s.st_mode & 0o7777 != 0o700)
m = shared_memory.SharedMemory("answer", create=True, size=1 << 20)
m.buf[:6] = b"4711\n\n"
n = Semaphore(3)
os.makedirs("/dev/shm/a/b/c")
os.chmod("/dev/shm/a/b", 0)
os.symlink("/tmp/main.py", "/dev/shm/link")
os.chmod("/dev/shm", 0o500)
os.utime("/dev/shm", (4711, 4711))
print(bad or "safe", flush=True)
os._exit(0)
