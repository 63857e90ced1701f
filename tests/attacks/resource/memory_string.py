# a string that doubles
# EXPECT: memory_limit
x = "x"
while True:
    x += x
