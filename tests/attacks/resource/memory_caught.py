# catches MemoryError for ever
# EXPECT: memory_limit time_limit
kept = []
while True:
    try:
        kept.append(bytearray(b"x") * (1 << 22))
    except MemoryError:
        pass
