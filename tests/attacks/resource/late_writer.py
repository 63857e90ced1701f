# a thread-like child floods stdout behind the end: never an endless drain
# EXPECT: wrong_answer output_limit accepted  OUTPUT: 7
import os
print(7, flush=True)
if os.fork() == 0:
    while True:
        os.write(1, b"8\n" * 1000)
os._exit(0)
