# prints much before it reads much: whoever feeds first and drains later would lock up
# EXPECT: accepted  OUTPUT: large  INPUT: large
import sys
sys.stdout.write("x " * 150000)
sys.stdout.flush()
sys.stdin.read()
