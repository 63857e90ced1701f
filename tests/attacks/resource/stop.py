# stops its whole group; a child goes on stopping it
# EXPECT: time_limit
import os, signal, time
me = os.getpid()
if os.fork() == 0:
    while True:
        os.kill(me, signal.SIGSTOP)
        time.sleep(0.001)
try:
    os.kill(0, signal.SIGSTOP)
except PermissionError:
    os.kill(me, signal.SIGSTOP)
