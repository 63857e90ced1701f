# aborts after the right answer
# EXPECT: runtime_error/signal  OUTPUT: 7
import os
print(7, flush=True)
os.abort()
