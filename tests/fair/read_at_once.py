# all of the input by one read of the system
# EXPECT: accepted  OUTPUT: 600000  INPUT: large
import os
print(len(os.read(0, 10 ** 7)))
