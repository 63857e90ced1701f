# the answer goes through a duplicate while stdout is a file
# EXPECT: accepted  OUTPUT: 7
import os
copy = os.dup(1)
os.dup2(os.open("f", os.O_CREAT | os.O_RDWR), 1)
print("nothing", flush=True)
os.write(copy, b"7\n")
