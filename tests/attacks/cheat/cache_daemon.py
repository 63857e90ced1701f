# a process that would carry the answer from test to test
# EXPECT: accepted  OUTPUT: fresh  INPUT: twice
import os, time, signal
others = []
for pid in range(1, 200):
    if pid in (os.getpid(), 1):
        continue
    try:
        os.kill(pid, 0)
        others.append(pid)
    except OSError:
        pass
if os.fork() == 0:
    os.setsid()
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    if os.fork() == 0:
        time.sleep(100)
    os._exit(0)
print("cached" if len(others) > 1 else "fresh")
