# an allocation that no machine can give, in a function
# EXPECT: memory_limit/allocation
def table(n):
    return [0] * n
table(1 << 58)
