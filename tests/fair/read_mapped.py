# the input mapped, by numpy-less fast readers
# EXPECT: accepted  OUTPUT: 33 True  INPUT: 5 28
import mmap, os, stat
m = mmap.mmap(0, 0, access=mmap.ACCESS_READ)
print(sum(map(int, m[:].split())), stat.S_ISREG(os.fstat(0).st_mode))
