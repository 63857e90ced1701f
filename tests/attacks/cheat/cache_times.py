# the answer in the times and the mode of the folder that stays
# EXPECT: accepted  OUTPUT: fresh  INPUT: twice  NEEDS: namespaces
import os
s = os.stat("/tmp")
found = s.st_mtime_ns == 4711 or s.st_atime_ns == 4712 or s.st_mode & 0o777 == 0o711
os.utime("/tmp", ns=(4712, 4711))
os.chmod("/tmp", 0o711)
print("cached" if found else "fresh")
