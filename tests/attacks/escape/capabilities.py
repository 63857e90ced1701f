# the one capability of the zygote must be gone
# EXPECT: accepted  OUTPUT: safe
import ctypes, struct, os
libc = ctypes.CDLL(None, use_errno=True)
head, data = struct.pack("Ii", 0x20080522, 0), ctypes.create_string_buffer(24)
bad = libc.capget(head, data) != 0 or any(data.raw)
bad = bad or libc.setns(0, 0x20000000) == 0
try:
    os.setuid(0)
    bad = True
except OSError:
    pass
print("escaped" if bad else "safe")
