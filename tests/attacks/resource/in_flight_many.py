# as many descriptors in flight, in circles, as the system lets it have: the next run must get through
# EXPECT: accepted  OUTPUT: 7  INPUT: twice  NEEDS: namespaces
import os, socket
sent = 0
try:
    for i in range(20):
        a, b = socket.socketpair()
        for s in a, b:
            socket.send_fds(s, [b"x"], [a.fileno(), b.fileno(), 0, 1, 2])
            sent += 5
except OSError:
    pass
print(7 if sent else sent)
