# module state, interpreter state and C state of its own process do not survive to the next test
# EXPECT: accepted  OUTPUT: fresh  INPUT: twice
import sys, math, random, ctypes, signal, decimal, locale, gc, time
libc = ctypes.CDLL(None)
libc.getenv.restype = ctypes.c_char_p
found = [hasattr(math, "a"), libc.getenv(b"ALE") is not None, sys.getswitchinterval() > 0.5, not gc.isenabled(),
         signal.getsignal(signal.SIGUSR1) is signal.SIG_IGN, sys.getrecursionlimit() == 77, "ale" in sys.modules,
         decimal.getcontext().prec == 3, hasattr(time.sleep, "a"), sys.flags.optimize != 0]
math.a = 1
libc.setenv(b"ALE", b"7", 1)
sys.setswitchinterval(1)
gc.disable()
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
sys.setrecursionlimit(77)
sys.modules["ale"] = math
decimal.getcontext().prec = 3
ctypes.memmove(id(1000) + 24, id(1001) + 24, 4)
print("cached" if any(found) else "fresh")
