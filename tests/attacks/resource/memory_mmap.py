# memory by anonymous mappings
# EXPECT: memory_limit
import mmap
kept = []
while True:
    m = mmap.mmap(-1, 4 << 20)
    m.write(b"x" * (4 << 20))
    kept.append(m)
