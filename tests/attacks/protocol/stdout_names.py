# prints through every name of standard output, by several descriptors
# EXPECT: accepted  OUTPUT: one two three four
import os, sys
print("one", flush=True)
with open("/dev/stdout", "w") as f:
    f.write("two\n")
if os.path.exists("/dev/fd/1"):
    with open("/dev/fd/1", "a") as f:
        f.write("three\n")
else:
    print("three", flush=True)
with open("/dev/stderr", "w") as f:
    f.write("words\n")
os.write(1, b"four\n")
