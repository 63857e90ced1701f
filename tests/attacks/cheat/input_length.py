# the whole input is there is to know: nothing of it is in the pipe beyond its end
# EXPECT: accepted  OUTPUT: safe
import fcntl, termios, struct, sys, os
data = os.read(0, 1 << 16)
rest = os.read(0, 1 << 16)
print("safe" if data == b"3 4\n" and rest == b"" else "escaped")
