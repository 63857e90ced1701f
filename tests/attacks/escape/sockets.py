# sockets of every family, and the abstract name of a server outside
# EXPECT: accepted  OUTPUT: safe
import socket
bad = []
for family in range(0, 46):
    for kind in (1, 2, 3, 5):
        try:
            socket.socket(family, kind)
            bad.append((family, kind))
        except OSError:
            pass
a, b = socket.socketpair()
try:
    b.connect("\0aletheia-canary")
    bad.append("canary")
except OSError:
    pass
print(bad or "safe")
