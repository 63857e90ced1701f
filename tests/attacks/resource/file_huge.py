# one file beyond the file limit, in holes too
# EXPECT: accepted runtime_error/file  OUTPUT: safe
import os
fd = os.open("big", os.O_CREAT | os.O_RDWR)
bad = 0
for at in (1 << 33, 1 << 40):
    try:
        os.pwrite(fd, b"x", at)
        bad += 1
    except OSError:
        pass
try:
    os.posix_fallocate(fd, 0, 1 << 34)
    bad += 1
except OSError:
    pass
print("escaped" if bad else "safe")
