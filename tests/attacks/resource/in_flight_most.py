# descriptors in flight in circles, again and again, however many the system still takes
# EXPECT: accepted  OUTPUT: 7  INPUT: twice
import os, socket
for i in range(40):
    a, b = socket.socketpair()
    try:
        for s in a, b:
            socket.send_fds(s, [b"x"], [a.fileno(), b.fileno(), 0, 1, 2])
    except OSError:
        break
print(7)
