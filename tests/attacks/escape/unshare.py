# the same call through ctypes
# EXPECT: runtime_error/security accepted  OUTPUT: safe
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print("escaped" if libc.unshare(0x10000000) == 0 else "safe")
