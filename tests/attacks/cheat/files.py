# the answer in files: every file that can be seen and that is not the system's
# EXPECT: accepted  OUTPUT: safe  NEEDS: namespaces
import os
bad = [n for n in os.listdir("/") if n not in
       {"usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc", "dev", "tmp", "source"}]
for top in ("/tmp", "/source", "/etc", "/dev", "/usr/local", "/usr/src"):
    for here, _, names in os.walk(top):
        for n in names[:50]:
            path = os.path.join(here, n)
            if "answer" in n or "@NAME@" in path or (top in ("/tmp", "/source") and n != "main.py"):
                bad.append(path)
print(bad or "safe")
