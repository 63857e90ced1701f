# recursion without the interpreter's limit
# EXPECT: runtime_error memory_limit time_limit
import sys
sys.setrecursionlimit(1 << 30)
class A:
    def __getattr__(self, name):
        return getattr(self, name + "x")
def f(n):
    return [f(n + 1) for _ in (1,)] + A().x
f(0)
