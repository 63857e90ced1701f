# memory by one huge integer
# EXPECT: memory_limit/allocation memory_limit/resident
print((1 << (1 << 36)) % 7)
