# as many descriptors as there may be
# EXPECT: accepted  OUTPUT: safe
import os
n = 0
try:
    while n < 100000:
        os.pipe()
        n += 2
except OSError:
    pass
os.write(1, b"safe\n" if n < 2000 else b"escaped\n")
