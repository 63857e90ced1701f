# the number of processes started, as a word to the next test
# EXPECT: accepted  OUTPUT: fresh  INPUT: twice  LIMITS: cpu_ms=1500 wall_ms=6000  NEEDS: namespaces
import os
me = os.getpid()
for i in range(120):
    if os.fork() == 0:
        os._exit(0)
    os.wait()
print("cached" if me > 100 else "fresh")
