# a bomb of compressed data
# EXPECT: memory_limit
import zlib
x = zlib.compress(bytes(1 << 22), 1)
kept = [zlib.decompress(x) for i in range(100)]
print(len(kept))
