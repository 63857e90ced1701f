# the right answer and then too much white space
# EXPECT: output_limit/stdout  OUTPUT: 7
print(7)
print("\n" * (4 << 20))
