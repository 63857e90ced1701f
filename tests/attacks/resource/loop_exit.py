# the right answer, then an exit handler without end
# EXPECT: time_limit  OUTPUT: 7
import atexit
@atexit.register
def last():
    while True:
        pass
print(7)
