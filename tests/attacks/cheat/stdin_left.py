# looks for the input of the test before: behind its own, in its times, through what is still open
# EXPECT: accepted  OUTPUT: safe  INPUT: twice
import mmap, os, time
s = os.fstat(0)
bad = ["size"] * (s.st_size != 4) + ["place"] * (os.lseek(0, 0, os.SEEK_CUR) != 0)
m = mmap.mmap(0, 0, prot=mmap.PROT_READ)
bad += ["bytes"] * (m[:] != b"3 4\n")
os.lseek(0, 1 << 20, os.SEEK_SET)
bad += ["behind"] * (os.read(0, 100) != b"")
bad += ["time"] * (abs(s.st_mtime - time.time()) > 5)
print(bad or "safe")
