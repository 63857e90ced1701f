# more processes than allowed: the limit must bind, for root's launchers too
# EXPECT: accepted  OUTPUT: safe
import os, time
n = 0
try:
    for i in range(300):
        if os.fork() == 0:
            time.sleep(5)
            os._exit(0)
        n += 1
except OSError:
    pass
print("safe" if n < 200 else "escaped %d" % n)
