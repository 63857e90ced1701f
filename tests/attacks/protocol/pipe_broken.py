# the same in Python, which gets an exception
# EXPECT: runtime_error/exit  OUTPUT: 7
import os
print(7, flush=True)
r, w = os.pipe()
os.close(r)
os.write(w, b"x")
