# a moving chain of sessions that goes on behind a right answer
# EXPECT: accepted  OUTPUT: 7
import os
print(7, flush=True)
if os.fork() == 0:
    os.setsid()
    while True:
        if os.fork() > 0:
            os._exit(0)
