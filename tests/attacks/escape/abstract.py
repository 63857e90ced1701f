# the same by datagrams that need no connection
# EXPECT: accepted  OUTPUT: safe
import socket
bad = 0
try:
    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    a.sendto(b"out", "\0@NAME@-d")
    bad = 1
except OSError:
    pass
print("escaped" if bad else "safe")
