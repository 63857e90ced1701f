# memory spread over children, each below the limit
# EXPECT: memory_limit
import os, time
for i in range(10):
    if os.fork() == 0:
        x = b"x" * (25 << 20)
        time.sleep(100)
time.sleep(100)
