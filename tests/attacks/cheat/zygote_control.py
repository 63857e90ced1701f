# the zygote's own tools, found in frames: its call, its sockets, its descriptors
# EXPECT: accepted  OUTPUT: safe
import sys, os, gc, socket, stat
bad = []
for fd in range(3, 1200):
    try:
        os.fstat(fd)
        bad.append(fd)
    except OSError:
        pass
for fd in range(3):
    if not (stat.S_ISFIFO if fd else stat.S_ISREG)(os.fstat(fd).st_mode):
        bad.append(("kind", fd))
for o in gc.get_objects():
    if isinstance(o, socket.socket) and o.fileno() >= 0:
        bad.append(o)
f = sys._getframe()
while f:
    for k, v in list(f.f_locals.items()):
        if isinstance(v, socket.socket) and v.fileno() >= 0:
            bad.append(k)
    f = f.f_back
print(bad or "safe")
