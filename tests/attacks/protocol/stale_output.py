# fills standard output and error past their bounds and leaves them, full, in flight in a circle of sockets
# EXPECT: output_limit  INPUT: twice
import os, socket, threading
a, b = socket.socketpair()
for s in a, b:
    socket.send_fds(s, [b"x"], [a.fileno(), b.fileno(), 1, 2])
def fill(fd):
    while True:
        os.write(fd, b"stale " * 1000)
threading.Thread(target=fill, args=(2,)).start()
fill(1)
