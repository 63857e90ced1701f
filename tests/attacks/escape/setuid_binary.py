# setuid programs of the system
# EXPECT: accepted  OUTPUT: safe
import os, subprocess
bad = []
for p in ("/usr/bin/su", "/usr/bin/mount", "/usr/bin/passwd", "/usr/bin/chsh"):
    if os.path.exists(p):
        r = subprocess.run(["/usr/bin/id", "-u"], capture_output=True, text=True)
        if r.stdout.strip() == "0":
            bad.append(p)
        r = subprocess.run([p, "--version"], capture_output=True, text=True)
print(bad or "safe")
