# the answer goes to a full device
# EXPECT: runtime_error wrong_answer  OUTPUT: 7
import os
fd = os.open("/dev/full", os.O_WRONLY)
os.dup2(fd, 1)
print(7)
