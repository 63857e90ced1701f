# memory where nobody looks: memfd, message queues of the kernel
# EXPECT: accepted  OUTPUT: safe
import ctypes, os
libc = ctypes.CDLL(None)
bad = []
try:
    bad.append(os.memfd_create("x"))
except OSError:
    pass
bad += [call for call in ("shmget", "msgget", "semget") if getattr(libc, call)(0, 4096, 0o600) >= 0]
print("escaped" if bad else "safe")
