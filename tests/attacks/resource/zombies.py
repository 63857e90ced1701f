# zombie storm: children that nobody waits for, again and again
# EXPECT: accepted  OUTPUT: safe
import os
n = 0
for i in range(300):
    try:
        if os.fork() == 0:
            os._exit(0)
        n += 1
    except OSError:
        pass
print("safe" if n < 200 else "escaped")
