# the names of standard input
# EXPECT: accepted  OUTPUT: 9 9 9 9  INPUT: 9
import fileinput
one = open("/dev/stdin").read().strip()
two = open("/dev/fd/0", "rb").read().decode().strip()
three = open(0, closefd=False).read().strip()
four = next(fileinput.input("/dev/stdin")).strip()
print(one, two, three, four)
