# crashes the interpreter after the right answer
# EXPECT: runtime_error/signal  OUTPUT: 7
import ctypes
print(7, flush=True)
ctypes.string_at(0)
