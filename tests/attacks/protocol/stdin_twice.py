# reads beyond the end, again and again
# EXPECT: accepted  OUTPUT: 7
import sys
total = sum(map(int, sys.stdin.read().split()))
for i in range(1000):
    assert sys.stdin.read() == ""
print(total)
