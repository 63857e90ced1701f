# replaces what the end of the interpreter calls
# EXPECT: wrong_answer runtime_error  OUTPUT: 7
import sys, os, atexit, threading, io, gc
f = sys._getframe(1)
for name in ("_exit", "SE", "BE", "collect", "file", "status"):
    f.f_locals[name] = lambda *a: 0
threading._shutdown = atexit._run_exitfuncs = lambda: os._exit(0)
sys.excepthook = lambda *a: os._exit(0)
raise SystemError
