# the old root and the answers by every road: descriptors, links, file systems of the kernel
# EXPECT: accepted  OUTPUT: safe  NEEDS: namespaces
import os
bad = []
for name in ("@FILE@", "@REPO@", "/proc/1/root@FILE@", "/proc/self/cwd", "/old@FILE@", "/mnt@FILE@", "/sys/kernel",
             "/dev/fd/3", "/run", "/var/tmp", "/etc/hostname", "/boot", "/dev/pts",
             "//@FILE@", "/tmp/..@FILE@", "/usr/..@FILE@"):
    if os.path.exists(name):
        bad.append(name)
os.symlink("@FILE@", "link")
try:
    bad.append(open("link").read())
except OSError:
    pass
print(bad or "safe")
