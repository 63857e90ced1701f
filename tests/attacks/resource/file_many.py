# fills the scratch with bytes and with inodes: must end by an error of its own
# EXPECT: accepted  OUTPUT: safe  NEEDS: namespaces
import os
bytes_, files = 0, 0
try:
    for i in range(1000):
        with open("f%d" % i, "wb", 0) as f:
            for j in range(8):
                bytes_ += f.write(bytes(1 << 20))
except OSError:
    pass
for i in range(1000):
    if os.path.exists("f%d" % i):
        os.unlink("f%d" % i)
try:
    for i in range(10**5):
        os.close(os.open("e%d" % i, os.O_CREAT | os.O_WRONLY))
        files += 1
except OSError:
    pass
print("safe" if bytes_ <= 70 << 20 and files < 5000 else "escaped")
