# children that print without end while the parent sleeps
# EXPECT: output_limit/stdout
import os, time
for i in range(4):
    if os.fork() == 0:
        while True:
            os.write(1, b"x" * 4096)
time.sleep(100)
