# calls behind the filter's back
# EXPECT: runtime_error/security
import ctypes
libc = ctypes.CDLL(None)
print(libc.syscall(425, 8, ctypes.create_string_buffer(256)))
