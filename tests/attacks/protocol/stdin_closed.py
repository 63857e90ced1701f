# closes stdin at once; the rest of the input has nowhere to go
# EXPECT: accepted  OUTPUT: 7  INPUT: large
import os, time
os.close(0)
time.sleep(0.03)
print(7)
