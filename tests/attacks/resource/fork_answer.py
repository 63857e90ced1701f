# leaves forty sleeping children behind a right answer: the verdict does not wait for them
# EXPECT: accepted  OUTPUT: 7
import os, time
for i in range(40):
    try:
        if os.fork() == 0:
            time.sleep(100)
            os._exit(0)
    except OSError:
        break
print(7)
