# folders a thousand deep, none of which may be entered: the next test must find nothing
# EXPECT: accepted  OUTPUT: safe  INPUT: twice  NEEDS: namespaces
import os
left = [n for n in os.listdir("/tmp") if n != "main.py"]
made = []
for i in range(1000):
    os.mkdir("d")
    open("f", "w").close()
    if i % 100 == 0:
        os.mkdir("e", 0)
    made.append(os.open(".", os.O_RDONLY) if i < 100 else -1)
    os.chdir("d")
for fd in made:
    if fd >= 0:
        os.fchmod(fd, 0)
print(left or "safe")
