# forty threads at the default memory
# EXPECT: accepted  OUTPUT: 780
import threading
total, lock, ready = 0, threading.Lock(), threading.Barrier(41)
def add(i):
    global total
    ready.wait()
    with lock:
        total += i
all = [threading.Thread(target=add, args=(i,)) for i in range(40)]
for t in all:
    t.start()
ready.wait()
for t in all:
    t.join()
print(total)
