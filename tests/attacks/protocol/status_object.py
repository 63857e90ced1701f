# leaves with objects whose magic methods fail or lie
# EXPECT: runtime_error  OUTPUT: 7
import sys
class Code(int):
    def __int__(self): raise ValueError
    def __abs__(self): return 0
    def __and__(self, o): return 0
    def __bool__(self): raise ValueError
print(7, flush=True)
sys.exit(Code(5))
