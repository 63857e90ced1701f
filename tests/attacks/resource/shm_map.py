# memory in /dev/shm, mapped: it counts as any other
# EXPECT: memory_limit runtime_error  NEEDS: namespaces
import mmap
held = [bytearray(8 << 20) for _ in range(5)]
with open("/dev/shm/m", "w+b") as f:
    f.truncate(60 << 20)
    m = mmap.mmap(f.fileno(), 60 << 20)
    for i in range(0, 60 << 20, 4096):
        m[i] = 1
import time
time.sleep(0.3)
