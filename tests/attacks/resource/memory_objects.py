# memory where rlimits do not see it: memfd, shared memory, semaphores
# EXPECT: accepted  OUTPUT: safe
import os
from multiprocessing import shared_memory, Lock
bad = []
for what in (lambda: os.memfd_create("x"), lambda: shared_memory.SharedMemory(create=True, size=1 << 20), Lock):
    try:
        bad.append(what())
    except OSError:
        pass
print("escaped" if bad else "safe")
