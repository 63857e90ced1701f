# the right answer, then a thread that never ends
# EXPECT: time_limit/wall  OUTPUT: 7
import threading, time
threading.Thread(target=time.sleep, args=(1000,)).start()
print(7)
