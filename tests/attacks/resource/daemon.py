# a double-forked daemon holds stdout; the verdict comes with the main process's end, and late words do not count
# EXPECT: accepted  OUTPUT: 7
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(0.3)
        os.write(1, b"late\n")
        time.sleep(100)
    os._exit(0)
print(7)
