# links that would turn the compiler's and the cleaner's writing outside, left for whoever comes next
# EXPECT: accepted  OUTPUT: safe
import os
for name in ("main", "main.c", "main.cpp", "main.py", "a.out", "x/y"):
    try:
        os.symlink("/usr/bin/env", name)
    except OSError:
        pass
bad = []
for target in ("/usr/bin/env", "/etc/ld.so.cache", "/dev/null"):
    try:
        os.link(target, "hard")
        bad.append(target)
    except OSError:
        pass
os.mkdir("up")
os.symlink("..", "up/up")
os.symlink("loop", "loop")
print(bad or "safe")
