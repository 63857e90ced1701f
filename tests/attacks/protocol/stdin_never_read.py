# a large input that is never read
# EXPECT: accepted  OUTPUT: 7  INPUT: large
print(7)
