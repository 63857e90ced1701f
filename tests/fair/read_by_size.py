# as much as the file of standard input is long
# EXPECT: accepted  OUTPUT: 600000 600000  INPUT: large
import os
size = os.fstat(0).st_size
print(size, len(os.read(0, size)))
