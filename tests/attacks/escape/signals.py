# signals to a process outside that belongs to the same user
# EXPECT: accepted  OUTPUT: safe
import os, signal
bad = 0
for pid in (@PID@, @PPID@, -@PID@):
    for s in (0, signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, s)
            bad += 1
        except OSError:
            pass
print("escaped" if bad else "safe")
