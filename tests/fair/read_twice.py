# the input read, rewound and read again, through sys.stdin and by the system
# EXPECT: accepted  OUTPUT: 12 12 12 True  INPUT: 12
import os, sys
a = sys.stdin.read()
sys.stdin.seek(0)
b = sys.stdin.readline()
os.lseek(0, 0, os.SEEK_SET)
print(a.strip(), b.strip(), os.read(0, 100).decode().strip(), sys.stdin.seekable())
