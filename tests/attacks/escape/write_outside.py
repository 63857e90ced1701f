# writes outside the scratch
# EXPECT: accepted  OUTPUT: safe
import os
bad = []
for d in ("/", "/usr", "/usr/bin", "/usr/lib", "/etc", "/dev", "/dev/fd", "/source", "/bin"):
    try:
        open(d + "/aletheia-x", "w").write("x")
        bad.append(d)
    except OSError:
        pass
    try:
        os.chmod(d, 0o777)
        bad.append(d)
    except OSError:
        pass
for f in ("/usr/bin/python3", "/usr/bin/env", "/etc/ld.so.cache"):
    for how in (lambda: open(f, "r+b"), lambda: os.link(f, "/tmp/x"), lambda: os.unlink(f)):
        try:
            how()
            bad.append(f)
        except OSError:
            pass
print(bad or "safe")
