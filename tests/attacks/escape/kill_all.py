# signals to everyone, to groups, to parents
# EXPECT: accepted  OUTPUT: safe
import os, signal
bad = 0
for pid in (-1, 1, os.getppid()):
    try:
        if pid != 0:
            os.kill(pid, signal.SIGKILL)
    except OSError:
        pass
print("safe")
