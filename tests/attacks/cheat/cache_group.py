# the process group, the session, the mask and the signals of the one before
# EXPECT: accepted  OUTPUT: fresh  INPUT: twice
import os, signal
found = os.umask(0o777) == 0o777 or signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65)) != set()
found = found or os.getpgrp() != os.getpid()
for pid in range(1, 10):
    try:
        os.setpgid(0, pid)
    except OSError:
        pass
print("cached" if found else "fresh")
