# device nodes, made and found
# EXPECT: accepted  OUTPUT: safe  NEEDS: namespaces
import os, stat
bad = []
for kind, major, minor in ((stat.S_IFBLK, 8, 0), (stat.S_IFBLK, 254, 0), (stat.S_IFCHR, 1, 1), (stat.S_IFCHR, 5, 0)):
    try:
        os.mknod("n", kind | 0o600, os.makedev(major, minor))
        bad.append((major, minor))
    except OSError:
        pass
for d in ("/dev/sda", "/dev/vda", "/dev/mem", "/dev/kmsg", "/dev/kvm", "/dev/fuse", "/dev/loop-control", "/dev/tty",
          "/dev/ptmx", "/dev/pts/0", "/dev/net/tun", "/dev/nvidia0", "/dev/userfaultfd"):
    if os.path.exists(d):
        bad.append(d)
print(bad or "safe")
