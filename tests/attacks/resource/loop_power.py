# one endless operation inside the interpreter, which no handler of Python can stop
# EXPECT: time_limit/cpu memory_limit
x = 7 ** (10 ** 8)
print(x % 10)
