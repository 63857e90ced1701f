# what is printed by exit handlers, by __del__ and by unflushed files counts, as it does at home
# EXPECT: accepted  OUTPUT: 1 2 4 3
import atexit, sys
class Last:
    def __del__(self):
        print(3)
        sys.stdout.flush()
out = open(1, "w", closefd=False)
last = Last()
atexit.register(print, 2)
print(1)
out.write("4\n")
exit()
