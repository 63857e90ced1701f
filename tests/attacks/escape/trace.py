# traces and reads whatever process it can name
# EXPECT: runtime_error/security accepted  OUTPUT: safe
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
bad = 0
for pid in (1, os.getppid(), @PID@, @PPID@):
    bad += libc.ptrace(16, pid, 0, 0) == 0
print("escaped" if bad else "safe")
