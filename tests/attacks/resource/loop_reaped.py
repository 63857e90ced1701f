# CPU burnt in children that nobody has to reap
# EXPECT: time_limit
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    if os.fork() == 0:
        for i in range(3000000):
            pass
        os._exit(0)
    time.sleep(0.05)
