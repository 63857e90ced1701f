# memory by many small objects
# EXPECT: memory_limit/resident memory_limit/allocation
x = []
while True:
    x.append(bytes(1 << 20).replace(b"\0", b"x"))
