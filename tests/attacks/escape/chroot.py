# chroot, the classic way out
# EXPECT: runtime_error/security
import os
os.mkdir("x")
os.chroot("x")
