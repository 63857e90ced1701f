# CPU burnt in threads while the first one waits
# EXPECT: time_limit
import threading
def burn():
    while True:
        pass
for i in range(4):
    threading.Thread(target=burn).start()
