# the signal of a batch system, sent by itself
# EXPECT: runtime_error/signal  OUTPUT: 7
import os, signal
print(7, flush=True)
os.kill(os.getpid(), signal.SIGUSR1)
