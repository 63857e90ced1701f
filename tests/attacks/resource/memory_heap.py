# memory by many small objects
# EXPECT: memory_limit/resident memory_limit/allocation  LIMITS: cpu_ms=1000 wall_ms=3000
x = []
while True:
    x.append(bytes(1 << 20).replace(b"\0", b"x"))
