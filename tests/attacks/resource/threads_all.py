# as many threads as a run may have
# EXPECT: accepted  OUTPUT: 47
import threading
go = threading.Event()
all = [threading.Thread(target=go.wait) for _ in range(47)]
for t in all:
    t.start()
go.set()
for t in all:
    t.join()
print(len(all))
