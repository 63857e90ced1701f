# thread bomb: must be refused at the limit of processes
# EXPECT: accepted  OUTPUT: safe
import threading, time, os
n = 0
try:
    while n < 1000:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        n += 1
except RuntimeError:
    pass
print("safe" if n < 200 else "escaped", flush=True)
os._exit(0)
