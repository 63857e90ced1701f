# the processes of others, old roots, the terminal, the network's names
# EXPECT: accepted  OUTPUT: safe  NEEDS: namespaces
import os
bad = []
for p in ("/proc/1/environ", "/proc/self/fd", "/proc/net/unix", "/sys/class", "/dev/tty", "/dev/vda",
          "/dev/mem", "/dev/kvm", "/.old", "/etc/shadow", "/etc/passwd", "/root", "/home", "/var"):
    if os.path.exists(p):
        bad.append(p)
print(bad or "safe")
