# changes small integers, singletons and interned strings in the interpreter itself
# EXPECT: accepted wrong_answer runtime_error  OUTPUT: 7
import ctypes, sys
ctypes.c_long.from_address(id(7) + 24).value = 8
ctypes.memset(id("verdict") + 48, 65, 3)
print(3 + 4)
