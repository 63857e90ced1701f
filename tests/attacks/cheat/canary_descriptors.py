# inherited descriptors, the environment and the memory of the zygote
# EXPECT: accepted  OUTPUT: safe
import os, gc, sys
bad = []
for fd in range(3, 1024):
    try:
        os.fstat(fd)
        bad.append(fd)
    except OSError:
        pass
bad += [k for k in os.environ if "CANARY" in k or "PYTHON" in k]
for o in gc.get_objects():
    if isinstance(o, (str, bytes)) and "4711-answer" in str(o):
        bad.append("answer")
try:
    import ctypes
    if ctypes.CDLL(None).setns(0, 0x20000000) == 0:
        bad.append("capability")
except OSError:
    pass
print(bad or "safe")
