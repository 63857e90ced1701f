# constants that a compiler might compute itself
# EXPECT: time_limit memory_limit runtime_error
x = 9 ** 9 ** 9 * "a"
y = ((("a" * 4000) * 4000) * 4000)
print(len(y))
