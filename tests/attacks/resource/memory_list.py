# memory by one allocation far beyond the limit
# EXPECT: memory_limit/allocation
x = [0] * 10**10
print(len(x))
