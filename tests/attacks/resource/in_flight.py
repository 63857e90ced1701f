# stdout, a file of the scratch and the sockets themselves in flight in a circle: nobody closes them
# EXPECT: accepted  OUTPUT: 7  INPUT: twice
import os, socket
f = open("x", "w+b")
f.write(bytes(1 << 20))
f.flush()
os.unlink("x")
a, b = socket.socketpair()
for s in a, b:
    socket.send_fds(s, [b"x"], [a.fileno(), b.fileno(), f.fileno(), 1, 2])
print(7)
