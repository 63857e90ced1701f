# runs a program through the loader, from memory, and by descriptor
# EXPECT: accepted  OUTPUT: safe  NEEDS: namespaces
import os, subprocess, shutil
bad = []
shutil.copy("/usr/bin/id", "id")
os.chmod("id", 0o4755)
for words in (["/lib64/ld-linux-x86-64.so.2", "./id", "-u"], ["./id", "-u"]):
    try:
        if subprocess.run(words, capture_output=True, text=True).stdout.strip() == "0":
            bad.append(words)
    except OSError:
        pass
try:
    bad.append(os.memfd_create("x"))
except OSError:
    pass
print(bad or "safe")
